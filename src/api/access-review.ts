import type { KubeObject } from "./object.ts";

/** authorization.k8s.io/v1 SelfSubjectAccessReview: may I do this? It is answered by its creation and never stored. */
export interface SelfSubjectAccessReview extends KubeObject {
  readonly spec: {
    readonly resourceAttributes?: {
      readonly namespace?: string;
      readonly verb: string;
      readonly group?: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly name?: string;
    };
  };
  readonly status?: { readonly allowed: boolean; readonly denied?: boolean; readonly reason?: string };
}
