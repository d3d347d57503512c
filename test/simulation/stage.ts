import type { KubeObject } from "../../src/api/object.ts";
import { targetString } from "../../src/api/target.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { ObjectChange } from "../../src/apiserver/server.ts";
import { MEMBER_LABEL } from "../../src/controller/rank/membership.ts";
import { chanceOf, hashOf, seeded, type Chance } from "./chance.ts";
import { Endings } from "./judge-endings.ts";
import { Fences, takenTooEarly } from "./judge-leases.ts";
import { Judge, type Violation } from "./judge.ts";
import { Looks } from "./looks.ts";
import type { Fired } from "./fired.ts";
import type { Journey, Message } from "./network.ts";
import { People } from "./people.ts";
import { isGoodDay, type Plan, type PlannedReplica } from "./plan.ts";
import { stepOf, type ProtocolStep } from "./protocol-step.ts";
import { EPOCH_MS } from "./process.ts";
import { PATIENCE_MS, SimReplica } from "./replica.ts";
import { membershipTold } from "./membership-told.ts";
import { Touched, type Untouched } from "./touched.ts";
import { Trouble } from "./trouble.ts";
import { Waits, type Wait } from "./waits.ts";
import { workAtHand } from "./work-at-hand.ts";
import { targetOf } from "./workload.ts";
import { headersOf, World } from "./world.ts";

/** After the last fault everything that is not cancelled ends within this. Virtual milliseconds. */
export const LIVENESS_MS = 600_000;

/** Receives a run as lines that a person can read. `isRenewal`: it only tells that somebody renewed his membership, as most lines of a long run do. */
export type Telling = (line: string, isRenewal: boolean) => void;

/** A world, the replicas in it, what goes wrong, and who judges. */
export class Stage {
  readonly world: World;
  readonly fired: Fired[] = [];
  readonly #plan: Plan;
  readonly #tell: Telling | undefined;
  readonly #touched = new Touched();
  readonly #judge: Judge;
  readonly #endings: Endings;
  readonly #fences: Fences;
  readonly #people: People;
  readonly #trouble: Trouble;
  readonly #replicas: readonly SimReplica[];
  readonly #membershipTold: ReturnType<typeof membershipTold>;
  readonly #steps = new WeakMap<Message, ProtocolStep>();
  readonly #waits: Waits;
  readonly #looks = new Looks();
  readonly #executingMs: number;
  #violation: Violation | undefined;
  #interleaving = 0;
  #movedMs = 0;
  #isRepeat = false;

