import type { KubeObject } from "./object.ts";

/** core/v1 Namespace, the part that we read. */
export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: "Active" | "Terminating" };
}
