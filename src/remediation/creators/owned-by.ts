import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { DraftMeta, ObjectReference } from "../../api/object.ts";

/** Metadata of a child of `rr`: in its namespace, under a deterministic name, with `rr` as controlling owner. */
export function childMeta(rr: RemediationRequest, name: string): DraftMeta & { readonly namespace: string } {
  return {
    name,
    namespace: rr.metadata.namespace ?? "",
    ownerReferences: [
      { apiVersion: rr.apiVersion, kind: rr.kind, name: rr.metadata.name, uid: rr.metadata.uid, controller: true, blockOwnerDeletion: true },
    ],
  };
}

/** The reference to `rr` that each of its children carries in its spec. */
export function referenceTo(rr: RemediationRequest): Required<Omit<ObjectReference, "namespace">> & { readonly namespace: string } {
  return { apiVersion: rr.apiVersion, kind: rr.kind, namespace: rr.metadata.namespace ?? "", name: rr.metadata.name, uid: rr.metadata.uid };
}
