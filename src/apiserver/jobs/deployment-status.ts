import type { Deployment } from "../../api/workload.ts";
import type { JsonObject } from "../ports.ts";
import { wholeSeconds } from "../whole-seconds.ts";

/** Annotation of a Deployment: `"true"` makes none of its replicas available, until it is taken away. */
export const UNAVAILABLE_ANNOTATION = "ro.dev/unavailable";

interface Wanted {
  readonly type: "Available" | "Progressing";
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** The status that says of `deployment`, as it is specified now, that all its replicas are up, or that none is available. */
export function deploymentStatus(deployment: Deployment, nowMs: number): JsonObject {
  const replicas = deployment.spec.replicas ?? 1;
  const broken = replicas > 0 && deployment.metadata.annotations?.[UNAVAILABLE_ANNOTATION] === "true";
  const up = broken ? { unavailableReplicas: replicas } : { readyReplicas: replicas, availableReplicas: replicas };
  const conditions = wantedConditions(deployment.metadata.name, broken).map((wanted) => condition(deployment, wanted, nowMs));
  return { observedGeneration: deployment.metadata.generation ?? 1, ...(replicas > 0 ? { replicas, updatedReplicas: replicas, ...up } : {}), conditions };
}

function wantedConditions(name: string, broken: boolean): readonly Wanted[] {
  return [
    broken
      ? { type: "Available", status: "False", reason: "MinimumReplicasUnavailable", message: "Deployment does not have minimum availability." }
      : { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." },
    broken
      ? { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: `Deployment "${name}" is progressing.` }
      : { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: `Deployment "${name}" has successfully progressed.` },
  ];
}

// A condition that says what it said before keeps its times: a status that changes nothing is not a write.
function condition(deployment: Deployment, wanted: Wanted, nowMs: number): JsonObject {
  const time = wholeSeconds(nowMs);
  const conditions = (deployment.status?.conditions ?? []) as unknown as readonly JsonObject[]; // The wire: conditions carry more than our type names.
  const before = conditions.find((other) => other["type"] === wanted.type);
  if (before?.["status"] === wanted.status && before["reason"] === wanted.reason) return before;
  const turned = before?.["status"] === wanted.status ? (before["lastTransitionTime"] ?? time) : time;
  return { ...wanted, lastUpdateTime: time, lastTransitionTime: turned };
}
