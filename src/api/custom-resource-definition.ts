import type { Json, KubeObject } from "./object.ts";

/** An OpenAPI v3 schema in the structural form that custom resources use. */
export type StructuralSchema = { readonly [keyword: string]: Json };

/** One served version of a custom resource. */
export interface CustomResourceVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
  readonly subresources?: { readonly status?: { readonly [key: string]: Json }; readonly scale?: Json };
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
  readonly additionalPrinterColumns?: readonly {
    readonly name: string;
    readonly type: string;
    readonly jsonPath: string;
    readonly description?: string;
    readonly format?: string;
    readonly priority?: number;
  }[];
}

/** apiextensions.k8s.io/v1 CustomResourceDefinition, the part that we read. */
export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly scope: "Namespaced" | "Cluster";
    readonly names: {
      readonly kind: string;
      readonly listKind?: string;
      readonly plural: string;
      readonly singular?: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly versions: readonly CustomResourceVersion[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: "True" | "False" | "Unknown"; readonly reason?: string; readonly message?: string }[];
  };
}
