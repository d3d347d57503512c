import type { Clock } from "../lib/clock.ts";
import type { NextIds } from "./objects/ids.ts";
import type { Resources } from "./objects/resources.ts";
import type { FieldError, JsonObject, ResourceInfo } from "./ports.ts";
import type { Refusals } from "./refusals.ts";
import type { Store } from "./store/store.ts";

/** How an object goes into the rows of a `kubectl get`. */
export type ToTable = (resource: ResourceInfo, objects: readonly JsonObject[], listMeta: JsonObject, options: TableOptions) => JsonObject;

export interface TableOptions {
  /** What of each object goes along with its row. */
  readonly includeObject: "None" | "Metadata" | "Object";
  /** Column definitions are left out: they were sent before. */
  readonly noHeaders: boolean;
}

/** The versions of a CustomResourceDefinition as kinds to serve, or what is wrong with it. */
export type CompileCrd = (crd: JsonObject) => { readonly kind: "compiled"; readonly resources: readonly ResourceInfo[] } | { readonly kind: "invalid"; readonly errors: readonly FieldError[] };

/** A strategic merge of a built-in kind's object; throws StatusError when the patch makes no sense. */
export type StrategicMerge = (resource: ResourceInfo, object: JsonObject, patch: JsonObject) => JsonObject;

/** What the request handlers stand on. */
export interface ApiContext {
  readonly store: Store;
  readonly resources: Resources;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly random: () => number;
  readonly ids: NextIds;
  readonly compileCrd: CompileCrd;
  readonly toTable: ToTable;
  readonly strategicMerge: StrategicMerge;
  /** The lines that a pod has printed, by its uid. */
  readonly podLog: (podUid: string) => readonly string[];
  /** Between two bookmarks of a watch that asked for them. */
  readonly bookmarkIntervalMs: number;
}
