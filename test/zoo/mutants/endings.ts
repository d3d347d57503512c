import { editsOf } from "../edit.ts";
import type { Mutant } from "../mutant.ts";

const verifying = editsOf("remediation/phases/verifying.ts");
const analyzing = editsOf("remediation/phases/analyzing.ts");
const covered = editsOf("remediation/routing/covered-check.ts");
const guard = editsOf("remediation/timeout-guard.ts");
const health = editsOf("workers/verification/health.ts");
const claims = editsOf("locking/claims.ts");
const verdict = editsOf("locking/verdict.ts");

const told = (id: string, what: string, ...edits: Mutant["edits"]): Mutant => ({ id, what, edits, by: "simulation", breaks: ["status"] });

/** What people are told at the end. */
export const endingMutants: readonly Mutant[] = [
  told("Z91a", "Remediated, whatever its verification says", verifying(`verdict: confirmed ? "Remediated" : "Inconclusive"`, `verdict: confirmed || reason !== "" ? "Remediated" : "Inconclusive"`)),
  told("Z91b", "a target that is not available passes for healthy", health(`if (available?.status !== "True") return`, `if (available === undefined) return`)),
  told("Z91c", "Remediated as soon as the workflow has completed, whatever the assessment will say", verifying("    const deadlineMs = epochMsOf(", `    if (assessment) return completed(rr, deps, "Remediated", { reason: "Remediated", message: "The target is healthy again." });\n    const deadlineMs = epochMsOf(`)),
  told("Z92a", "an alert is covered by a workflow that cured nothing", covered(`return leader.status.completionStatus?.outcome === "Remediated" ? "yes" : "no";`, `return leader.status.completionStatus?.outcome ? "yes" : "no";`)),
  told("Z92b", "an alert is covered by a workflow that had completed before it came", covered("    .filter((execution) => endedMs(execution) >= receivedMs)\n", "    .filter((execution) => endedMs(execution) >= receivedMs - 1e9)\n")),
  told("Z92c", "an alert is covered by another workflow than the one that would cure it", covered("    .filter((execution) => execution.spec.workflowRef.workflowId === query.workflowId)\n", "")),
  told("Z92d", "an alert is called cured while its cover is still being verified", covered(`    case "Verifying":\n      return "not known yet";`, `      return "not known yet";\n    case "Verifying":\n      return "yes";`)),
  told("Z92e", "an alert is covered by a workflow on another target", covered("const onTarget = deps.executionsOn(targetKey);", "const onTarget = (await deps.reader.list(kinds.WorkflowExecution, { namespace: query.rr.metadata.namespace ?? \"\" }, options)).items;")),
  told("Z92f", "an alert is covered by a workflow that failed", covered(`execution.status?.phase === "Completed")`, "isTerminalExecution(execution))"), covered(`    default:\n      return "no";`, `    default:\n      return "yes";`)),
  told("Z93", "a phase is given up before its limit is over", guard("limit.sinceMs + limit.limitMs - deps.clock.now()", "limit.sinceMs + limit.limitMs / 3600 - deps.clock.now()")),
  told("Z94a", "Remediated where the analysis found nothing to do", analyzing(`completed(rr, deps, "NoActionRequired",`, `completed(rr, deps, "Remediated",`)),
  told("Z94b", "nothing to do where a human has to decide", analyzing(`return completed(rr, deps, "ManualReviewRequired", { reason: "ManualReviewRequired",`, `return completed(rr, deps, "NoActionRequired", { reason: "ManualReviewRequired",`)),
  told("Z94c", "a workflow runs although the analysis wants a human to look", analyzing("if (status?.review?.needsHumanReview) {", "if (status?.review?.needsHumanReview && !status.rcaResult?.selectedWorkflow) {")),
  told("Z94d", "a workflow that needs an approval runs without one", analyzing("if (status?.approval?.approvalRequired) {", "if (status?.approval?.approvalRequired && !status.rcaResult?.selectedWorkflow) {")),
  { id: "Z95", what: "a process-held Lease is taken over before its duration is over", edits: [verdict("const expiresInMs = durationMs - unchangedForMs;", "const expiresInMs = durationMs / 10 - unchangedForMs;")], by: "simulation", breaks: ["E"] },
  { id: "Z96", what: "the fence counts how often the Lease changed hands, and begins anew with each Lease", edits: [claims("fence: lease.metadata.resourceVersion,", "fence: String(lease.spec?.leaseTransitions ?? 0),")], by: "simulation", breaks: ["E"] },
  { id: "Z97", what: "a claim is taken over from the remediation that holds it", edits: [verdict(`if (claim) return { kind: "claimed", by: claim };`, `if (claim) return { kind: "vacant" };`)], by: "simulation", breaks: ["E"] },
];
