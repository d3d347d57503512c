import { editsOf } from "../edit.ts";
import type { Mutant } from "../mutant.ts";

const launch = editsOf("remediation/launch-workflow.ts");
const children = editsOf("remediation/children.ts");
const apply = editsOf("remediation/apply-transition.ts");
const remediation = editsOf("remediation/remediation.ts");
const executing = editsOf("remediation/phases/executing.ts");
const blockedBy = editsOf("remediation/phases/blocked-by.ts");
const busy = editsOf("remediation/routing/busy-check.ts");
const covered = editsOf("remediation/routing/covered-check.ts");
const verifying = editsOf("remediation/phases/verifying.ts");
const giveBack = editsOf("locking/release-if-possible.ts");
const blocked = editsOf("remediation/phases/blocked.ts");
const plan = editsOf("remediation/plan.ts");
const ended = editsOf("remediation/phases/ended.ts");
const analyzing = editsOf("remediation/phases/analyzing.ts");
const claimsOver = editsOf("remediation/claims.ts");
const afterEnd = editsOf("remediation/after-end.ts");
const reconciler = editsOf("remediation/reconciler.ts");

const RECONCILER_TESTS = "test/unit/remediation/reconciler.test.ts";
const AT_ANY_VERSION = `const { namespace, name } = rr.metadata;
    const there = await deps.writer.get(kinds.RemediationRequest, { namespace, name }, options);
    const at = WHEN && there ? { ...rr, metadata: there.metadata } : rr;
    const next = withNotice({ ...at, status`;
const FENCED = `if (isFenced(execution)) return hasGivenUp(rr, execution) ? await removeFenced(deps, execution, options) : { kind: "fenced", execution };`;
const AT_ITS_VERSION = "const next = withNotice({ ...rr, status";

