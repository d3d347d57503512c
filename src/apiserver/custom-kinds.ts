import type { ApiContext } from "./context.ts";
import { storageVersionOf } from "./objects/crd-admission.ts";
import { storedMeta } from "./objects/metadata.ts";
import type { Change } from "./store/collection.ts";

/** Serves the kinds of stored CustomResourceDefinitions, from the write of each on until its deletion, which takes their objects with it. */
export function serveCustomKinds(context: ApiContext): void {
  context.store.collection("apiextensions.k8s.io/customresourcedefinitions").subscribe((change) => follow(context, change));
}

function follow(context: ApiContext, { type, revision }: Change): void {
  const { resources, compileCrd } = context;
  const crd = storedMeta(revision.object).name;
  if (type === "DELETED") return withdraw(context, crd);
  const compiled = compileCrd(revision.object);
  if (compiled.kind === "invalid") throw new TypeError(`a CustomResourceDefinition was stored that does not compile: ${crd}`);
  resources.setCustom(crd, compiled.resources, storageVersionOf(revision.object) ?? "");
}

function withdraw({ store, resources }: ApiContext, crd: string): void {
  const storages = new Set(resources.customStorages(crd));
  resources.removeCustom(crd);
  for (const storage of storages) {
    const collection = store.collection(storage);
    for (const { object } of collection.sorted()) {
      const { namespace, name } = storedMeta(object);
      store.remove(collection, namespace ? `${namespace}/${name}` : name);
    }
  }
}
