import { isObject } from "../same-json.ts";
import { badRequest, expired, invalidOptions, StatusError } from "../status-error.ts";
import type { Collection } from "../store/collection.ts";
import type { Revision } from "../store/revision.ts";
import type { Json } from "../../api/object.ts";
import type { FieldError } from "../ports.ts";
import { unsupported } from "../objects/write-options.ts";
import { resourceVersionOf } from "./get.ts";

/** Which part of which state of a collection a list is about. */
export interface Page {
  /** 0: no limit. */
  readonly limit: number;
  /** Key from which on. */
  readonly start: string | undefined;
  /** At least that version, or exactly that one; undefined: the latest. */
  readonly version: number | undefined;
  readonly exact: boolean;
  /** Throws StatusError 410 when that state is no longer known. */
  snapshotOf(collection: Collection): readonly Revision[];
}

/** Reads limit, continue, resourceVersion and resourceVersionMatch. Throws StatusError 400 or 422. */
export function pageOf(query: URLSearchParams): Page {
  const limit = limitOf(query);
  const token = query.get("continue");
  const match = matchOf(query, false);
  if (token) return continued(token, limit);
  const version = resourceVersionOf(query) || undefined;
  const exact = match === "Exact" && version !== undefined;
  return { limit, start: undefined, version, exact, snapshotOf: (collection) => (exact ? snapshotAt(collection, version) : collection.sorted()) };
}

/** The resourceVersionMatch parameter, checked as the options of a list, or only for its value. Throws StatusError 422. */
export function matchOf(query: URLSearchParams, ofWatch: boolean): "Exact" | "NotOlderThan" | undefined {
  const match = query.get("resourceVersionMatch");
  if (!match) return undefined;
  if (match !== "Exact" && match !== "NotOlderThan") throw invalidOptions("ListOptions", [unsupported("resourceVersionMatch", JSON.stringify(match), ["Exact", "NotOlderThan", ""])]);
  if (ofWatch) return match;
  const version = query.get("resourceVersion");
  if (query.get("continue")) throw forbiddenMatch("resourceVersionMatch is forbidden when continue is provided");
  if (!version) throw forbiddenMatch("resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (match === "Exact" && version === "0") throw forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  return match;
}

/** A refusal of a parameter as ListOptions word it. */
export function forbiddenMatch(why: string, field = "resourceVersionMatch"): StatusError {
  const error: FieldError = { reason: "FieldValueForbidden", field, message: `Forbidden: ${why}` };
  return invalidOptions("ListOptions", [error]);
}

/** Where the next page of the snapshot at `version` begins. */
export function continueToken(version: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start })).toString("base64url");
}

function limitOf(query: URLSearchParams): number {
  const text = query.get("limit");
  if (!text) return 0;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Math.max(0, Number(text));
}

function continued(token: string, limit: number): Page {
  const { rv, start } = decode(token);
  if (rv < 0) return { limit, start, version: undefined, exact: false, snapshotOf: (collection) => collection.sorted() };
  return { limit, start, version: rv, exact: true, snapshotOf: (collection) => collection.sortedAt(rv) ?? inconsistent(start) };
}

function decode(token: string): { readonly rv: number; readonly start: string } {
  try {
    const value = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Json; // JSON.parse makes nothing else.
    if (isObject(value) && typeof value["rv"] === "number" && typeof value["start"] === "string") return { rv: value["rv"], start: value["start"] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest("invalid continue token: continue key is not valid");
}

function snapshotAt(collection: Collection, version: number): readonly Revision[] {
  const snapshot = collection.sortedAt(version);
  if (!snapshot) throw expired(`The resourceVersion for the provided list is too old.`);
  return snapshot;
}

function inconsistent(start: string): never {
  const error = expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
  );
  throw new StatusError(error.code, "Expired", error.message, undefined, { continue: continueToken(-1, start) });
}
