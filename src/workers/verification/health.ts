import { kinds } from "../../api/kinds.ts";
import type { KindInfo } from "../../api/kind.ts";
import type { KubeObject } from "../../api/object.ts";
import type { DaemonSet, Deployment, StatefulSet } from "../../api/workload.ts";

/** How a target is doing. `unknown`: nobody here can tell for this kind. `unreadable`: we may not look. */
export type Health =
  | { readonly kind: "unreadable"; readonly because: string }
  | { readonly kind: "healthy" }
  | { readonly kind: "unhealthy"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

const healthy: Health = { kind: "healthy" };

/** The health of a target as its own status tells it; an absent target is not healthy. Pure. */
export function healthOf(kind: KindInfo, object: KubeObject | undefined): Health {
  if (!object) return { kind: "unhealthy", because: "it does not exist" };
  switch (kind) {
    case kinds.Deployment:
      // The kind that was read is the type that it has.
      return deploymentHealth(object as Deployment);
    case kinds.StatefulSet:
      return statefulSetHealth(object as StatefulSet);
    case kinds.DaemonSet:
      return daemonSetHealth(object as DaemonSet);
    case kinds.Pod:
    case kinds.Node:
      return readyCondition(object);
    default:
      return { kind: "unknown", because: `the health of a ${object.kind} is not known here` };
  }
}

type ConditionedObject = KubeObject & { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[] } };

function behind(object: KubeObject, observed: number | undefined): boolean {
  return (observed ?? 0) < (object.metadata.generation ?? 0);
}

function deploymentHealth(deployment: Deployment): Health {
  const { status, spec } = deployment;
  if (behind(deployment, status?.observedGeneration)) return { kind: "unhealthy", because: "its latest change has not been observed yet" };
  const available = status?.conditions?.find(({ type }) => type === "Available");
  if (available?.status !== "True") return { kind: "unhealthy", because: available?.message ?? "it is not available" };
  const wanted = spec.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  return updated < wanted ? { kind: "unhealthy", because: `${updated} of ${wanted} replicas are updated` } : healthy;
}

function statefulSetHealth(set: StatefulSet): Health {
  if (behind(set, set.status?.observedGeneration)) return { kind: "unhealthy", because: "its latest change has not been observed yet" };
  const wanted = set.spec.replicas ?? 1;
  const ready = set.status?.readyReplicas ?? 0;
  return ready < wanted ? { kind: "unhealthy", because: `${ready} of ${wanted} replicas are ready` } : healthy;
}

function daemonSetHealth(set: DaemonSet): Health {
  if (behind(set, set.status?.observedGeneration)) return { kind: "unhealthy", because: "its latest change has not been observed yet" };
  const missing = set.status?.numberUnavailable ?? 0;
  return missing > 0 ? { kind: "unhealthy", because: `${missing} pods are unavailable` } : healthy;
}

function readyCondition({ status }: ConditionedObject): Health {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? healthy : { kind: "unhealthy", because: ready?.message ?? "it is not ready" };
}
