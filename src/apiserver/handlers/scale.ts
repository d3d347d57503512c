import type { Json } from "../../api/object.ts";
import type { NamedCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { contentType, decodeBody, parse } from "../decode.ts";
import { metaOf, metaText, withMeta } from "../objects/metadata.ts";
import { invalidValue } from "../objects/metadata-validation.ts";
import { objectAt } from "../objects/strategies.ts";
import { updateObject } from "../objects/update-object.ts";
import { writeOptions } from "../objects/write-options.ts";
import type { ApiResponse, JsonObject } from "../ports.ts";
import { respondObject } from "../respond.ts";
import { isArray, isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { badRequest, invalid, methodNotAllowed } from "../status-error.ts";
import { existing } from "./get.ts";
import { patcher } from "./patch.ts";
import { assertNamed } from "./replace.ts";

const SCALE = { kind: "Scale", apiVersion: "autoscaling/v1" };

/** GET, PUT and PATCH of a workload's `scale`: how many replicas there are to be, and are, under the workload's own version. */
export function scale(context: ApiContext, call: NamedCall): ApiResponse {
  switch (call.verb) {
    case "get":
      return respondObject(context, call, 200, scaleOf(existing(context, call).object));
    case "update":
      return write(context, call, decodeBody(call.request, SCALE.kind), "body");
    case "patch": {
      const apply = patcher(context, call, contentType(call.request));
      return write(context, call, apply(scaleOf(existing(context, call).object), parse(call.request.body ?? "", false, "patch")), "patch");
    }
    default:
      throw methodNotAllowed();
  }
}

function write(context: ApiContext, call: NamedCall, wanted: Json, origin: "body" | "patch"): ApiResponse {
  const { resource, query, verb } = call;
  if (!isObject(wanted)) throw badRequest(`the object provided is unrecognized (must be of type Scale): couldn't get version/kind`);
  assertNamed(wanted, call);
  const { dryRun } = writeOptions(query, verb === "patch" ? "PatchOptions" : "UpdateOptions");
  const replicas = objectAt(wanted, "spec")["replicas"] ?? 0;
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) throw badRequest(`Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`);
  if (replicas < 0) throw invalid("autoscaling", SCALE.kind, call.name, [invalidValue("spec.replicas", replicas, "must be greater than or equal to 0")]);
  const old = existing(context, call);
  const [uid, resourceVersion] = [metaText(wanted, "uid"), metaText(wanted, "resourceVersion")];
  const named = withMeta(old.object, { ...(uid ? { uid } : {}), resourceVersion });
  const updated = updateObject(context, { resource, old, object: { ...named, spec: { ...objectAt(old.object, "spec"), replicas } }, origin, subresource: undefined, dryRun });
  return respondObject(context, call, 200, scaleOf(updated));
}

function scaleOf(object: JsonObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metaOf(object);
  const [spec, status] = [objectAt(object, "spec"), objectAt(object, "status")];
  const selector = selectorText(objectAt(spec, "selector"));
  const metadata = { name: name ?? "", namespace: namespace ?? "", uid: uid ?? "", resourceVersion: resourceVersion ?? "", creationTimestamp: creationTimestamp ?? null };
  const replicas = spec["replicas"] ?? 1;
  // None is not written, as the real server leaves it out.
  return { ...SCALE, metadata, spec: replicas === 0 ? {} : { replicas }, status: { replicas: status["replicas"] ?? 0, ...(selector === "" ? {} : { selector }) } };
}

/** A label selector as the text of a query. */
function selectorText(selector: JsonObject): string {
  const labels = Object.entries(objectAt(selector, "matchLabels")).map(([key, value]) => `${key}=${typeof value === "string" ? value : ""}`);
  const expressions = isArray(selector["matchExpressions"]) ? selector["matchExpressions"].filter(isObject).map(expressionText) : [];
  return [...labels, ...expressions].toSorted().join(",");
}

function expressionText(expression: JsonObject): string {
  const key = fieldText(expression, "key");
  const { values } = expression;
  const among = `(${isArray(values) ? values.filter((value) => typeof value === "string").toSorted().join(",") : ""})`;
  const words: Readonly<Record<string, string>> = { In: `${key} in ${among}`, NotIn: `${key} notin ${among}`, Exists: key, DoesNotExist: `!${key}` };
  return words[fieldText(expression, "operator")] ?? "";
}
