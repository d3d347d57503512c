import { editsOf } from "../edit.ts";
import type { Mutant } from "../mutant.ts";

const triggers = editsOf("remediation/triggers.ts");
const ownSteps = editsOf("remediation/own-steps.ts");
const executorTriggers = editsOf("workers/execution/triggers.ts");
const watcher = editsOf("cache/watcher.ts");
const watcherState = editsOf("cache/watcher-state.ts");
const store = editsOf("cache/store.ts");
const queue = editsOf("queue/work-queue.ts");
const controller = editsOf("controller/controller.ts");
const rankGate = editsOf("controller/rank-gate.ts");
const ranking = editsOf("controller/rank/ranking.ts");
const members = editsOf("controller/rank/members.ts");
const guard = editsOf("remediation/timeout-guard.ts");

/** One of what is listened to, left out. */
function deaf(id: string, kind: string, subscription: string): Mutant {
  return { id, what: `the orchestrator does not listen to ${kind}`, edits: [triggers(subscription, "")], by: "simulation", breaks: ["L1"] };
}

/** Events that wake nobody: without a fault nothing may have to wait for the slow look. */
const wakes: readonly Mutant[] = [
  deaf("Z50a", "remediations", "    informers.remediationRequests.subscribe((event) => onRequest(event, caches, own, enqueue)),\n"),
  deaf("Z50b", "signal processing", "    informers.signalProcessings.subscribe(onChild),\n"),
  deaf("Z50c", "analyses", "    informers.aiAnalyses.subscribe(onChild),\n"),
  deaf("Z50d", "assessments", "    informers.effectivenessAssessments.subscribe(onChild),\n"),
  deaf("Z50e", "executions", "    informers.workflowExecutions.subscribe((event) => onExecution(event, caches, enqueue)),\n"),
  {
    id: "Z50f",
    what: "the orchestrator does not listen to Leases",
    edits: [triggers("    informers.leases.subscribe((event) => onLease(event, caches, enqueue)),\n", "")],
    // Its holder's end wakes the same ones a little later: only the hand-off gets slower.
    by: { test: "test/unit/remediation/triggers.test.ts", named: "a claim that goes wakes the first in line, and those whose launch met it" },
  },
  {
    id: "Z50g",
    what: "the first in line for a target is not woken",
    edits: [triggers("if (first) enqueue(keyOf(first));", "if (first && !caches) enqueue(keyOf(first));")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z50h",
    what: "those who follow a remediation are not woken by its end",
    edits: [triggers("  for (const follower of caches.remediationRequests.byIndex(FOLLOWERS_BY_LEADER, rr.metadata.name)) enqueue(keyOf(follower));\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z50i",
    what: "a remediation that we have put in line ourselves is not looked at when the cache has it there",
    edits: [ownSteps(`else if (phase !== "Blocked") this`, "else this")],
    // Whoever is in the way has a claim as a rule, and its end wakes those who launch as well.
    by: { test: "test/unit/remediation/triggers.test.ts", named: "one that we have put in line is looked at once the cache has it there: what was in the way may have gone before" },
  },
  {
    id: "Z80",
    what: "a child whose owner the cache does not have yet wakes it: whose turn it is is guessed from the wrong name, and two replicas launch",
    edits: [triggers("if (known) enqueue(keyOf(known));", 'if (owner) enqueue(`${object.metadata.namespace ?? ""}/${owner.name}`);')],
    by: { test: "test/unit/remediation/triggers.test.ts", named: "Z80: a child whose owner is not known here yet wakes nobody: its target is not known either, and so whose turn it is" },
  },
  {
    id: "Z51a",
    what: "the executor does not listen to Jobs",
    edits: [executorTriggers(`      if (owner?.kind === "WorkflowExecution") enqueue`, `      if (owner?.kind === "nothing") enqueue`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z51b",
    what: "the executor does not listen to the owners of executions",
    edits: [executorTriggers("    informers.remediationRequests.subscribe(({ object }) => enqueue(executionKeyOf(object))),\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
];

/** The local copies. */
const caches: readonly Mutant[] = [
  {
    id: "Z52",
    what: "a watch that is told 410 goes on from the same place",
    edits: [watcherState(`return isKubeError(error, "Expired") ? { at: "empty", failures } : {`, `return isKubeError(error, "BadRequest") ? { at: "empty", failures } : {`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z53",
    what: "a watch that broke is not opened again",
    edits: [watcher("    return { state, error };\n", "    await new Promise((_resolve, reject) => signal.addEventListener(\"abort\", reject));\n    return { state, error };\n")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z54",
    what: "a watch goes on from now, not from where it was",
    edits: [watcher("resourceVersion: from.resourceVersion, timeoutSeconds", `resourceVersion: "", timeoutSeconds`)],
    by: "simulation",
    breaks: ["L1", "I1", "I2", "E"],
  },
  {
    id: "Z55",
    what: "what a new list does not hold stays in the cache",
    edits: [store("...gone.flatMap((object) => this.#drop(object)), ", "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z56",
    what: "the cache goes back to an older version that comes late",
    edits: [store("if (previous && compareResourceVersions(object.metadata.resourceVersion, previous.metadata.resourceVersion) <= 0) return [];", "")],
    by: { test: "test/unit/cache/store.test.ts", named: "an older version, or the same one again, changes nothing" },
  },
];

/** Queue and controller. */
const work: readonly Mutant[] = [
  {
    id: "Z57",
    what: "a key that comes while it is in hand is lost",
    edits: [queue("if (this.#inHand.has(key)) this.#dirty.add(key);\n    else", "if (!this.#inHand.has(key))")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z58",
    what: "a key that is in hand is handed out once more",
    edits: [queue("if (this.#inHand.has(key)) this.#dirty.add(key);\n    else this", "this")],
    by: { test: "test/unit/queue/work-queue.test.ts", named: "hands a key out to nobody else while it is in hand, and once more if it was added meanwhile" },
  },
  {
    id: "Z59",
    what: "a look that failed is not tried again",
    edits: [controller("    item.retry(retryAfterMs(error));\n", "    item.forget();\n")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z60",
    what: "a key that was left to another replica does not come back",
    edits: [rankGate("      if (up) up.isUp = true;\n      pass(key);", "      if (up) up.isUp = true;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z62",
    what: "a timeout wins over what has finished",
    edits: [guard(`if (outcome.kind !== "wait" || outcome.heldUp) return outcome;`, `if (outcome.kind === "again") return outcome;`)],
    by: { test: "test/unit/remediation/timeout-guard.test.ts", named: "lets what has finished win over a limit that has passed" },
  },
];

const longLine = ranking("return Math.round(limitMs - limitMs * (1 - stepMs / limitMs) ** rank);", "return limitMs > 0 ? stepMs * rank : 0;");
const unlimited = rankGate("dueMs: Math.min(movedMs + delayMs, sinceMs + limitMs)", "dueMs: movedMs + delayMs + 0 * limitMs");
const RANK_GATE_TEST = "test/unit/controller/rank-gate.test.ts";

/** Who acts first is a guess: it may cost a second, never more. */
const ranks: readonly Mutant[] = [
  {
    id: "Z67a",
    what: "a place in the line waits as long as the line is: no limit anywhere",
    edits: [longLine, unlimited],
    by: { test: "test/simulation/ranks.test.ts", named: "when ten who never act keep their membership alive in front of everybody" },
  },
  {
    id: "Z67b",
    what: "places far back in the line are held by the limit alone, and all act at once",
    edits: [longLine],
    by: { test: "test/unit/controller/rank.test.ts", named: "grows from place to place and stays within its limit, however long the line is" },
  },
  {
    id: "Z68",
    what: "a key that keeps moving waits anew each time, without a limit",
    edits: [unlimited],
    by: { test: RANK_GATE_TEST, named: "lets a key act once its limit is over, however often it moves: somebody's heartbeats keep nobody waiting for ever" },
  },
  {
    id: "Z69a",
    what: "a wait begins anew when the ranks change",
    edits: [rankGate("before?.version === version ? before.movedMs : nowMs", "nowMs")],
    by: { test: RANK_GATE_TEST, named: "does not begin anew when the ranks change: members that come and go keep nobody waiting" },
  },
  {
    id: "Z69b",
    what: "a better place does not shorten a wait that has begun",
    edits: [rankGate("const keepsTimer = !isOver && before?.dueMs === wait.dueMs && !before.isUp;", "const keepsTimer = !isOver && before?.version === wait.version && !before.isUp;")],
    by: { test: RANK_GATE_TEST, named: "counts what a key has waited already when a better place becomes free" },
  },
  {
    id: "Z70",
    what: "a membership is believed for as long as it says",
    edits: [members("Math.min(object.spec?.leaseDurationSeconds ?? 0, MOST_BELIEVED_SECONDS)", "Math.max(object.spec?.leaseDurationSeconds ?? 0, Math.min(0, MOST_BELIEVED_SECONDS))")],
    by: { test: "test/unit/controller/rank.test.ts", named: "does not believe a Lease for a day that says so once" },
  },
];

/** Bugs of caches, queue, controller and triggers: everything that waits has something to wake it. */
export const runtimeMutants: readonly Mutant[] = [...wakes, ...caches, ...work, ...ranks];
