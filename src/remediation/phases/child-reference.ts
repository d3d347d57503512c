import type { KubeObject, ObjectReference } from "../../api/object.ts";

/** How soon to look again at a name that an earlier object still occupies; its deletion is also watched. */
export const occupiedRetryMs = 1000;

/** The reference to a child as phaseProgress carries it. */
export function reference({ apiVersion, kind, metadata }: KubeObject): ObjectReference {
  return { apiVersion, kind, namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid };
}
