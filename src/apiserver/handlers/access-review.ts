import type { ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { decodeBody } from "../decode.ts";
import type { ApiResponse } from "../ports.ts";
import { respondObject } from "../respond.ts";
import { isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { badRequest } from "../status-error.ts";

/** POST of a SelfSubjectAccessReview: allowed unless a refusal says otherwise. Nothing is stored. */
export function reviewAccess(context: ApiContext, call: ResourceCall): ApiResponse {
  const body = decodeBody(call.request, "SelfSubjectAccessReview");
  if (!isObject(body)) throw badRequest("the object provided is unrecognized (must be of type SelfSubjectAccessReview)");
  const asked = (field: string): string => fieldText(body, `spec.resourceAttributes.${field}`);
  const question = { user: call.user.name, verb: asked("verb"), group: asked("group"), plural: asked("resource"), namespace: asked("namespace") || undefined };
  const allowed = !context.refusals.refuses(question);
  const { kind, spec = {} } = body;
  return respondObject(context, call, 201, { kind: kind ?? "SelfSubjectAccessReview", apiVersion: call.resource.apiVersion, metadata: {}, spec, status: { allowed, ...(allowed ? {} : { denied: true, reason: "refused by a rule" }) } });
}
