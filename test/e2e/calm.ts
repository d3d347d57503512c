import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import { handOffs } from "../support/watched.ts";
import { anyMoment } from "./any-moment.ts";
import type { Change } from "./follow.ts";
import { judge } from "./judge.ts";
import { Rounds } from "./rounds.ts";
import type { Story, StoryContext } from "./story.ts";
import type { Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

/** Ten alerts at once on one target, one cure for all of them: one workflow runs, nine wait as ResourceBusy, all end. */
export const tenAtOnce: Story = calm("10 at once, one cure", { targets: 1, together: 10, sameIllness: true, runs: 1, busy: 9 });

/** Ten alerts at once on one target that need a workflow each: ten run, one after the other. */
export const tenCures: Story = calm("10 at once, a cure each", { targets: 1, together: 10, runs: 10 });

/** Two hundred alerts at once over twenty targets. */
export const twoHundred: Story = calm("200 over 20 targets", { targets: 20, together: 10, runs: 200 });

interface Calm {
  readonly targets: number;
  readonly together: number;
  /** One workflow cures all of a target. */
  readonly sameIllness?: boolean;
  /** How many workflows have to run. */
  readonly runs: number;
  /** How many requests have to say ResourceBusy, naming what they wait for. */
  readonly busy?: number;
}

/** One round with nothing in its way. With healthy Leases no target ever has a second execution that has not ended (invariant E). */
function calm(name: string, order: Calm): Story {
  return { name, share: 0, tell: (context) => tell(name, order, context) };
}

async function tell(story: string, { targets, together, sameIllness = false, runs, busy }: Calm, { world, signal }: StoryContext): Promise<Verdict> {
  const startedMs = performance.now();
  const rounds = new Rounds(world, { story, targets: world.targets.slice(0, targets), together, more: (launched) => !signal.aborted && launched < targets * together, sameIllness });
  using any = anyMoment(rounds);
  await rounds.run();
  const verdict = await judge(world, { story, rounds, faults: [], any: any.moments, seconds: (performance.now() - startedMs) / 1000 });
  const also = [
    ...expected("workflows that ran", verdict.ran, runs),
    ...expected("executions unfinished at once on a target", mostUnfinished(world), 1),
    ...(busy === undefined ? [] : expected("requests that waited as ResourceBusy", busyRequests(world), busy)),
  ];
  return { ...verdict, wrong: [...verdict.wrong, ...also] };
}

function mostUnfinished({ record }: World): number {
  // Changes of this kind carry objects of this kind.
  const executions = record.changes.filter(({ object }) => object.kind === "WorkflowExecution") as readonly Change<WorkflowExecution>[];
  const byTarget = Map.groupBy(executions, ({ object }) => object.spec.targetResource);
  return Math.max(0, ...[...byTarget.values()].map((onTarget) => handOffs(onTarget).most));
}

/** Requests that said ResourceBusy and named what they wait for, at any time. */
function busyRequests({ record }: World): number {
  const busy = record.requestChanges.filter(({ object }) => object.status?.routingStatus?.blockReason === "ResourceBusy" && object.status.routingStatus.blockingWorkflowExecution);
  return new Set(busy.map(({ object }) => object.metadata.uid)).size;
}

function expected(what: string, seen: number, wanted: number): readonly string[] {
  return seen === wanted ? [] : [`${what}: ${seen}, not ${wanted}`];
}
