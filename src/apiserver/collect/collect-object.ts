import type { OwnerReference } from "../../api/object.ts";
import type { ApiContext } from "../context.ts";
import { deleteObject } from "../objects/delete-object.ts";
import type { Propagation } from "../objects/delete-options.ts";
import { finalizersOf } from "../objects/metadata-validation.ts";
import { storedMeta, withMeta } from "../objects/metadata.ts";
import type { JsonObject } from "../ports.ts";
import type { OwnerGraph, Place } from "./owner-graph.ts";

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

export interface CollectDeps {
  readonly context: ApiContext;
  readonly graph: OwnerGraph;
  /** Look at the object with this uid later. */
  again(uid: string): void;
}

/**
 * Does to one object what the garbage collector does: lets its dependents go or takes them along if it is in deletion, deletes it
 * if none of its owners exists any more, and cuts the references to those of its owners that are gone.
 */
export function collectObject(deps: CollectDeps, uid: string): void {
  const found = lookUp(deps, uid);
  if (!found) return;
  const finalizers = finalizersOf(found.object);
  if (storedMeta(found.object).deletionTimestamp === undefined) return collectDependent(deps, found);
  if (finalizers.includes(ORPHAN)) return orphanDependents(deps, found);
  if (finalizers.includes(FOREGROUND)) awaitDependents(deps, found);
}

interface Found {
  readonly place: Place;
  readonly object: JsonObject;
  readonly uid: string;
}

function lookUp({ context, graph }: CollectDeps, uid: string): Found | undefined {
  const place = graph.placeOf(uid);
  const revision = place && context.store.collection(place.collection).get(place.key);
  return revision && { place, object: revision.object, uid };
}

function orphanDependents(deps: CollectDeps, owner: Found): void {
  for (const uid of Array.from(deps.graph.dependentsOf(owner.uid))) {
    const dependent = lookUp(deps, uid);
    if (dependent) keepOwners(deps, dependent, (reference) => reference.uid !== owner.uid);
  }
  dropFinalizer(deps, owner, ORPHAN);
}

function awaitDependents(deps: CollectDeps, owner: Found): void {
  const dependents = [...deps.graph.dependentsOf(owner.uid)];
  const blocking = dependents.filter((uid) => {
    const dependent = lookUp(deps, uid);
    return dependent && ownersOf(dependent.object).some((reference) => reference.uid === owner.uid && reference.blockOwnerDeletion === true);
  });
  if (blocking.length === 0) return dropFinalizer(deps, owner, FOREGROUND);
  for (const uid of dependents) {
    const dependent = lookUp(deps, uid);
    if (dependent && storedMeta(dependent.object).deletionTimestamp === undefined) collectDependent(deps, dependent);
  }
}

type Owned = "solid" | "dangling" | "waiting" | "unknown";

/** `waiting`: the owner is there only until its dependents are gone. `unknown`: of a kind that is not served, so nobody can tell. */
function judge(deps: CollectDeps, dependent: Found, reference: OwnerReference): Owned {
  if (!deps.context.resources.findKind(reference.apiVersion, reference.kind)) return "unknown";
  const owner = lookUp(deps, reference.uid);
  if (!owner) return "dangling";
  const { namespace, deletionTimestamp } = storedMeta(owner.object);
  if (namespace !== undefined && namespace !== storedMeta(dependent.object).namespace) return "dangling";
  return deletionTimestamp !== undefined && finalizersOf(owner.object).includes(FOREGROUND) ? "waiting" : "solid";
}

function collectDependent(deps: CollectDeps, dependent: Found): void {
  const owners = ownersOf(dependent.object).map((reference) => ({ reference, owned: judge(deps, dependent, reference) }));
  if (owners.length === 0 || owners.some(({ owned }) => owned === "unknown")) return;
  if (owners.some(({ owned }) => owned === "solid")) {
    const solid = new Set(owners.filter(({ owned }) => owned === "solid").map(({ reference }) => reference));
    if (solid.size < owners.length) keepOwners(deps, dependent, (reference) => solid.has(reference));
    return;
  }
  const hasDependents = deps.graph.dependentsOf(dependent.uid).size > 0;
  const foreground = hasDependents && owners.some(({ owned }) => owned === "waiting");
  remove(deps, dependent, foreground ? "Foreground" : policyOf(dependent.object));
}

function policyOf(object: JsonObject): Propagation {
  const finalizers = finalizersOf(object);
  if (finalizers.includes(ORPHAN)) return "Orphan";
  return finalizers.includes(FOREGROUND) ? "Foreground" : "Background";
}

function remove({ context }: CollectDeps, { place, uid }: Found, propagation: Propagation): void {
  const resource = context.resources.findStorage(place.collection);
  const revision = context.store.collection(place.collection).get(place.key);
  if (resource && revision) deleteObject(context, resource, revision, { uid, propagation, dryRun: false });
}

function ownersOf(object: JsonObject): readonly OwnerReference[] {
  return storedMeta(object).ownerReferences ?? [];
}

function keepOwners(deps: CollectDeps, dependent: Found, keep: (reference: OwnerReference) => boolean): void {
  const kept = ownersOf(dependent.object).filter(keep);
  rewrite(deps, dependent, withMeta(dependent.object, { ownerReferences: kept.map((reference) => ({ ...reference })) }));
}

function dropFinalizer(deps: CollectDeps, found: Found, finalizer: string): void {
  const finalizers = finalizersOf(found.object).filter((other) => other !== finalizer);
  rewrite(deps, found, withMeta(found.object, { finalizers }));
}

// What is in deletion goes with its last finalizer, unless it has time to stop.
function rewrite({ context }: CollectDeps, { place }: Found, object: JsonObject): void {
  const collection = context.store.collection(place.collection);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = storedMeta(object);
  const ends = deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizersOf(object).length === 0;
  if (ends) context.store.remove(collection, place.key);
  else context.store.put(collection, place.key, object);
}
