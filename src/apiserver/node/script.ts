import type { Clock, Timer } from "../../lib/clock.ts";
import type { ContainerEvents, ContainerExit, ContainerRunner, ContainerSpec, RunningContainer } from "./container.ts";

/** Annotation of a pod that says what its container is to play: JSON of a `Script`. */
export const SCRIPT_ANNOTATION = "ro.dev/script";

/** Annotation: milliseconds that the container runs on after it was told to stop. Absent or not a number: 0. */
export const STOP_ANNOTATION = "ro.dev/stop-ms";

/** What a scripted container does. */
export interface Script {
  /** Default 300. */
  readonly runMs: number;
  /** Default 0; 137 when `oomKilled`. */
  readonly exitCode: number;
  /** Ends with reason OOMKilled. */
  readonly oomKilled: boolean;
  /** Lines that it prints when it starts. */
  readonly log: readonly string[];
}

/** The script of a pod. What is missing, or of the wrong type, has its default; text that is no JSON throws SyntaxError. */
export function scriptOf(annotations: Readonly<Record<string, string>>): Script {
  const text = annotations[SCRIPT_ANNOTATION];
  const given = (text === undefined ? {} : JSON.parse(text)) as Partial<Record<keyof Script, unknown>> | null; // Written by hand: every field is looked at.
  const oomKilled = given?.oomKilled === true;
  return {
    runMs: typeof given?.runMs === "number" ? given.runMs : 300,
    exitCode: typeof given?.exitCode === "number" ? given.exitCode : oomKilled ? 137 : 0,
    oomKilled,
    log: Array.isArray(given?.log) ? given.log.map(String) : [],
  };
}

/** Plays scripts in the clock's time: exit 143 when it stopped as told, 137 when its grace period was over first. */
export function scriptRunner(clock: Clock): ContainerRunner {
  return (spec, events) => {
    const script = readScript(spec, events);
    return script ? new ScriptedContainer(clock, spec, script, events) : refused(clock, events);
  };
}

function readScript(spec: ContainerSpec, events: ContainerEvents): Script | undefined {
  try {
    return scriptOf(spec.annotations);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    events.line(`annotation ${SCRIPT_ANNOTATION} is no JSON: ${error.message}`);
    return undefined;
  }
}

function refused(clock: Clock, events: ContainerEvents): RunningContainer {
  const timer = clock.timer(0, () => events.exit({ exitCode: 128, reason: "StartError", message: `annotation ${SCRIPT_ANNOTATION} is no JSON` }));
  return { stop: () => undefined, kill: () => Promise.resolve(timer.cancel()) };
}

class ScriptedContainer implements RunningContainer {
  readonly #clock: Clock;
  readonly #stopMs: number;
  readonly #events: ContainerEvents;
  // How it ends as things stand; an earlier end replaces a later one, never the other way round.
  #endMs: number;
  #timer: Timer;

  constructor(clock: Clock, spec: ContainerSpec, script: Script, events: ContainerEvents) {
    this.#clock = clock;
    this.#stopMs = Number(spec.annotations[STOP_ANNOTATION] ?? 0) || 0;
    this.#events = events;
    for (const line of script.log) events.line(line);
    const reason = script.oomKilled ? "OOMKilled" : script.exitCode === 0 ? "Completed" : "Error";
    this.#endMs = clock.monotonic() + script.runMs;
    this.#timer = this.#endAfter(script.runMs, { exitCode: script.exitCode, reason });
  }

  stop(graceMs: number): void {
    const obeys = this.#stopMs <= graceMs;
    const afterMs = obeys ? this.#stopMs : graceMs;
    const endMs = this.#clock.monotonic() + afterMs;
    if (endMs >= this.#endMs) return;
    this.#timer.cancel();
    this.#endMs = endMs;
    this.#timer = this.#endAfter(afterMs, { exitCode: obeys ? 143 : 137, reason: "Error" });
  }

  kill(): Promise<void> {
    this.#timer.cancel();
    return Promise.resolve();
  }

  #endAfter(afterMs: number, exit: ContainerExit): Timer {
    return this.#clock.timer(afterMs, () => this.#events.exit(exit));
  }
}
