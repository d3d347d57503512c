import { judge } from "./judge.ts";
import { Rounds } from "./rounds.ts";
import type { Story, StoryContext } from "./story.ts";
import type { Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

/** Ten alerts at once on one target, one cure for all of them: one workflow runs, nine wait as ResourceBusy, all end. */
export const tenAtOnce: Story = {
  name: "10 at once, one cure",
  share: 0,
  async tell(context) {
    const verdict = await calm(context, "10 at once, one cure", { targets: 1, together: 10, rounds: 1, sameIllness: true });
    return { ...verdict, wrong: [...verdict.wrong, ...expected("workflows that were made", executionsMade(context.world), 1), ...expected("requests that waited as ResourceBusy", busyRequests(context.world), 9)] };
  },
};

/** Ten alerts at once on one target that need a workflow each: ten run, one after the other. */
export const tenCures: Story = {
  name: "10 at once, a cure each",
  share: 0,
  async tell(context) {
    const verdict = await calm(context, "10 at once, a cure each", { targets: 1, together: 10, rounds: 1 });
    return { ...verdict, wrong: [...verdict.wrong, ...expected("workflows that were made", executionsMade(context.world), 10), ...expected("executions fenced", verdict.fenced, 0)] };
  },
};

/** Two hundred alerts at once over twenty targets. */
export const twoHundred: Story = {
  name: "200 over 20 targets",
  share: 0,
  async tell(context) {
    const verdict = await calm(context, "200 over 20 targets", { targets: 20, together: 10, rounds: 1 });
    return { ...verdict, wrong: [...verdict.wrong, ...expected("workflows that were made", executionsMade(context.world), 200), ...expected("executions fenced", verdict.fenced, 0)] };
  },
};

interface Calm {
  readonly targets: number;
  readonly together: number;
  readonly rounds: number;
  readonly sameIllness?: boolean;
}

async function calm({ world, signal }: StoryContext, story: string, { targets, together, rounds: times, sameIllness = false }: Calm): Promise<Verdict> {
  const startedMs = performance.now();
  const rounds = new Rounds(world, {
    story,
    targets: world.targets.slice(0, targets),
    together,
    more: (launched) => !signal.aborted && launched < targets * together * times,
    sameIllness,
  });
  await rounds.run();
  const seconds = (performance.now() - startedMs) / 1000;
  return judge(world, { story, rounds, marks: [], seconds });
}

function executionsMade({ record }: World): number {
  return new Set(record.changes.filter(({ object }) => object.kind === "WorkflowExecution").map(({ object }) => object.metadata.uid)).size;
}

/** Requests that said ResourceBusy and named what they wait for, at any time. */
function busyRequests({ record }: World): number {
  const busy = record.requestChanges.filter(({ object }) => object.status?.routingStatus?.blockReason === "ResourceBusy" && object.status.routingStatus.blockingWorkflowExecution);
  return new Set(busy.map(({ object }) => object.metadata.uid)).size;
}

function expected(what: string, seen: number, wanted: number): readonly string[] {
  return seen === wanted ? [] : [`${what}: ${seen}, not ${wanted}`];
}
