import type { Json } from "../../api/object.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { badRequest, invalidOptions } from "../status-error.ts";
import { invalidValue } from "./metadata-validation.ts";
import { dryRunOf, unsupported } from "./write-options.ts";

export type Propagation = "Background" | "Foreground" | "Orphan";

/** How to delete. Absent preconditions hold. */
export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  /** Absent: the object's finalizers say, and Background if they do not. */
  readonly propagation?: Propagation;
  readonly dryRun: boolean;
}

const POLICIES: readonly Propagation[] = ["Foreground", "Background", "Orphan"];

/** From the body where there is one, and then from nothing else; from the query otherwise. Throws StatusError 400 or 422. */
export function deleteOptions(body: Json | undefined, query: URLSearchParams): DeleteOptions {
  const said = body === undefined ? fromQuery(query) : body;
  if (!isObject(said)) throw badRequest("the object provided is unrecognized (must be of type DeleteOptions)");
  const { gracePeriodSeconds, dryRun } = said;
  if (typeof gracePeriodSeconds === "number" && gracePeriodSeconds < 0) throw refused([invalidValue("gracePeriodSeconds", gracePeriodSeconds, "must be greater than or equal to 0")]);
  const propagation = propagationOf(said);
  const preconditions = said["preconditions"];
  const values = isArray(dryRun) ? dryRun.filter((value) => typeof value === "string") : [];
  return {
    ...(isObject(preconditions) ? preconditionsOf(preconditions) : {}),
    ...(typeof gracePeriodSeconds === "number" ? { gracePeriodSeconds } : {}),
    ...(propagation ? { propagation } : {}),
    dryRun: dryRunOf(values, "DeleteOptions"),
  };
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  const orphan = query.get("orphanDependents");
  return {
    ...(grace ? { gracePeriodSeconds: Number(grace) } : {}),
    ...(policy ? { propagationPolicy: policy } : {}),
    ...(orphan ? { orphanDependents: orphan === "true" } : {}),
    dryRun: query.getAll("dryRun"),
  };
}

function preconditionsOf({ uid, resourceVersion }: JsonObject): Pick<DeleteOptions, "uid" | "resourceVersion"> {
  return { ...(typeof uid === "string" ? { uid } : {}), ...(typeof resourceVersion === "string" ? { resourceVersion } : {}) };
}

function propagationOf({ propagationPolicy, orphanDependents }: JsonObject): Propagation | undefined {
  if (propagationPolicy === undefined || propagationPolicy === null) return typeof orphanDependents === "boolean" ? (orphanDependents ? "Orphan" : "Background") : undefined;
  const policy = POLICIES.find((known) => known === propagationPolicy);
  if (!policy) throw refused([unsupported("propagationPolicy", JSON.stringify(propagationPolicy), [...POLICIES, "nil"])]);
  return policy;
}

function refused(errors: readonly FieldError[]): Error {
  return invalidOptions("DeleteOptions", errors);
}
