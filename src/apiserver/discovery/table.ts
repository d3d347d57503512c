import type { Json } from "../../api/object.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ToTable } from "../context.ts";
import type { JsonObject, PrinterColumn, ResourceInfo } from "../ports.ts";
import { partialMetadata } from "../respond.ts";
import { humanDuration } from "./human-duration.ts";
import { jsonPath } from "./json-path.ts";

const AGE: PrinterColumn = { name: "Age", type: "date", value: ".metadata.creationTimestamp", description: "Time since the object was created" };

/** A column ready to be read from objects. */
interface Column {
  readonly definition: JsonObject;
  read(object: JsonObject): Json;
}

/** Rows for `kubectl get`: the name, the kind's own columns, and the age where the kind does not place it itself. */
export function createToTable(clock: Pick<Clock, "now">): ToTable {
  const prepared = new WeakMap<ResourceInfo, readonly Column[]>();
  return (resource, objects, listMeta, { includeObject, noHeaders }) => {
    const columns = prepared.get(resource) ?? columnsOf(resource, clock);
    prepared.set(resource, columns);
    return {
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      metadata: listMeta,
      columnDefinitions: noHeaders ? null : columns.map(({ definition }) => definition),
      rows: objects.map((object) => ({ cells: columns.map((column) => column.read(object)), ...withObject(object, includeObject) })),
    };
  };
}

function withObject(object: JsonObject, include: "None" | "Metadata" | "Object"): { readonly object?: JsonObject } {
  if (include === "None") return {};
  return { object: include === "Object" ? object : partialMetadata(object) };
}

function columnsOf(resource: ResourceInfo, clock: Pick<Clock, "now">): readonly Column[] {
  const own = resource.columns.some(({ name }) => name === "Age") ? resource.columns : [...resource.columns, AGE];
  const name: PrinterColumn = { name: "Name", type: "string", format: "name", value: ".metadata.name", description: "Name must be unique within a namespace" };
  return [name, ...own].map((column) => ({ definition: definitionOf(column), read: readerOf(column, clock) }));
}

function definitionOf({ name, type, format = "", description = "", priority = 0 }: PrinterColumn): JsonObject {
  return { name, type, format, description, priority };
}

function readerOf(column: PrinterColumn, clock: Pick<Clock, "now">): (object: JsonObject) => Json {
  const { value } = column;
  if (typeof value === "function") return value;
  const at = jsonPath(value);
  if (column.type === "date") return (object) => since(at(object), clock.now());
  // kubectl shows an absent text as nothing, an absent number as such.
  return (object) => cell(at(object), column.type);
}

function since(value: Json | undefined, nowMs: number): Json {
  const thenMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(thenMs) ? "<unknown>" : humanDuration(nowMs - thenMs);
}

function cell(value: Json | undefined, type: PrinterColumn["type"]): Json {
  if (value === undefined || value === null) return type === "string" ? "" : null;
  if (type !== "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
