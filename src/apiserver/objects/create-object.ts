import type { ApiContext } from "../context.ts";
import type { JsonObject } from "../ports.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import { alreadyExists, badRequest, invalid, StatusError } from "../status-error.ts";
import { admitCrd } from "./crd-admission.ts";
import { complaints } from "./intake.ts";
import { validateMeta } from "./metadata-validation.ts";
import { metaOf, metaText, storedMeta, withMeta } from "./metadata.ts";
import { assertNamespaceOpen } from "./namespace-lifecycle.ts";
import { storeKey, type ServedResource } from "./served-resource.ts";
import { onCreate } from "./strategies.ts";

/** An object that is to come into being; `object` has been taken in. */
export interface Creation {
  readonly resource: ServedResource;
  readonly namespace: string | undefined;
  readonly object: JsonObject;
  readonly dryRun: boolean;
}

/** Stores a new object and returns it as served. Throws StatusError: 404 or 403 for its namespace, 409 when the name is taken, 422. */
export function createObject(context: ApiContext, creation: Creation): JsonObject {
  const { resource, namespace, dryRun } = creation;
  const named = nameIt(context, creation);
  const name = metaText(named, "name");
  if (namespace !== undefined) assertNamespaceOpen(context, resource, namespace, name);
  const object = prepare(context, creation, named);
  const errors = [...validateMeta(object, resource.traits), ...complaints(resource, object, undefined, "body")];
  if (errors.length > 0) throw invalid(resource.info.group, resource.info.kind, name, errors);
  // The real server takes this for its own fault, and does not see it in a dry run.
  if (metaText(named, "resourceVersion") !== "" && !dryRun) throw new StatusError(500, undefined, "resourceVersion should not be set on objects to be created");
  const collection = context.store.collection(resource.storage);
  const key = storeKey(namespace, name);
  const taken = collection.get(key);
  if (taken) throw alreadyExists(resource.info, name, storedMeta(taken.object).deletionTimestamp !== undefined);
  if (dryRun) return object;
  const { conversion } = resource;
  const { object: stored } = context.store.put(collection, key, conversion ? conversion.toStored(object) : object);
  return conversion ? conversion.toServed(stored) : stored;
}

function nameIt(context: ApiContext, { resource, namespace, object }: Creation): JsonObject {
  const said = metaText(object, "namespace");
  if (said !== "" && said !== (namespace ?? "")) throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  const base = metaText(object, "generateName");
  const name = metaText(object, "name") || (base && context.ids.name(base));
  const { metadata: _old, ...rest } = object;
  const metadata = { ...metaOf(object), ...(name ? { name } : {}), ...(resource.info.namespaced && namespace !== undefined ? { namespace } : {}) };
  return { ...rest, metadata };
}

function prepare(context: ApiContext, { resource }: Creation, named: JsonObject): JsonObject {
  const system = withMeta(named, {
    uid: context.ids.uid(),
    resourceVersion: undefined,
    generation: resource.traits.generation ? 1 : undefined,
    creationTimestamp: wholeSeconds(context.clock.now()),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  });
  const { status: _ignored, ...fresh } = system;
  const object = onCreate(resource, resource.info.statusSubresource ? fresh : system);
  return resource.info.kind === "CustomResourceDefinition" ? admitCrd(context, object) : object;
}
