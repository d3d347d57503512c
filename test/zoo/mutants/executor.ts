import { editsOf } from "../edit.ts";
import type { Mutant } from "../mutant.ts";

const gate = editsOf("workers/execution/gate.ts");
const contenders = editsOf("workers/execution/contenders.ts");
const jobFor = editsOf("workers/execution/job-for.ts");
const pending = editsOf("workers/execution/pending-execution.ts");
const running = editsOf("workers/execution/running-execution.ts");
const deps = editsOf("workers/execution/execution-deps.ts");
const reconciler = editsOf("workers/execution/execution-reconciler.ts");
const informers = editsOf("informers.ts");

const START_TESTS = "test/unit/workers/execution-start.test.ts";
const GATE_TESTS = "test/unit/workers/execution-gate.test.ts";
const END_TESTS = "test/unit/workers/execution-end.test.ts";
const CONTENDERS_TESTS = "test/unit/workers/execution-contenders.test.ts";

/** Steps 5 and 6: who may start. */
const admission: readonly Mutant[] = [
  {
    id: "Z1",
    what: "no gate at step 5",
    edits: [gate("  const ownerUid = controllerOf(execution)?.uid;", `  if (execution) return { kind: "open" };\n  const ownerUid = controllerOf(execution)?.uid;`)],
    by: "simulation",
    breaks: ["I5", "I4"],
  },
  {
    id: "Z2a",
    what: "younger Pending ones are not fenced at step 6",
    edits: [contenders(`return { kind: "clear", fence: others };`, `return { kind: "clear", fence: [] };`)],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z2b",
    what: "step 6 asks only who is first by timestamp",
    edits: [contenders("others.find(countsAsRunning)", "others.find(() => false)"), contenders(`return { kind: "clear", fence: others };`, `return { kind: "clear", fence: [] };`)],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z2c",
    what: "no step 6 at all",
    edits: [contenders("  const others = all.filter(", `  if (execution) return { kind: "clear", fence: [] };\n  const others = all.filter(`)],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z2d",
    what: "of two of one second each takes the other for the older one",
    edits: [contenders("createdA === createdB ? a.metadata.uid < b.metadata.uid : createdA < createdB", "createdA <= createdB")],
    by: { test: CONTENDERS_TESTS, named: "orders those of the same second by uid, the same way from both sides" },
  },
  {
    id: "Z2e",
    what: "an execution without an owner does not count as running",
    edits: [contenders(` || controllerOf(execution) === undefined`, "")],
    by: { test: CONTENDERS_TESTS, named: "takes one without an owner, or in an unknown phase, for running" },
  },
  {
    id: "Z5a",
    what: "the gate does not ask which uid the owner names",
    edits: [gate("if (named?.uid === execution.metadata.uid)", "if (named?.name === execution.metadata.name)")],
    by: "simulation",
    breaks: ["I5", "I4"],
  },
  {
    id: "Z5b",
    what: "the gate does not ask whether the owner is the one of that uid",
    edits: [gate("if (!owner || owner.metadata.uid !== ownerUid)", "if (!owner)")],
    by: { test: GATE_TESTS, named: "refuses when the owner is gone, or another one has its name (Z5)" },
  },
  {
    id: "Z6",
    what: "the gate waits for a Blocked owner",
    edits: [gate(`    case "AwaitingApproval":`, `    case "AwaitingApproval":\n    case "Blocked":`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z11a",
    what: "step 6 looks into a second watch of executions, which may be behind",
    edits: [
      informers("  const leases = inform(", "  const contenders = inform(kinds.WorkflowExecution, { [BY_TARGET]: executionTarget });\n  const leases = inform("),
      informers("workflowExecutions.cache.byIndex(BY_TARGET, targetKey)", "contenders.cache.byIndex(BY_TARGET, targetKey)"),
    ],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z11b",
    what: "step 6 looks into the cache about an execution that was read live",
    edits: [reconciler("const execution = deps.executions.get(parseKey(key));", "const execution = await deps.client.get(kinds.WorkflowExecution, parseKey(key), { signal: context.signal });"), reconciler(`import { parseKey }`, `import { kinds } from "../../api/kinds.ts";\nimport { parseKey }`)],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z100",
    what: "a younger one that could not be fenced does not stop the start: it may run",
    edits: [pending(`if ((await write(deps, younger, status, context)).kind === "stale") return waitFor(retryMs);`, "await write(deps, younger, status, context);")],
    by: { test: START_TESTS, named: "does not start where that one has moved on since: it may run (Z100)" },
  },
  {
    id: "Z108",
    what: "a Pending execution that was deleted begins all the same",
    edits: [pending("  if (execution.metadata.deletionTimestamp) return cancelPending(deps, execution, context);\n", "")],
    by: { test: END_TESTS, named: "is fenced where it was deleted before it began, although its owner names it, and no Job is made (Z108)" },
  },
  {
    id: "Z109",
    what: "a workflow for another cluster runs here, on whatever has the same name",
    edits: [pending("return spec.clusterID ? {", `return spec.clusterID === "" ? {`)],
    by: { test: END_TESTS, named: "is Failed where its target is in another cluster, and no Job is made" },
  },
  {
    id: "Z101",
    what: "the gate asks the cache about the owner",
    edits: [pending("(await deps.client.get(kinds.RemediationRequest, key, { signal }))", "deps.requests.get(key)")],
    by: { test: START_TESTS, named: "does not start, although the cache still shows the owner Executing and naming it (Z101)" },
  },
];

/** Steps 7 and 8: the Job. */
const jobs: readonly Mutant[] = [
  {
    id: "Z3",
    what: "the Job is created running",
    edits: [jobFor("      suspend: true,", "      suspend: false,")],
    by: "simulation",
    breaks: ["I3", "I4", "I2"],
  },
  {
    id: "Z71",
    what: "a suspended Job is let go on what the cache says of its owner",
    edits: [running("!toBeResumed && cached", "cached")],
    by: { test: "test/unit/workers/execution-end.test.ts", named: "is read live before a suspended Job is let go, whatever the cache says" },
  },
  {
    id: "Z77",
    what: "the cache is not told that the Job was let go: the news of its birth makes the executor let it go once more",
    edits: [running("  deps.observe.job(resumed.object);\n", "")],
    by: { test: "test/unit/workers/execution-start.test.ts", named: "becomes Running and names its Job, which is let go only then" },
  },
  {
    id: "Z9a",
    what: "the Job is resumed by name, without its uid",
    edits: [running(`exactPatch(deps.client, kinds.Job, job, { spec: { suspend: false } }, { signal, precondition: "uid" })`, `deps.client.patch(kinds.Job, job.metadata, { spec: { suspend: false } }, { signal }).then((object) => ({ kind: "written", object }))`)],
    by: "simulation",
    breaks: ["I3", "I4"],
  },
  {
    id: "Z9b",
    what: "any Job of its name is taken for the one that a Running execution names",
    edits: [running("return job.metadata.uid === execution.status?.executionRef?.uid && isJobOf(job, execution);", "return job !== undefined && execution !== undefined;"), running("if (job.metadata.uid !== execution.status?.executionRef?.uid) return waitFor(retryMs);", "")],
    by: "simulation",
    breaks: ["I3", "I4"],
  },
  {
    id: "Z9c",
    what: "a Job of its name and another uid is taken for the one that it names: never let go, and waited for for ever",
    edits: [running("return job.metadata.uid === execution.status?.executionRef?.uid && isJobOf(job, execution);", "return isJobOf(job, execution);")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z10b",
    what: "step 7 is written at whatever version is there",
    edits: [deps("const swapped = await casStatus(deps.client, kinds.WorkflowExecution, { ...execution, status }, { signal });", "const { namespace, name } = execution.metadata;\n  const there = await deps.client.get(kinds.WorkflowExecution, { namespace, name }, { signal });\n  const swapped = await casStatus(deps.client, kinds.WorkflowExecution, { ...execution, metadata: there?.metadata ?? execution.metadata, status }, { signal });")],
    // That what has ended stays ended is a rule of the CRD as well: the API server hides most of it from the simulation.
    by: { test: "test/unit/workers/execution-start.test.ts", named: "does not become Running at a version that nobody judged: its Job stays suspended (Z10)" },
  },
  {
    id: "Z15c",
    what: "a Job that is there already is taken for somebody else's",
    edits: [pending(`return job && isJobOf(job, execution) && !job.metadata.deletionTimestamp ? { kind: "ours", job } : { kind: "occupied" };`, `return job ? { kind: "occupied" } : { kind: "occupied" };`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z99a",
    what: "a Job that is being deleted is adopted: the workflow fails that never ran",
    edits: [pending("isJobOf(job, execution) && !job.metadata.deletionTimestamp ?", "isJobOf(job, execution) ?")],
    by: { test: START_TESTS, named: "is not adopted while it is being deleted: it would never run; the next one is (Z99)" },
  },
  {
    id: "Z99b",
    what: "a Job of its name is adopted, whoever made it",
    edits: [pending("return job && isJobOf(job, execution) && !job", "return job && !job")],
    by: { test: START_TESTS, named: "is not adopted where somebody else made it: what it would run is not the workflow (Z99)" },
  },
];

/** Bugs of the executor: steps 5 to 8. */
export const executorMutants: readonly Mutant[] = [...admission, ...jobs];
