import type { KindInfo } from "../api/kind.ts";
import type { KubeObject, ObjectKey } from "../api/object.ts";
import { isKubeError, isNotThatObject } from "./kube-error.ts";
import type { CallOptions, DeleteOptions, Writer } from "./ports.ts";

/** `stale`: the object has moved on, or is gone or another one; nothing was written. */
export type Swapped<T> = { readonly kind: "written"; readonly object: T } | { readonly kind: "stale" };

/** Replaces the status at the uid and resourceVersion that `object` carries. Throws KubeError on anything but a lost race. */
export async function casStatus<T extends KubeObject>(writer: Writer, kind: KindInfo<T>, object: T, options?: CallOptions): Promise<Swapped<T>> {
  try {
    return { kind: "written", object: await writer.replaceStatus(kind, object, options) };
  } catch (error) {
    if (isNotThatObject(error, "replace")) return { kind: "stale" };
    throw error;
  }
}

export interface ExactDeleteOptions extends DeleteOptions {
  /** What must still hold: the very version (the default), or only that it is the very object. */
  readonly precondition?: "version" | "uid";
}

/** Deletes that very object, by default at that very version. `gone`: it was not there; `moved`: another version or object is. */
export async function exactDelete(writer: Writer, kind: KindInfo, object: KubeObject, options: ExactDeleteOptions = {}): Promise<"deleted" | "gone" | "moved"> {
  const { precondition = "version", ...rest } = options;
  const { uid, resourceVersion, name, namespace } = object.metadata;
  const key: ObjectKey = { name, ...(namespace === undefined ? {} : { namespace }) };
  try {
    await writer.delete(kind, key, precondition === "uid" ? { uid } : { uid, resourceVersion }, rest);
    return "deleted";
  } catch (error) {
    if (isKubeError(error, "NotFound")) return "gone";
    if (isNotThatObject(error, "delete")) return "moved";
    throw error;
  }
}
