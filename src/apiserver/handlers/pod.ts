import type { NamedCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { decodeBody } from "../decode.ts";
import { metaText, storedMeta } from "../objects/metadata.ts";
import { storeKey } from "../objects/served-resource.ts";
import { objectAt } from "../objects/strategies.ts";
import type { ApiResponse } from "../ports.ts";
import { jsonText, plainText } from "../respond.ts";
import { isArray, isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { badRequest, conflict } from "../status-error.ts";
import { existing } from "./get.ts";

/** POST to a pod's `binding`: it gets its node, once. */
export function bindPod(context: ApiContext, call: NamedCall): ApiResponse {
  const body = decodeBody(call.request, "Binding");
  const pod = existing(context, call).object;
  const node = isObject(body) ? fieldText(body, "target.name") : "";
  if (node === "" || !isObject(body)) throw badRequest("a Binding needs a target with a name");
  const bindings = { group: "", plural: "pods/binding" };
  const { uid, deletionTimestamp } = storedMeta(pod);
  const wanted = metaText(body, "uid");
  if (wanted !== "" && wanted !== uid) throw conflict(bindings, call.name, `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`);
  if (deletionTimestamp !== undefined) throw conflict(bindings, call.name, `pod ${call.name} is being deleted, cannot be assigned to a host`);
  const bound = fieldText(pod, "spec.nodeName");
  if (bound !== "") throw conflict(bindings, call.name, `pod ${call.name} is already assigned to node "${bound}"`);
  const gates = objectAt(pod, "spec")["schedulingGates"];
  if (isArray(gates) && gates.length > 0) throw conflict(bindings, call.name, `pod ${call.name} has non-empty .spec.schedulingGates`);
  const status = objectAt(pod, "status");
  const conditions = isArray(status["conditions"]) ? status["conditions"] : [];
  const scheduled = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: new Date(context.clock.now()).toISOString().replace(/\.\d+/, "") };
  const next = { ...pod, spec: { ...objectAt(pod, "spec"), nodeName: node }, status: { ...status, conditions: [...conditions, scheduled] } };
  context.store.put(context.store.collection("pods"), storeKey(call.namespace, call.name), next);
  return jsonText(201, JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }));
}

/** GET of a pod's `log`: what its container has printed, at most the last `tailLines` lines. */
export function podLog(context: ApiContext, call: NamedCall): ApiResponse {
  const { uid } = storedMeta(existing(context, call).object);
  const tail = Number(call.query.get("tailLines") ?? Number.NaN);
  const lines = context.podLog(uid);
  const shown = Number.isInteger(tail) && tail >= 0 ? lines.slice(Math.max(0, lines.length - tail)) : lines;
  return plainText(200, shown.map((line) => `${line}\n`).join(""));
}
