import { assertNever } from "../../lib/assert-never.ts";
import type { NamedCall, ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import type { ApiResponse } from "../ports.ts";
import { badRequest, methodNotAllowed, noSuchResource, notFound } from "../status-error.ts";
import { reviewAccess } from "./access-review.ts";
import { create } from "./create.ts";
import { remove, removeCollection } from "./delete.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { patch } from "./patch.ts";
import { bindPod, podLog } from "./pod.ts";
import { replace } from "./replace.ts";
import { scale } from "./scale.ts";
import { watch } from "./watch.ts";

/** Answers a request for a resource. Throws StatusError for everything but success. */
export function dispatch(context: ApiContext, call: ResourceCall): ApiResponse {
  if (call.resource.info.kind === "SelfSubjectAccessReview" && call.verb === "create") return reviewAccess(context, call);
  if (call.subresource !== undefined && call.subresource !== "status") return subresource(context, named(call));
  if (call.subresource === "status" && !call.resource.info.statusSubresource) throw unknownSubresource(call);
  switch (call.verb) {
    case "create":
      return create(context, call);
    case "get":
      return get(context, named(call));
    case "list":
      return list(context, call);
    case "watch":
      return watch(context, call);
    case "update":
      return replace(context, named(call));
    case "patch":
      return patch(context, named(call));
    case "delete":
      if (call.subresource !== undefined) throw methodNotAllowed();
      return remove(context, named(call));
    case "deletecollection":
      return removeCollection(context, call);
    default:
      return assertNever(call.verb, "verb");
  }
}

function named(call: ResourceCall): NamedCall {
  const { name, namespace, resource } = call;
  if (name === undefined) throw badRequest("name must be provided");
  if (resource.info.namespaced && namespace === undefined) throw methodNotAllowed();
  return { ...call, name };
}

function subresource(context: ApiContext, call: NamedCall): ApiResponse {
  const isPod = call.resource.storage === "pods";
  if (isPod && call.subresource === "binding" && call.verb === "create") return bindPod(context, call);
  if (isPod && call.subresource === "log" && call.verb === "get") return podLog(context, call);
  if (call.resource.info.scalable && call.subresource === "scale") return scale(context, call);
  throw unknownSubresource(call);
}

function unknownSubresource({ resource, name = "" }: ResourceCall): Error {
  return resource.info.strategicMerge ? noSuchResource() : notFound(resource.info, name);
}
