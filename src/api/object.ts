/** Any JSON value. Fields that we do not know are kept as such through every read-modify-write. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A dependent's pointer to its owner; garbage collection follows it by uid. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Metadata of an object that the API server has stored. Times are RFC 3339 strings; resourceVersion is opaque but for `compareResourceVersions`. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** An object of the cluster, deeply readonly: a change is a new object. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Metadata that a creator may set; the rest is the API server's. */
export type DraftMeta = Pick<ObjectMeta, "name" | "namespace" | "labels" | "annotations" | "finalizers" | "ownerReferences">;

/** What is sent to create a T. `status` is not part of it: the API server drops it on kinds with the status subresource. */
export type Draft<T extends KubeObject> = Omit<T, "metadata" | "status"> & { readonly metadata: DraftMeta };

/** Names one object of a kind: a namespace (absent for cluster-scoped kinds) and a name. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** The precondition that every delete carries: the very object, at the very version where one is given. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion?: string;
}

/** Reference to another object, as the custom resources carry it. */
export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
}

/** A condition as metav1 defines it. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** `namespace/name`, or the bare name of a cluster-scoped object: the work queue's key. */
export function keyOf(object: { readonly metadata: Pick<ObjectMeta, "namespace" | "name"> }): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** The inverse of `keyOf`. */
export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Order of two resourceVersions of one kind (negative: a is older): by length, then lexically. */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The controlling owner of an object, if it has one. */
export function controllerOf(object: { readonly metadata: Pick<ObjectMeta, "ownerReferences"> }): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller);
}