/** Steps 3 and 4: birth and naming. */
const births: readonly Mutant[] = [
  {
    id: "Z7a",
    what: "an own fenced execution is not removed: its owner looks at it for ever",
    edits: [launch(FENCED, `if (isFenced(execution)) return { kind: "fenced", execution };`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z7b",
    what: "an own fenced execution is adopted",
    edits: [launch(FENCED, "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z5c",
    what: "a child of an earlier owner of the name is adopted",
    edits: [children("return object && isChildOf(object, rr) ? {", "return object ? {")],
    by: { test: "test/unit/remediation/launch.test.ts", named: "does not touch an execution of an earlier owner of the same name (Z5)" },
  },
  {
    id: "Z10a",
    what: "step 4 is written at whatever version is there",
    edits: [apply(AT_ITS_VERSION, AT_ANY_VERSION.replace("WHEN", `step.to === "Executing"`))],
    by: "simulation",
    breaks: ["I5", "I4", "status"],
  },
  {
    id: "Z10c",
    what: "every step of a remediation is written at whatever version is there",
    edits: [apply(AT_ITS_VERSION, AT_ANY_VERSION.replace("WHEN && ", ""))],
    by: "simulation",
    breaks: ["I5", "I4", "status"],
  },
  {
    id: "Z15b",
    what: "a child that is there already is taken for somebody else's",
    edits: [children("return object && isChildOf(object, rr) ? {", "return object && options === undefined ? {")],
    by: "simulation",
    breaks: ["L1", "E"],
  },
  {
    id: "Z34",
    what: "a claim is given back although its creation may have landed",
    edits: [launch(`if (!isKubeError(error) || isKubeError(error, "UnknownOutcome", "ServerError")) claim.keep();`, "")],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z35",
    what: "a claim is given back as soon as the execution is born",
    edits: [launch(`  claim.keep();\n  return { kind: "born", execution };`, `  return { kind: "born", execution };`)],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z98",
    what: "a fenced execution is deleted by name: a replica that was paused deletes its successor, which may run",
    edits: [launch(`await exactDelete(deps.client, kinds.WorkflowExecution, execution, { ...options, precondition: "uid" });`, "await deps.client.delete(kinds.WorkflowExecution, { namespace: execution.metadata.namespace, name: execution.metadata.name }, {}, options);")],
    by: { test: "test/unit/remediation/launch.test.ts", named: "deletes that very fenced one: the successor that another replica has made meanwhile stays (Z98)" },
  },
];

/** Step 0: what became of it. */
const outcomes: readonly Mutant[] = [
  {
    id: "Z81",
    what: "a status that the API server refuses is taken for a lost race: repeated at once, for ever, without a word",
    edits: [apply("casStatus(deps.writer, kinds.RemediationRequest, next, options);", `casStatus(deps.writer, kinds.RemediationRequest, next, options).catch((): { kind: "stale" } => ({ kind: "stale" }));`)],
    by: { test: RECONCILER_TESTS, named: "fails the look where it is the status itself: whoever looks again later may find other rules (Z81)" },
  },
  {
    id: "Z82",
    what: "an execution that began before it was named is waited for, not named",
    edits: [launch("  claim.keep();\n  return { kind: \"born\", execution };", `  claim.keep();\n  return execution.status?.phase ? { kind: "occupied" } : { kind: "born", execution };`)],
    by: { test: RECONCILER_TESTS, named: "is named all the same, and followed to its end" },
  },
  {
    id: "Z83",
    what: "the claim of a fenced execution is given back by its holder's name, under which the next one may be on its way",
    edits: [executing("if (isFenced(execution)) return fenced", "if (isFenced(execution)) await release(deps, rr, execution, context);\n    if (isFenced(execution)) return fenced")],
    by: { test: RECONCILER_TESTS, named: "leaves the claim to the reaper: its owner may be launching the next one under it by now (Z83)" },
  },
  {
    id: "Z5d",
    what: "an execution of its name is taken for the one that was named by uid",
    edits: [executing("return uid ? uid === execution.metadata.uid : isChildOf(execution, rr);", "return uid ? true : isChildOf(execution, rr);")],
    by: "simulation",
    breaks: ["I4", "I5", "status", "L1"],
  },
  {
    id: "Z12",
    what: "Executing with a lost execution is not handled",
    edits: [executing(`return failed(rr, deps, { reason: "WorkflowExecutionLost", message: \`WorkflowExecution \${name} is gone; whether its workflow ran is not known.\` }, "WorkflowExecution");`, "return wait(deps.settings.safetyPollMs);")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z22a",
    what: "an execution that the cache does not know is taken for lost",
    edits: [executing("await deps.client.get(kinds.WorkflowExecution, { namespace: rr.metadata.namespace ?? \"\", name }, { signal: context.signal });", "deps.caches.workflowExecutions.get({ namespace: rr.metadata.namespace ?? \"\", name });")],
    by: "simulation",
    breaks: ["I5", "L1"],
  },
  {
    id: "Z26a",
    what: "a replica that is behind writes its step over whatever is there",
    edits: [remediation("    reader: client,\n    cached", "    reader: { get: async (_kind, key) => caches.remediationRequests.get(key) },\n    cached"), apply(AT_ITS_VERSION, AT_ANY_VERSION.replace("WHEN && ", ""))],
    by: "simulation",
    breaks: ["I5", "I4", "status"],
  },
  {
    id: "Z36",
    what: "a remediation whose workflow failed tries again in its own name",
    edits: [executing("if (isFenced(execution)) return fenced(rr, execution);", `if (execution.status?.phase === "Failed") return fenced(rr, execution);`), launch("if (isFenced(execution)) return", `if (execution.status?.phase === "Failed") return`)],
    by: "simulation",
    breaks: ["I4"],
  },
  {
    id: "Z37",
    what: "the claim is given back while the workflow still runs",
    edits: [executing("if (!isTerminalExecution(execution)) return", "if (!isTerminalExecution(execution)) await release(deps, rr, execution, context);\n    if (!isTerminalExecution(execution)) return")],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z64",
    what: "a Lease that can not be read blocks, and is taken for free at the next look",
    edits: [blocked("  if (!blocker && (await isForeign(rr, plan, deps, options))) return true;\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z65",
    what: "waiting for a lock counts against the limit of the phase",
    edits: [analyzing("return heldUp(launch.retryAfterMs);", "return wait(launch.retryAfterMs);")],
    by: { test: "test/unit/remediation/limits.test.ts", named: "do not count while somebody else holds the target's lock (Z27)" },
  },
  {
    id: "Z38",
    what: "the claim of a remediation that has ended stays",
    edits: [claimsOver(`return isTerminalExecution(execution) ? "over" : "needed";`, `return "needed";`), giveBack("await claims.release(", "if (!claims) await claims.release(")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z39",
    what: "an assessment that is over is not looked at",
    edits: [verifying(`if (assessment?.status?.phase === "Completed" || assessment?.status?.phase === "Failed") {`, `if (assessment?.status?.phase === "Failed") {`)],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z40",
    what: "retention takes a remediation away while its workflow runs",
    edits: [afterEnd("if (execution && isChildOf(execution, rr) && !isTerminalExecution(execution)) return waitFor(settings.safetyPollMs);", "")],
    by: { test: "test/unit/remediation/after-end.test.ts", named: "stays while its execution has not ended, whatever its time" },
  },
  {
    id: "Z105",
    what: "retention takes a remediation away at whatever version is there, one that was just given more time too",
    edits: [afterEnd("exactDelete(client, kinds.RemediationRequest, rr, { signal })", `exactDelete(client, kinds.RemediationRequest, rr, { signal, precondition: "uid" })`)],
    by: { test: "test/unit/remediation/after-end.test.ts", named: "goes at the very version that was judged: one that somebody gave more time stays" },
  },
];

/** Step 2 and Blocked: what is in the way. */
const blocks: readonly Mutant[] = [
  {
    id: "Z23a",
    what: "the busy check does not except the own execution",
    edits: [busy(" && controllerOf(execution)?.uid !== rr.metadata.uid", "")],
    by: "simulation",
    breaks: ["L1", "E"],
  },
  {
    id: "Z23b",
    what: "a cure does not except the own execution",
    edits: [covered("    .filter((execution) => controllerOf(execution)?.uid !== query.rr.metadata.uid)\n", "")],
    by: { test: "test/unit/remediation/covered.test.ts", named: "do not include another workflow, its own execution, one that failed or one that runs" },
  },
  {
    id: "Z72",
    what: "a Blocked one whose step was refused at the cached version is asked of the cache again, for as long as that stays behind",
    edits: [reconciler("applied.rr : await read();", "applied.rr : deps.cached.get(parseKey(key));")],
    by: { test: "test/unit/remediation/blocked.test.ts", named: "is read live once a step at the version in the cache was refused, however long the cache stays behind" },
  },
  {
    id: "Z73",
    what: "a cover that another replica has seen is denied by an older view, in a circle for as long as that stays behind",
    edits: [covered("if (!name || onTarget", "if (!name || reader || onTarget")],
    by: { test: "test/unit/remediation/covered.test.ts", named: "does not deny by an older view what another replica has seen: a cover that the status names is read live" },
  },
  {
    id: "Z74",
    what: "a fenced execution is deleted before its owner has given it up: another replica may just have named it, and takes it for lost",
    edits: [launch("return rr.status?.phaseProgress?.workflowExecutionRef?.uid === uid;", `return uid !== "";`)],
    by: { test: "test/unit/remediation/launch.test.ts", named: "does not delete a fenced one before its owner has given it up: somebody who saw it Pending may name it yet (Z74)" },
  },
  {
    id: "Z75",
    what: "what was blocked by the second execution of a name is let go by the end of the first, and blocked again, for as long as a cache is behind",
    edits: [blocked(" && compareResourceVersions(cached.metadata.resourceVersion, rr.metadata.resourceVersion) > 0;", ";"), blocked(`import { compareResourceVersions } from "../../api/object.ts";\n`, "")],
    by: { test: "test/unit/remediation/blocked.test.ts", named: "is not let go by an end from before the block: that was an earlier execution of the name (Z75)" },
  },
  {
    id: "Z76",
    what: "what is Blocked is let go where a cache does not show the end of its analysis, and blocked again, for as long as that is behind",
    edits: [plan("findAnalysis(children, finished, rr, options)", "findAnalysis(children, cache, rr, options)")],
    by: { test: "test/unit/remediation/blocked.test.ts", named: "is not let go because the cache does not show the end of the analysis that chose its workflow (Z76)" },
  },
  {
    id: "Z78",
    what: "what ends after it had given up a fenced execution names that one as what it ran",
    edits: [ended("(ran ? status : withoutExecution(status))", "status"), ended(", withoutExecution }", " }"), ended(`  const ran = status.overallPhase === "Executing" || status.overallPhase === "Verifying";\n`, "")],
    by: "simulation",
    breaks: ["status"],
  },
  {
    id: "Z27",
    what: "a waiter fails because somebody else cured the target",
    edits: [blockedBy(`return completed(rr, deps, "Remediated", { reason: "Covered", message: condition.message }, {`, `return failed(rr, deps, { reason: "Covered", message: condition.message }, "Blocked", {`), blockedBy("import { completed }", "import { completed, failed }")],
    by: "simulation",
    breaks: ["L1"],
  },
];

/** Bugs of the orchestrator: steps 0 to 4. */
export const orchestratorMutants: readonly Mutant[] = [...births, ...outcomes, ...blocks];
