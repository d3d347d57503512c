import type { Json } from "../../api/object.ts";
import { objectAt } from "../objects/strategies.ts";
import type { JsonObject, ResourceSchema } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { validatePodSpec } from "./container-schema.ts";
import { topLevelSchema } from "./top-level-schema.ts";

const POD_DEFAULTS = { terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst", securityContext: {}, schedulerName: "default-scheduler" };
const CONTAINER_DEFAULTS = { resources: {}, terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" };

/** core/v1 Pod: its defaults, and what its containers must say. */
export const podSchema: ResourceSchema = {
  ...topLevelSchema(["spec", "status"]),
  withDefaults: (pod) => ({ ...pod, spec: podSpecDefaults({ restartPolicy: "Always", ...objectAt(pod, "spec") }) }),
  validate: (pod) => validatePodSpec(objectAt(pod, "spec"), "spec"),
};

/** A pod's spec, or a template's, with what the API server fills in. */
export function podSpecDefaults(spec: JsonObject): JsonObject {
  const containers = spec["containers"];
  return { ...POD_DEFAULTS, ...spec, ...(isArray(containers) ? { containers: containers.map(withDefaults) } : {}) };
}

function withDefaults(container: Json): Json {
  if (!isObject(container)) return container;
  const image = typeof container["image"] === "string" ? container["image"] : "";
  const tag = image.slice(image.lastIndexOf("/") + 1).split(":", 2)[1];
  const imagePullPolicy = !image.includes("@") && (tag === undefined || tag === "latest") ? "Always" : "IfNotPresent";
  return { ...CONTAINER_DEFAULTS, imagePullPolicy, ...container };
}
