import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { LedgerVerdict } from "./ledger.ts";

/** What requests say of their end and the ledger does not. */
export interface UntrueEndings {
  /** Said to be Remediated, and the workflow that should have done it did not run to its end, exactly once. */
  readonly remediated: readonly string[];
  /** Ended without success, and their workflow ran to its end; those of one end and message are one line, with the name of the first. */
  readonly otherwise: readonly string[];
}

type Requests = ReadonlyMap<string, RemediationRequest | undefined>;

/** Outcomes in which the workflow did all that it should: what is not known is whether that was a cure. */
const RAN_WELL: ReadonlySet<string | undefined> = new Set(["Remediated", "Inconclusive", "VerificationTimedOut"]);

/** Holds the end of each request, by its name, against what ran. Pure. */
export function untrueEndings(requests: Requests, ledger: Pick<LedgerVerdict, "toTheEnd">): UntrueEndings {
  const ended = [...requests.values()].filter((request) => request !== undefined).filter(({ status }) => isTerminalPhase(status?.overallPhase));
  const runsOf = (request: RemediationRequest | undefined): number => ledger.toTheEnd.get(request?.metadata.uid ?? "")?.size ?? 0;
  const remediated = ended.filter(isRemediated).flatMap((request) => whyNotRemediated(request, requests, runsOf));
  const otherwise = ended.filter((request) => !RAN_WELL.has(request.status?.completionStatus?.outcome) && runsOf(request) > 0);
  return { remediated, otherwise: alike(otherwise) };
}

/** Under skewed clocks there are many of a kind. */
function alike(requests: readonly RemediationRequest[]): readonly string[] {
  const groups = Map.groupBy(requests, ({ metadata: { name }, status }) => `${status?.completionStatus?.outcome ?? status?.overallPhase}, though the workflow ran to its end: ${(status?.message ?? "").replaceAll(name, "<name>")}`);
  return [...groups].map(([how, those]) => `${those.length} ended ${how} (${those[0]?.metadata.name})`);
}

function isRemediated({ status }: RemediationRequest): boolean {
  return status?.completionStatus?.outcome === "Remediated";
}

/** One that says whose workflow cured it as well has run none of its own: then that one has to have run. */
function whyNotRemediated(request: RemediationRequest, requests: Requests, runsOf: (request: RemediationRequest | undefined) => number): readonly string[] {
  const { name } = request.metadata;
  const { deduplicatedByWE, duplicateOf } = request.status?.routingStatus ?? {};
  const [own, cure] = [runsOf(request), deduplicatedByWE === undefined ? request : requests.get(duplicateOf ?? "")];
  if (deduplicatedByWE === undefined) return own === 1 ? [] : [`${name} is Remediated, and its workflow ran to its end ${own} times`];
  if (own > 0) return [`${name} is Remediated by ${deduplicatedByWE}, and its own workflow ran to its end as well`];
  return runsOf(cure) === 1 ? [] : [`${name} is Remediated by ${deduplicatedByWE}, which ran to its end ${runsOf(cure)} times`];
}
