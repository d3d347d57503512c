import type { ApiContext } from "../context.ts";
import type { JsonObject } from "../ports.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import { conflict, StatusError } from "../status-error.ts";
import type { Revision } from "../store/revision.ts";
import type { DeleteOptions, Propagation } from "./delete-options.ts";
import { finalizersOf } from "./metadata-validation.ts";
import { storedMeta, withMeta } from "./metadata.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { storeKey, type ServedResource } from "./served-resource.ts";

/** What became of an object that was to be deleted: gone, or on its way; `object` is its last or its new state, in the stored form. */
export interface Deletion {
  readonly gone: boolean;
  readonly object: JsonObject;
}

/** Deletes an object, or begins to where finalizers or a grace period hold it. Throws StatusError 409 when a precondition does not hold. */
export function deleteObject(context: ApiContext, resource: ServedResource, { object }: Revision, options: DeleteOptions): Deletion {
  assertPreconditions(resource, object, options);
  const next = deletionOf(resource, object, options, context.clock.now());
  const gone = !next || endsAtOnce(resource, next);
  if (options.dryRun) return { gone, object: next ?? object };
  const { namespace, name } = storedMeta(object);
  const collection = context.store.collection(resource.storage);
  const key = storeKey(namespace, name);
  const marked = next && next !== object ? context.store.put(collection, key, next).object : object;
  if (gone) context.store.remove(collection, key);
  return { gone, object: marked };
}

function isPod({ info }: ServedResource): boolean {
  return info.kind === "Pod" && info.group === "";
}

/** A pod is marked before it goes, even if it goes at once. */
function endsAtOnce(resource: ServedResource, object: JsonObject): boolean {
  return isPod(resource) && storedMeta(object).deletionGracePeriodSeconds === 0 && finalizersOf(object).length === 0;
}

function assertPreconditions({ info }: ServedResource, object: JsonObject, { uid, resourceVersion }: DeleteOptions): void {
  const meta = storedMeta(object);
  // Here the real server names the Kind, not the plural.
  const kind = { group: info.group, plural: info.kind };
  if (uid !== undefined && uid !== meta.uid) {
    throw conflict(kind, meta.name, `the UID in the precondition (${uid}) does not match the UID in record (${meta.uid}). The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== meta.resourceVersion) {
    throw conflict(kind, meta.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${meta.resourceVersion}). The object might have been modified`);
  }
}

/** The state in deletion; the object itself if it is in that state already; undefined when it goes at once. */
function deletionOf(resource: ServedResource, object: JsonObject, options: DeleteOptions, nowMs: number): JsonObject | undefined {
  if (resource.info.kind === "Namespace" && resource.info.group === "") return terminating(object, nowMs);
  const meta = storedMeta(object);
  const finalizers = withPropagation(finalizersOf(object), options.propagation);
  const graceSeconds = isPod(resource) ? podGrace(object, options) : 0;
  const running = meta.deletionGracePeriodSeconds ?? 0;
  if (finalizers.length === 0 && !isPod(resource)) return undefined;
  if (meta.deletionTimestamp !== undefined && graceSeconds >= running) {
    return finalizers.length === finalizersOf(object).length ? object : withMeta(object, { finalizers });
  }
  const endMs = meta.deletionTimestamp === undefined ? nowMs + graceSeconds * 1000 : Date.parse(meta.deletionTimestamp) + (graceSeconds - running) * 1000;
  return withMeta(object, {
    finalizers,
    deletionTimestamp: wholeSeconds(endMs),
    deletionGracePeriodSeconds: graceSeconds,
    ...(meta.generation === undefined || meta.deletionTimestamp !== undefined ? {} : { generation: meta.generation + 1 }),
  });
}

/** A pod on a node has time to stop: what was asked for, or what it says itself; one that never ran or has ended needs none. */
function podGrace(pod: JsonObject, { gracePeriodSeconds }: DeleteOptions): number {
  const phase = fieldText(pod, "status.phase");
  if (fieldText(pod, "spec.nodeName") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const { deletionGracePeriodSeconds } = storedMeta(pod);
  const own = fieldText(pod, "spec.terminationGracePeriodSeconds");
  return Math.max(0, gracePeriodSeconds ?? deletionGracePeriodSeconds ?? (own === "" ? 30 : Number(own)));
}

function withPropagation(finalizers: readonly string[], propagation: Propagation | undefined): readonly string[] {
  if (propagation === undefined) return finalizers;
  const others = finalizers.filter((finalizer) => finalizer !== "foregroundDeletion" && finalizer !== "orphan");
  if (propagation === "Background") return others;
  const wanted = propagation === "Foreground" ? "foregroundDeletion" : "orphan";
  return finalizers.includes(wanted) ? finalizers : [...others, wanted];
}

function terminating(namespace: JsonObject, nowMs: number): JsonObject {
  const { deletionTimestamp, name } = storedMeta(namespace);
  if (name === "default" || name === "kube-system" || name === "kube-public") throw new StatusError(403, "Forbidden", `namespaces "${name}" is forbidden: this namespace may not be deleted`, { name, kind: "namespaces" });
  if (deletionTimestamp !== undefined) return namespace;
  return { ...withMeta(namespace, { deletionTimestamp: wholeSeconds(nowMs) }), status: { phase: "Terminating" } };
}
