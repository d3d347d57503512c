import { editsOf } from "../edit.ts";
import type { Mutant } from "../mutant.ts";

const stopping = editsOf("workers/execution/stop-execution.ts");
const finishing = editsOf("workers/execution/finish-execution.ts");
const running = editsOf("workers/execution/running-execution.ts");
const ended = editsOf("workers/execution/ended-execution.ts");
const creator = editsOf("remediation/creators/workflow-execution.ts");
const swap = editsOf("kube/compare-and-swap.ts");
const verification = editsOf("workers/verification/verification-reconciler.ts");

const END_TESTS = "test/unit/workers/execution-end.test.ts";

/** Steps 8 to 11: the end. */
const ends: readonly Mutant[] = [
  {
    id: "Z84",
    what: "an execution that another executor runs is ended, as one whose Job is gone",
    edits: [running("if (isRunByAnother(execution) && !execution", "if (isRunByAnother(execution) && execution")],
    by: { test: END_TESTS, named: "is left alone, whatever would stop one of ours: what it runs is not seen from here (Z84)" },
  },
  {
    id: "Z111",
    what: "an execution that another executor runs is left alone by its deletion too: nothing gives its target back",
    edits: [running("if (isRunByAnother(execution) && !execution.metadata.deletionTimestamp) {", "if (isRunByAnother(execution)) {")],
    by: { test: END_TESTS, named: "is ended where a person deletes it, or nothing would ever give its target back" },
  },
  {
    id: "Z85",
    what: "a PATCH that a rule refuses is taken for one of another object, and repeated for ever without a word",
    edits: [swap("    if (live?.metadata.uid === uid) throw error;\n", "")],
    by: { test: END_TESTS, named: "fails the look, and is not taken for one of another object (Z85)" },
  },
  {
    id: "Z87",
    what: "a workflow ended when the executor's clock says: one that is ahead has it cover alerts that came later",
    edits: [finishing("return secondMs === undefined ? nowMs : Math.min(Math.max(nowMs, secondMs), secondMs + 999);", "return secondMs === undefined ? nowMs : nowMs;")],
    by: { test: END_TESTS, named: "ended when the cluster says, to the second, however far off the clock here is (Z87)" },
  },
  {
    id: "Z4a",
    what: "an execution ends as soon as its Job was told to go",
    edits: [stopping("    return waitFor(GONE_POLL_MS);\n  }\n", "  }\n"), stopping("  if (pods.items.some((pod) => !hasEnded(pod))) return waitFor(GONE_POLL_MS);\n", "")],
    by: "simulation",
    breaks: ["I3", "I2"],
  },
  {
    id: "Z4b",
    what: "an execution ends when its Job is gone, whatever becomes of the pods",
    edits: [stopping("  if (pods.items.some((pod) => !hasEnded(pod))) return waitFor(GONE_POLL_MS);\n", "")],
    by: "simulation",
    breaks: ["I3", "I2"],
  },
  {
    id: "Z8",
    what: "no finalizer on the execution",
    edits: [creator("      ...(options.ourExecutor ? { finalizers: [WORKFLOW_EXECUTION_FINALIZER] } : {}),\n", "")],
    by: "simulation",
    breaks: ["I3", "I2"],
  },
  {
    id: "Z22b",
    what: "a Job that the cache does not know is taken for lost",
    edits: [running("const live = await deps.client.get(kinds.Job, jobKeyOf(execution), { signal });", "const live = signal ? cached : undefined;")],
    by: "simulation",
    breaks: ["status"],
  },
  {
    id: "Z28",
    what: "a Job that a replica with an old view created again is left behind",
    edits: [ended("if (!job?.spec.suspend ||", `if (execution.status?.failureDetails?.reason !== "Deduplicated" || !job?.spec.suspend ||`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z29",
    what: "an execution whose Job was deleted in the background ends before its pods are gone",
    edits: [running(`if (!job) return stop(deps, execution, { reason: "Unknown", message: "The Job is gone before it was seen to finish.", acted: true }, context);`, `if (!job) return finish(deps, execution, { metadata: { uid: "" } }, { type: "Failed", status: "True" }, context);`)],
    by: "simulation",
    breaks: ["I3", "I2"],
  },
  {
    id: "Z30",
    what: "a wall clock that is behind makes the verification wait for hours",
    edits: [verification("Math.min(startMs - nowMs, windowMs)", "startMs - nowMs")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z88",
    what: "a target that stays sick is waited for as long as a wall clock is behind",
    edits: [verification("looks.sinceFirstMs(key, assessment, deps.clock.monotonic());", `looks ? nowMs - startMs : 0;`)],
    by: { test: "test/unit/workers/verification.test.ts", named: "waits for a target that is not healthy as long as it should, however far its wall clock is behind or ahead (Z88)" },
  },
  {
    id: "Z66",
    what: "an execution that is stopped at its limit does not look whether its Job had finished",
    edits: [stopping("if (end) return finish(deps, execution, job, end, context);", "")],
    by: { test: "test/unit/workers/execution-end.test.ts", named: "counts what its Job came to before it could be stopped, however late that is seen" },
  },
  {
    id: "Z31",
    what: "a Job that failed counts as completed",
    edits: [finishing(`end.type === "Complete" ? undefined :`, `end.type ? undefined :`)],
    by: "simulation",
    breaks: ["status"],
  },
  {
    id: "Z32",
    what: "the finalizer of an execution that has ended stays",
    edits: [ended("if (!finalizers.includes(WORKFLOW_EXECUTION_FINALIZER)) return done;", "if (finalizers) return done;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z33",
    what: "the finalizer goes while the workflow still runs",
    edits: [running("  if (over) return stop(deps, execution, over, context);", `  if (over) {
    const { namespace, name, uid, finalizers = [] } = execution.metadata;
    if (finalizers.length > 0) await deps.client.patch(kinds.WorkflowExecution, { namespace, name }, { metadata: { uid, finalizers: [] } }, context);
    return stop(deps, execution, over, context);
  }`)],
    by: "simulation",
    breaks: ["I3"],
  },
  {
    id: "Z102a",
    what: "what an execution of another executor runs is stopped by its name: a Job that has nothing to do with it",
    edits: [stopping("if (job && job.metadata.uid === uid) {", "if (job) {")],
    by: { test: END_TESTS, named: "takes no Job with it that only has the name of what it runs (Z102)" },
  },
  {
    id: "Z102b",
    what: "the Job that is stopped is deleted by name",
    edits: [stopping(`await exactDelete(deps.client, kinds.Job, job, { signal, precondition: "uid", propagation: "Foreground" });`, `await deps.client.delete(kinds.Job, { namespace, name: job.metadata.name }, {}, { signal, propagation: "Foreground" });`)],
    by: { test: END_TESTS, named: "takes the very Job with it that it names, and none that has come in its place (Z102)" },
  },
  {
    id: "Z103",
    what: "a Job is let go by a remediation that only has the name of its owner",
    edits: [running("if (!owner || owner.metadata.uid !== ref.uid) return", "if (!owner) return")],
    by: { test: END_TESTS, named: "takes its Job away where another one has its owner's name (Z103)" },
  },
  {
    id: "Z104a",
    what: "a Job that has run is taken for unused, and deleted with its log, where a cache still shows it suspended",
    edits: [ended(`{ signal, propagation: "Background" }`, `{ signal, precondition: "uid", propagation: "Background" }`)],
    by: { test: END_TESTS, named: "keeps it where the cache shows it as it was before it was let go (Z104)" },
  },
  {
    id: "Z104b",
    what: "whoever takes the finalizer away takes those of others along that its cache does not show",
    edits: [ended("{ metadata: { finalizers: left } }, { signal: context.signal }", `{ metadata: { finalizers: left } }, { signal: context.signal, precondition: "uid" }`)],
    by: { test: END_TESTS, named: "takes its finalizer away, and leaves one that somebody has put there since the cache saw it (Z104)" },
  },
  {
    id: "Z104c",
    what: "a suspended Job of its name is taken for unused, whoever made it",
    edits: [ended("!isJobOf(job, execution) || ", "")],
    by: { test: END_TESTS, named: "leaves a suspended Job that has its Job's name, and that somebody else made (Z104)" },
  },
  {
    id: "Z107",
    what: "the claim is given back although the end could not be written: the next one meets an execution that runs",
    edits: [finishing(`  if (written.kind === "stale") return waitFor(retryMs);\n`, "")],
    by: { test: END_TESTS, named: "does not give the target's claim back: for everybody else it runs (Z107)" },
  },
];

/** Step 10: each reason to stop a run, for itself; and all of them. */
const stops: readonly Mutant[] = [
  {
    id: "Z110a",
    what: "nothing that runs is ever stopped",
    edits: [running("const over = await reasonToStop(deps, execution, known?.spec.suspend !== false, context);", "const over = (await reasonToStop(deps, execution, known?.spec.suspend !== false, context)) && undefined;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110b",
    what: "the end of a remediation does not stop what runs for it",
    edits: [running("return isTerminalPhase(owner.status?.overallPhase) ? stopped(`Stopped: its RemediationRequest is ${owner.status?.overallPhase}.`) : undefined;", "return isTerminalPhase(owner.status?.overallPhase) ? undefined : undefined;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110c",
    what: "what runs for a remediation that is gone is left to the garbage collector",
    edits: [running("if (!owner || owner.metadata.uid !== ref.uid) return stopped(\"Stopped: its RemediationRequest is gone.\");", "if (!owner || owner.metadata.uid !== ref.uid) return undefined;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110d",
    what: "an execution that is deleted runs on",
    edits: [running("  if (execution.metadata.deletionTimestamp) return stopped(\"Stopped: it was deleted.\");\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110e",
    what: "an execution whose limit is over runs on, and is looked at without a pause",
    edits: [running("  if (untilDue(deps, execution) <= 0) return { reason: \"DeadlineExceeded\", message: \"Stopped: it took longer than its limit.\", acted: true };\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
];

/** Bugs of the executor and of the verification: steps 8 to 11. */
export const executionEndMutants: readonly Mutant[] = [...ends, ...stops];
