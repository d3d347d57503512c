import type { Json } from "../api/object.ts";
import type { FieldError, JsonObject } from "./ports.ts";

/** Names the kind of thing that an error is about: `leases.coordination.k8s.io`. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

/** An answer that is not the one hoped for: an HTTP code and the metav1.Status that explains it. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly status: JsonObject;

  constructor(code: number, reason: string | undefined, message: string, details?: JsonObject, metadata: JsonObject = {}) {
    super(message);
    this.code = code;
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata,
      status: "Failure",
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** `leases.coordination.k8s.io`, or the bare plural of the core group. */
export function qualified({ group, plural }: GroupResource): string {
  return group ? `${plural}.${group}` : plural;
}

function about(name: string, group: string, kind: string, more: JsonObject = {}): JsonObject {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), ...(kind ? { kind } : {}), ...more };
}

export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError(404, "NotFound", `${qualified(resource)} "${name}" not found`, about(name, resource.group, resource.plural));
}

/** What a path answers that no resource is served under. */
export function noSuchResource(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(resource: GroupResource, name: string, inDeletion: boolean): StatusError {
  const message = `${inDeletion ? "object is being deleted: " : ""}${qualified(resource)} "${name}" already exists`;
  return new StatusError(409, "AlreadyExists", message, about(name, resource.group, resource.plural));
}

export function conflict(resource: GroupResource, name: string, why: string): StatusError {
  return new StatusError(409, "Conflict", `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`, about(name, resource.group, resource.plural));
}

/** A replace or patch at a version that is not the latest. */
export function staleVersion(resource: GroupResource, name: string): StatusError {
  return conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function forbidden(resource: GroupResource, name: string, why: string, details: JsonObject = {}): StatusError {
  return new StatusError(403, "Forbidden", `${qualified(resource)} "${name}" is forbidden: ${why}`, about(name, resource.group, resource.plural, details));
}

export function unauthorized(): StatusError {
  return new StatusError(401, "Unauthorized", "Unauthorized");
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(415, "UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`);
}

/** History that was asked for is no longer kept. */
export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}

export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  return new StatusError(504, "Timeout", `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

/** A JSON patch or merge patch that can not be applied to the object. */
export function patchRejected(): StatusError {
  return new StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

/** Violations of an object's rules. `kind` is the Kind, or the plural where the storage layer speaks. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  const said = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  const causes: readonly Json[] = errors.map(({ reason, message, field }) => ({ reason, message, field }));
  const message = `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${said.length === 1 ? said[0] : `[${said.join(", ")}]`}`;
  return new StatusError(422, "Invalid", message, { ...about(name, group, kind), causes });
}

/** Violations in the options of a request, such as CreateOptions. */
export function invalidOptions(kind: string, errors: readonly FieldError[]): StatusError {
  return invalid("meta.k8s.io", kind, "", errors);
}
