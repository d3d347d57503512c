import type { Json } from "../../api/object.ts";
import type { ApiContext } from "../context.ts";
import type { JsonObject } from "../ports.ts";
import { sameJson } from "../same-json.ts";
import { conflict, invalid, staleVersion } from "../status-error.ts";
import type { Revision } from "../store/revision.ts";
import { admitCrd } from "./crd-admission.ts";
import { complaints, type Origin } from "./intake.ts";
import { finalizersOf, invalidValue, validateMeta, validateMetaUpdate } from "./metadata-validation.ts";
import { metaOf, metaText, storedMeta, withMeta } from "./metadata.ts";
import { storeKey, type ServedResource } from "./served-resource.ts";

/** A new state for an object that is there; `object` has been taken in. */
export interface Update {
  readonly resource: ServedResource;
  readonly old: Revision;
  readonly object: JsonObject;
  readonly origin: Origin;
  readonly subresource: string | undefined;
  readonly dryRun: boolean;
}

/** Stores the new state, unless it says nothing new, and returns the object as served. Throws StatusError 409 or 422. */
export function updateObject(context: ApiContext, update: Update): JsonObject {
  const { resource, dryRun } = update;
  const old = resource.conversion ? resource.conversion.toServed(update.old.object) : update.old.object;
  assertCurrent(update, old);
  const object = prepare(context, update, old);
  if (sameJson(object, old)) return old;
  const fixed = validateMetaUpdate(object, old);
  // Of custom resources the real server tells this twice.
  const errors = [...fixed, ...(resource.info.strategicMerge ? [] : fixed), ...validateMeta(object, resource.traits), ...complaints(resource, object, old, update.origin)];
  const { name, namespace } = storedMeta(old);
  if (errors.length > 0) throw invalid(resource.info.group, resource.info.kind, name, errors);
  if (dryRun) return object;
  const collection = context.store.collection(resource.storage);
  const stored = resource.conversion ? resource.conversion.toStored(object) : object;
  if (!endsDeletion(object, old)) return fromStore(resource, context.store.put(collection, storeKey(namespace, name), stored));
  context.store.remove(collection, storeKey(namespace, name));
  return object;
}

/** An update that takes the last finalizer from an object in deletion is its end, unless it still has time to stop. */
function endsDeletion(object: JsonObject, old: JsonObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = storedMeta(old);
  if (deletionTimestamp === undefined || finalizersOf(object).length > 0) return false;
  return object["kind"] !== "Namespace" && (deletionGracePeriodSeconds ?? 0) === 0;
}

function fromStore({ conversion }: ServedResource, { object }: Revision): JsonObject {
  return conversion ? conversion.toServed(object) : object;
}

/** A replace is of the very object and version that it names; a patch names a version only if it wants to. */
function assertCurrent({ resource, object, origin }: Update, old: JsonObject): void {
  const { info, traits } = resource;
  const { uid, resourceVersion, name } = storedMeta(old);
  const said = { uid: metaText(object, "uid"), version: metaText(object, "resourceVersion") };
  if (origin === "body" && said.uid !== "" && said.uid !== uid) {
    throw conflict(info, name, storageError(resource, storedMeta(old).namespace, name, said.uid, uid));
  }
  if (said.version === "" || said.version === "0") {
    if (traits.unconditionalUpdate || origin === "patch") return;
    throw invalid(info.group, info.plural, name, [invalidValue("metadata.resourceVersion", 0, "must be specified for an update")]);
  }
  if (said.version !== resourceVersion) throw staleVersion(info, name);
}

/** The words in which storage refuses a uid. `found` is empty where there is no object. */
export function storageError({ info, storage }: ServedResource, namespace: string | undefined, name: string, wanted: string, found: string): string {
  const key = `/registry/${info.strategicMerge ? info.plural : storage}/${storeKey(namespace, name)}`;
  return `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
}

function prepare(context: ApiContext, update: Update, old: JsonObject): JsonObject {
  const { resource } = update;
  const object = withSystemMeta(withParts(update, old), old);
  if (resource.info.kind === "CustomResourceDefinition" && !sameJson(object["spec"], old["spec"])) {
    return withGeneration(resource, admitCrd(context, { ...object, ...statusOf(old) }), old);
  }
  return resource.traits.generation && update.subresource !== "status" ? withGeneration(resource, object, old) : object;
}

/** The status subresource writes status alone, the object itself everything else. */
function withParts({ resource, object, subresource }: Update, old: JsonObject): JsonObject {
  const { statusSubresource, strategicMerge } = resource.info;
  if (subresource !== "status") {
    if (!statusSubresource) return object;
    const { status: _ignored, ...rest } = object;
    return { ...rest, ...statusOf(old) };
  }
  const { status: _replaced, ...kept } = old;
  if (!strategicMerge) return { ...kept, ...statusOf(object) };
  // Built-in kinds let labels, annotations and finalizers through with their status.
  return { ...kept, metadata: { ...metaOf(object), ...onlyIf("ownerReferences", metaOf(old)) }, ...statusOf(object) };
}

function statusOf(object: JsonObject): JsonObject {
  return onlyIf("status", object);
}

function onlyIf(field: string, object: JsonObject): JsonObject {
  const value = object[field];
  return value === undefined ? {} : { [field]: value };
}

// What a writer may leave out, and what it can not change.
function withSystemMeta(object: JsonObject, old: JsonObject): JsonObject {
  const [meta, before] = [metaOf(object), metaOf(old)];
  const kept: Record<string, Json | undefined> = { creationTimestamp: before["creationTimestamp"], resourceVersion: before["resourceVersion"], generation: before["generation"] };
  for (const field of ["uid", "namespace", "name", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    const said = meta[field];
    if (said === undefined || said === null || said === "") kept[field] = before[field];
  }
  if (before["deletionTimestamp"] !== undefined) kept["deletionTimestamp"] = before["deletionTimestamp"];
  return withMeta(object, kept);
}

/** Generation counts the changes of what is wanted: not of metadata, nor of a status that is written apart. */
function withGeneration({ info }: ServedResource, object: JsonObject, old: JsonObject): JsonObject {
  const wanted = ({ metadata: _meta, status, ...rest }: JsonObject): JsonObject => (info.statusSubresource || status === undefined ? rest : { ...rest, status });
  if (sameJson(wanted(object), wanted(old))) return object;
  return withMeta(object, { generation: (storedMeta(old).generation ?? 0) + 1 });
}
