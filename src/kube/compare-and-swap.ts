import type { KindInfo } from "../api/kind.ts";
import type { KubeObject, ObjectKey, Preconditions } from "../api/object.ts";
import { isKubeError, isNotThatObject } from "./kube-error.ts";
import type { CallOptions, DeleteOptions, Reader, Writer } from "./ports.ts";

/** `stale`: the object has moved on, or is gone or another one; nothing was written. */
export type Swapped<T> = { readonly kind: "written"; readonly object: T } | { readonly kind: "stale" };

/** Replaces the status at the uid and resourceVersion that `object` carries. Throws KubeError on anything but a lost race. */
export async function casStatus<T extends KubeObject>(writer: Writer, kind: KindInfo<T>, object: T, options?: CallOptions): Promise<Swapped<T>> {
  try {
    return { kind: "written", object: await writer.replaceStatus(kind, object, options) };
  } catch (error) {
    if (isNotThatObject(error)) return { kind: "stale" };
    throw error;
  }
}

/** What must still hold: the very version (the default), or only that it is the very object. */
export interface Exactly {
  readonly precondition?: "version" | "uid";
}

/** A change of metadata and of other fields, as a merge patch has it; which object it is about is said by its preconditions. */
export interface Change {
  readonly metadata?: { readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/**
 * Merges `change` into that very object, by default at that very version. A PATCH that names another uid is refused in the same way (422)
 * as one that breaks a rule: a live read tells which it was. Throws KubeError on anything but a lost race.
 */
export async function exactPatch<T extends KubeObject>(client: Pick<Reader, "get"> & Writer, kind: KindInfo<T>, object: T, change: Change, options: CallOptions & Exactly = {}): Promise<Swapped<T>> {
  const { precondition = "version", ...rest } = options;
  const { uid } = object.metadata;
  try {
    return { kind: "written", object: await client.patch(kind, keyIn(object), { ...change, metadata: { ...change.metadata, ...preconditionsOf(object, precondition) } }, rest) };
  } catch (error) {
    if (isNotThatObject(error)) return { kind: "stale" };
    if (!isKubeError(error, "Invalid")) throw error;
    const live = await client.get(kind, keyIn(object), rest);
    if (live?.metadata.uid === uid) throw error;
    return { kind: "stale" };
  }
}

/** Deletes that very object, by default at that very version. `gone`: it was not there; `moved`: another version or object is. */
export async function exactDelete(writer: Writer, kind: KindInfo, object: KubeObject, options: DeleteOptions & Exactly = {}): Promise<"deleted" | "gone" | "moved"> {
  const { precondition = "version", ...rest } = options;
  try {
    await writer.delete(kind, keyIn(object), preconditionsOf(object, precondition), rest);
    return "deleted";
  } catch (error) {
    if (isKubeError(error, "NotFound")) return "gone";
    if (isNotThatObject(error)) return "moved";
    throw error;
  }
}

function keyIn({ metadata: { name, namespace } }: KubeObject): ObjectKey {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function preconditionsOf({ metadata: { uid, resourceVersion } }: KubeObject, precondition: NonNullable<Exactly["precondition"]>): Preconditions {
  return precondition === "uid" ? { uid } : { uid, resourceVersion };
}
