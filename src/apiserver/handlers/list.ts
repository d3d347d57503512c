import { flag, type ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { metaOf, storedMeta } from "../objects/metadata.ts";
import { storeKey, type ServedResource } from "../objects/served-resource.ts";
import type { ApiResponse, JsonObject } from "../ports.ts";
import { jsonText, partialMetadata, served, shapeOf, tableOptions, toYaml, type Shape } from "../respond.ts";
import { fieldSelector } from "../selectors/field-selector.ts";
import { labelSelector } from "../selectors/label-selector.ts";
import { tooLargeResourceVersion } from "../status-error.ts";
import type { Collection } from "../store/collection.ts";
import type { Revision } from "../store/revision.ts";
import { continueToken, pageOf, type Page } from "./list-page.ts";

/** Whether an object is meant by a call's selectors and namespace. */
export type Selection = (revision: Revision) => boolean;

/** GET of a collection: complete, or a page of a snapshot. */
export function list(context: ApiContext, call: ResourceCall): ApiResponse {
  const selects = selectionOf(call);
  const page = pageOf(call.query);
  const shape = shapeOf(call.request);
  const version = page.version ?? context.store.version;
  if (version > context.store.version) throw tooLargeResourceVersion(version, context.store.version);
  const { found, next, remaining } = select(context, call, page, selects);
  const metadata: JsonObject = {
    resourceVersion: String(page.exact ? version : context.store.version),
    ...(next === undefined ? {} : { continue: continueToken(page.exact ? version : context.store.version, next) }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
  return render(context, call, shape, metadata, found);
}

interface Found {
  readonly found: readonly Revision[];
  readonly next: string | undefined;
  readonly remaining: number | undefined;
}

function select(context: ApiContext, call: ResourceCall, page: Page, selects: Selection | undefined): Found {
  const collection = context.store.collection(call.resource.storage);
  const single = namedInSelector(collection, call);
  const snapshot = single ?? page.snapshotOf(collection);
  const all = selects ? snapshot.filter(selects) : snapshot;
  const from = page.start === undefined ? 0 : all.findIndex((revision) => keyOf(revision) >= (page.start ?? ""));
  const rest = from < 0 ? [] : all.slice(from);
  if (page.limit === 0 || rest.length <= page.limit) return { found: rest, next: undefined, remaining: undefined };
  const found = rest.slice(0, page.limit);
  const last = found.at(-1);
  const counted = !call.query.get("labelSelector") && !call.query.get("fieldSelector");
  return { found, next: last && `${keyOf(last)}\u0000`, remaining: counted ? rest.length - page.limit : undefined };
}

// `metadata.name=x` in one namespace is a look-up.
function namedInSelector(collection: Collection, { query, resource, namespace }: ResourceCall): readonly Revision[] | undefined {
  const text = query.get("fieldSelector");
  if (!text?.startsWith("metadata.name=") || text.includes(",") || (resource.info.namespaced && namespace === undefined) || query.get("resourceVersionMatch")) return undefined;
  const revision = collection.get(storeKey(namespace, text.slice("metadata.name=".length)));
  return revision ? [revision] : [];
}

function keyOf({ object }: Revision): string {
  const { namespace, name } = storedMeta(object);
  return storeKey(namespace, name);
}

/** What a call's namespace and selectors let through; undefined when they let everything through. Throws StatusError 400. */
export function selectionOf({ resource, namespace, query }: ResourceCall): Selection | undefined {
  const labels = labelSelector(query.get("labelSelector") ?? undefined);
  const fields = fieldSelector(query.get("fieldSelector") ?? undefined, resource.info);
  if (!labels && !fields && namespace === undefined) return undefined;
  return (revision) => {
    const meta = storedMeta(revision.object);
    if (namespace !== undefined && meta.namespace !== namespace) return false;
    if (labels && !labels(meta.labels)) return false;
    return !fields || fields.matches(served(resource, revision));
  };
}

function render(context: ApiContext, call: ResourceCall, shape: Shape, metadata: JsonObject, found: readonly Revision[]): ApiResponse {
  const { resource } = call;
  const head = { kind: `${resource.info.kind}List`, apiVersion: resource.apiVersion };
  if (shape === "table") {
    const objects = found.map((revision) => served(resource, revision));
    return jsonText(200, JSON.stringify(context.toTable(resource.info, objects, metadata, tableOptions(call, flag(call.query, "noHeaders")))));
  }
  if (shape === "metadata") {
    const items = found.map((revision) => partialMetadata(revision.object));
    return jsonText(200, JSON.stringify({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items }));
  }
  if (shape === "yaml") return { kind: "body", status: 200, headers: { "content-type": "application/yaml" }, body: toYaml({ ...head, metadata, items: found.map((revision) => served(resource, revision)) }) };
  const items = found.map((revision) => itemText(resource, revision)).join(",");
  return jsonText(200, `{"kind":"${head.kind}","apiVersion":"${head.apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${items}]}`);
}

// Items of built-in kinds do not repeat what the list is of; custom resources do.
function itemText(resource: ServedResource, revision: Revision): string {
  const { conversion, info, apiVersion } = resource;
  const head = `{"kind":"${info.kind}","apiVersion":"${apiVersion}",`;
  if (!info.strategicMerge && !conversion) return revision.json;
  if (!conversion && revision.json.startsWith(head)) return `{${revision.json.slice(head.length)}`;
  const object = served(resource, revision);
  if (!info.strategicMerge) return JSON.stringify(object);
  const { kind: _kind, apiVersion: _version, ...item } = object;
  return JSON.stringify({ metadata: metaOf(item), ...item });
}
