import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ACTION_NUMBERS, type Action } from "./action.ts";
import { compile, type Verifier } from "./checker.ts";
import { workFolder } from "./work-folder.ts";

/** Whether the model can do what a trace tells. `stoppedAt` and `action`: the first action that it can not do, whatever came between. */
export interface Replayed {
  readonly accepted: boolean;
  readonly stoppedAt?: number;
  readonly action?: string;
}

/** The model compiled for replay: once, for any number of traces. */
export interface Replayer extends AsyncDisposable {
  replay(traces: readonly (readonly Action[])[]): Promise<readonly Replayed[]>;
}

/**
 * Writes in hand at once that explain a trace: few for the most, more only for what few do not explain. A trace that needs
 * more than the last is refused although the protocol allows it.
 */
const HANDS = [2, 3, 5] as const;

/** Compiles the model with three requests, two orchestrator threads for each, and three executors. Close it when done. */
export async function createReplayer(): Promise<Replayer> {
  const verifier = await compile({ search: "states", defines: ["REPLAY", "N=3", "DOUBLED=3", "EXECUTORS=3", "CHECK=0"] });
  return {
    async replay(traces) {
      const verdicts = new Map<number, Replayed>();
      for (const hands of HANDS) {
        const open = traces.map((_, at) => at).filter((at) => verdicts.get(at)?.accepted !== true);
        const taken = await search(verifier, open.map((at) => traces[at] ?? []), hands);
        open.forEach((at, index) => verdicts.set(at, verdictOf(traces[at] ?? [], taken[index] ?? 0)));
      }
      return traces.map((_, at) => verdicts.get(at) ?? { accepted: false });
    },
    [Symbol.asyncDispose]: () => verifier[Symbol.asyncDispose](),
  };
}

/** Replays traces, in their order, in the model. Throws when Spin or a C compiler is missing or the search gives up. */
export async function replayTraces(traces: readonly (readonly Action[])[]): Promise<readonly Replayed[]> {
  await using replayer = await createReplayer();
  return await replayer.replay(traces);
}

function verdictOf(trace: readonly Action[], taken: number): Replayed {
  const next = trace[taken];
  return next ? { accepted: false, stoppedAt: taken, action: next.said } : { accepted: true };
}

/** How many actions of each trace the model could do at most. */
async function search(verifier: Verifier, traces: readonly (readonly Action[])[], hands: number): Promise<readonly number[]> {
  if (traces.length === 0) return [];
  await using folder = workFolder("ro-traces");
  const path = join(folder.path, "traces");
  await writeFile(path, fileOf(traces));
  const { output } = await verifier.run({ env: { REPLAY_TRACES: path, REPLAY_HANDS: String(hands) } });
  return traces.map((_, at) => takenIn(output, at));
}

function fileOf(traces: readonly (readonly Action[])[]): string {
  const lines = traces.map((trace) => [trace.length, ...trace.map(({ name, request, detail }) => `${ACTION_NUMBERS[name]} ${request} ${detail}`)].join("\n"));
  return `${traces.length}\n${lines.join("\n")}\n`;
}

function takenIn(output: string, trace: number): number {
  const taken = new RegExp(`^replay ${trace} (\\d+) `, "m").exec(output)?.[1];
  if (taken === undefined) throw new Error(`nothing is said of trace ${trace}:\n${output}`);
  return Number(taken);
}