  constructor(plan: Plan, tell: Telling | undefined) {
    this.#plan = plan;
    this.#tell = tell;
    this.#executingMs = plan.stop?.by === "limit" ? plan.stop.afterMs : PATIENCE_MS;
    const names = plan.replicas.map((_, at) => `replica-${at}`);
    this.#waits = new Waits((user) => names.includes(user));
    this.world = new World({ plan, replicas: names, changed: (change, by) => this.#onChange(change, by) });
    const broken = (violation: Violation): void => this.broken(violation);
    this.#judge = new Judge({ view: this.world.view, broken, touched: this.#touched, goodDay: isGoodDay(plan) });
    const sick = new Set(plan.sick?.map((at) => targetString(targetOf(at))));
    this.#fences = new Fences({ broken, touched: this.#touched });
    this.#endings = new Endings({ ledger: () => this.world.ledger, nowMs: () => EPOCH_MS + this.world.timeline.nowMs, isHealthy: (target) => !sick.has(target), executingMs: this.#executingMs, broken, touched: this.#touched });
    this.#membershipTold = membershipTold({ plan, replicas: names, timeline: this.world.timeline, resourceVersion: () => this.world.server.resourceVersion });
    this.#people = new People({ world: this.world, plan, touch: (object, how) => this.#touched.touch(object, how) });
    const chance = chanceOf(seeded(hashOf(plan.seed, "trouble")));
    this.#trouble = new Trouble(plan.faults, { world: this.world, people: this.#people, replicas: () => this.#replicas, chance, strikes: (fault, arrival) => this.#onFault(fault, arrival), hit: (fired) => this.#onHit(fired) });
    this.#replicas = plan.replicas.map((planned, at) => this.#replica(planned, names[at] ?? ""));
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  get interleaving(): number {
    return this.#interleaving;
  }

  /** How long nothing of the remediations has moved. Virtual milliseconds. */
  get quietMs(): number {
    return this.world.timeline.nowMs - this.#movedMs;
  }

  get fenced(): number {
    return this.#judge.fenced;
  }

  get untouched(): Untouched {
    return this.#touched.untouched;
  }

  get longestWait(): Wait {
    return this.#waits.longest;
  }

  /** The first promise that is broken counts. */
  broken(violation: Violation): void {
    if (this.#violation) return;
    this.#violation = violation;
    this.#say(`${violation.invariant} is broken: ${violation.what}`);
  }

  judgeRuns(): void {
    this.#judge.onRuns(this.world.ledger);
    this.#fences.onRuns(this.world.ledger);
    this.#endings.onRuns(this.world.ledger);
  }

  endFaults(): void {
    this.#say("nothing goes wrong any more");
    this.#trouble.end();
  }

  /** What has not come to its end yet; undefined when all is done and nobody is about to do anything. */
  unfinished(): string | undefined {
    if (this.world.raised < this.#plan.requests.length) return "not all alerts have been raised";
    if (this.#trouble.lasts) return "a fault lasts";
    return this.#people.busy ? "somebody is about to do something" : this.world.view.unfinished();
  }

  close(): void {
    for (const replica of this.#replicas) replica.kill();
    this.world.server.close();
  }

  #replica(planned: PlannedReplica, name: string): SimReplica {
    const chance = chanceOf(seeded(hashOf(this.#plan.seed, name, "network")));
    const replica: SimReplica = new SimReplica({
      seed: this.#plan.seed,
      name,
      timeline: this.world.timeline,
      executingMs: this.#executingMs,
      looks: (what) => this.#onLook(name, what),
      log: (process, level, message, fields) => (level === "debug" ? undefined : this.#say(`${process} says: ${message}`, fields)),
      crashed: (error) => this.broken({ invariant: "crash", what: `${name}: ${String(error)}` }),
      network: {
        headers: headersOf(name),
        handle: (process, request) => this.#membershipTold(process.name, request) ?? this.world.handle(process.name, request),
        send: (message) => this.#journey(replica, planned, chance, message),
        landed: (message, status) => this.#onLanded(message, status),
        failed: (message) => this.#trouble.failed(message),
        again: (message, handle) => this.#again(message, handle),
        lagMs: (path) => chance.between(0.1, planned.lagMs) + slownessOf(planned, path, chance) + this.#trouble.extraLagMs(replica, path),
      },
    });
    return replica;
  }

  /** Where time stands still the run would have no end: the look fails, and is tried again later. */
  #onLook(name: string, what: string): void {
    if (!this.#looks.areEndless(this.world.timeline.steps)) return;
    this.broken({ invariant: "L1", what: `${name} looks at ${what} over and over, and time stands still` });
    throw new Error("one look follows the other without an end");
  }

  #journey(replica: SimReplica, planned: PlannedReplica, chance: Chance, message: Message): Journey {
    const [requestMs, answerMs] = [chance.between(0.05, planned.requestMs), chance.between(0.05, planned.answerMs)];
    const step = stepOf(message.request, workAtHand(), this.world.view);
    if (step === undefined) return { fate: { kind: "arrives" }, requestMs, answerMs };
    this.#steps.set(message, step);
    const met = this.#trouble.meet({ step, replica, message });
    return { fate: met.fate, requestMs: requestMs + met.requestMs, answerMs: answerMs + met.answerMs };
  }

  #onLanded(message: Message, status: number): void {
    const { method, path } = message.request;
    const step = this.#steps.get(message);
    if (step !== undefined) {
      this.#interleaving = hashOf(this.#interleaving, message.process.name, step, method, status);
      this.#say(`${message.process.name} step ${step}: ${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, "")} -> ${status}`);
    }
    this.#trouble.landed(message, status);
  }

  /** What comes of it nobody of ours has meant to do at this moment. */
  #again(message: Message, handle: () => void): void {
    this.#trouble.failed(message);
    this.#isRepeat = true;
    handle();
    this.#isRepeat = false;
  }

  #onHit(fired: Fired): void {
    this.fired.push(fired);
    if (fired.name === "clock-jump") this.#touched.jumpClock();
  }

  #onFault({ name, forMs }: Plan["faults"][number], { step, replica }: { readonly step: ProtocolStep; readonly replica: SimReplica }): void {
    this.#say(`FAULT ${name} at step ${step} of ${replica.name}, for ${forMs.toFixed(0)} ms`);
  }

  #onChange(change: ObjectChange, by: string): void {
    // What the world is set up with is nobody's doing.
    if (!this.world) return;
    if (this.#tell) this.#say(describe(change, by), undefined, change.type === "MODIFIED" && isMembership(change));
    if (!isMembership(change)) this.#movedMs = this.world.timeline.nowMs;
    this.#waits.onChange(change, by, this.world.timeline.nowMs);
    const object = change.object as unknown as KubeObject; // Only objects with metadata are stored.
    this.#touched.onChange(object);
    if (this.#isRepeat) this.#touched.touch(object, "moved");
    this.#judge.onChange(change);
    this.#endings.onChange(change);
    if (isBegun(change)) this.#people.losePatience(change.object as unknown as WorkflowExecution); // By its kind.
    const early = takenTooEarly(change, EPOCH_MS + this.world.timeline.nowMs);
    if (early) this.broken(early);
  }

  #say(what: string, fields?: object, isRenewal = false): void {
    if (this.#tell) this.#tell(`${this.world.timeline.nowMs.toFixed(1).padStart(10)} ms  ${what}${fields && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields, errorsAsText)}` : ""}`, isRenewal);
  }
}

function slownessOf({ slowWatch }: PlannedReplica, path: string, chance: Chance): number {
  return slowWatch && path.includes(`/${slowWatch.kind}?`) ? chance.between(slowWatch.lagMs / 2, slowWatch.lagMs) : 0;
}

/** Whether an execution has just become Running. */
function isBegun({ type, object, previous }: ObjectChange): boolean {
  const [after, before] = [object, previous] as unknown as readonly [WorkflowExecution, WorkflowExecution | undefined]; // If it is one.
  return type === "MODIFIED" && after.kind === "WorkflowExecution" && after.status?.phase === "Running" && before?.status?.phase !== "Running";
}

/** That replicas are there is said all the time. */
function isMembership({ object }: ObjectChange): boolean {
  const { kind, metadata } = object as unknown as KubeObject; // Only objects with metadata are stored.
  return kind === "Lease" && metadata.labels?.[MEMBER_LABEL] !== undefined;
}

function describe({ type, object, previous }: ObjectChange, by: string): string {
  const { kind, metadata } = object as unknown as KubeObject; // Only objects with metadata are stored.
  const status = (object["status"] ?? {}) as { readonly overallPhase?: string; readonly phase?: string }; // Whatever kind it is.
  const before = (previous?.["status"] ?? {}) as typeof status;
  const phase = status.overallPhase ?? status.phase;
  const from = before.overallPhase ?? before.phase;
  const moved = phase === from ? "" : ` ${from ?? "new"} -> ${phase}`;
  return `  ${by} ${type} ${kind} ${metadata.name}${moved} (version ${metadata.resourceVersion})`;
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}
