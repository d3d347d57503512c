import type { Json } from "../../api/object.ts";
import type { JsonObject } from "../ports.ts";

/** How a served version of a kind differs from the form in which its objects are stored. */
export interface Conversion {
  toServed(stored: JsonObject): JsonObject;
  toStored(served: JsonObject): JsonObject;
}

// Field of core/v1 Event, field of events.k8s.io/v1 Event: one kind, two faces.
const RENAMED: readonly (readonly [core: string, events: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];
const TO_EVENTS = new Map(RENAMED);
const TO_CORE = new Map(RENAMED.map(([core, events]) => [events, core]));

function renamed(object: JsonObject, apiVersion: string, names: ReadonlyMap<string, string>): JsonObject {
  const entries = Object.entries(object).map(([field, value]): [string, Json] => [names.get(field) ?? field, value]);
  return { ...Object.fromEntries(entries), apiVersion };
}

/** events.k8s.io/v1 over the stored core/v1 form. */
export const eventConversion: Conversion = {
  toServed: (stored) => renamed(stored, "events.k8s.io/v1", TO_EVENTS),
  toStored: (served) => renamed(served, "v1", TO_CORE),
};

/** Between two versions of a custom resource with conversion strategy None: only the apiVersion differs. */
export function versionConversion(served: string, stored: string): Conversion {
  return { toServed: (object) => ({ ...object, apiVersion: served }), toStored: (object) => ({ ...object, apiVersion: stored }) };
}
