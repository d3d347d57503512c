import { kinds } from "../../api/kinds.ts";
import { pathOf } from "../../api/kind.ts";
import type { Lease } from "../../api/lease.ts";
import { NotObserved } from "./claim.ts";
import type { Child } from "./child.ts";
import type { Observer } from "./observer.ts";
import { NAMESPACE, type Stage } from "./stage.ts";

const REPLICA_ANNOTATION = "kubernaut.ai/lock-replica";

/**
 * The replica that launches the workflow of `request`, caught in the act: resolves in the very moment in which its
 * WorkflowExecution was created, before the replica has the answer. `act` runs right then.
 */
export function caughtLaunching(stage: Stage, observer: Observer, request: string, act: (replica: Child) => void): Promise<Child> {
  const { promise, resolve, reject } = Promise.withResolvers<Child>();
  const stop = observer.onChange(() => {
    const born = observer.executions.some(({ type, object }) => type === "ADDED" && object.spec.remediationRequestRef.name === request);
    if (!born) return;
    stop();
    const replica = stage.replicas.get(claimantOf(stage, request));
    if (!replica) return reject(new NotObserved(`not observed: which replica launched ${request}`));
    act(replica);
    resolve(replica);
  });
  return promise;
}

/** The replica that the claim's Lease names. */
function claimantOf({ local }: Stage, request: string): string {
  const headers = { authorization: `Bearer ${local.admin.token}` };
  const response = local.cluster.server.handle({ method: "GET", url: pathOf(kinds.Lease, NAMESPACE), headers });
  if (response.kind !== "body") return "";
  // A list of Leases, as the API promises it.
  const { items } = JSON.parse(response.body) as { readonly items: readonly Lease[] };
  const claim = items.find(({ spec }) => spec?.holderIdentity?.includes(`/${request}/`));
  return claim?.metadata.annotations?.[REPLICA_ANNOTATION] ?? "";
}
