import type { Json } from "../../api/object.ts";
import type { JsonObject } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { metaOf, metaText } from "./metadata.ts";
import type { ServedResource } from "./served-resource.ts";

/** What the API server itself adds to a new object of a kind. Its metadata is complete, its status has been dropped. */
export function onCreate(resource: ServedResource, object: JsonObject): JsonObject {
  switch (`${resource.info.group}/${resource.info.kind}`) {
    case "/Namespace":
      return newNamespace(object);
    case "/Pod":
      return { ...object, status: { phase: "Pending", ...gatedCondition(object), qosClass: "BestEffort" } };
    case "/Secret":
      return newSecret(object);
    case "batch/Job":
      return newJob(object);
    default:
      return object;
  }
}

function gatedCondition(pod: JsonObject): JsonObject {
  const gates = objectAt(pod, "spec")["schedulingGates"];
  if (!isArray(gates) || gates.length === 0) return {};
  return { conditions: [{ type: "PodScheduled", status: "False", lastProbeTime: null, lastTransitionTime: null, reason: "SchedulingGated", message: "Scheduling is blocked due to non-empty scheduling gates" }] };
}

function newNamespace(object: JsonObject): JsonObject {
  const labels = metaOf(object)["labels"];
  const metadata = { ...metaOf(object), labels: { ...(isObject(labels) ? labels : {}), "kubernetes.io/metadata.name": metaText(object, "name") } };
  return { ...object, metadata, spec: { ...objectAt(object, "spec"), finalizers: ["kubernetes"] }, status: { phase: "Active" } };
}

// The text form is for writers only.
function newSecret(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  if (!isObject(stringData)) return { type: "Opaque", ...object };
  const encoded = Object.entries(stringData).map(([key, text]): [string, Json] => [key, Buffer.from(typeof text === "string" ? text : "").toString("base64")]);
  return { type: "Opaque", ...rest, data: { ...objectAt(object, "data"), ...Object.fromEntries(encoded) } };
}

/** A Job finds its pods by its own uid: selector and template carry it. */
function newJob(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  if (spec["manualSelector"] === true || spec["selector"] !== undefined) return { ...object, status: {} };
  const [uid, name] = [metaText(object, "uid"), metaText(object, "name")];
  const template = objectAt(spec, "template");
  const meta = objectAt(template, "metadata");
  const labels = { ...objectAt(meta, "labels"), "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name, "controller-uid": uid, "job-name": name };
  const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  return { ...object, spec: { ...spec, selector, template: { ...template, metadata: { ...meta, labels } } }, status: {} };
}

/** The object at a field; empty where there is none. */
export function objectAt(object: JsonObject, field: string): JsonObject {
  const value = object[field];
  return isObject(value) && !isArray(value) ? value : {};
}
