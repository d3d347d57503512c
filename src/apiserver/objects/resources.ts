import type { ResourceInfo } from "../ports.ts";
import { servedResource, type ServedResource } from "./served-resource.ts";

/** Every kind that is served right now: the built-in ones and those of CustomResourceDefinitions. */
export class Resources {
  readonly #byPath = new Map<string, ServedResource>();
  readonly #custom = new Map<string, readonly ServedResource[]>();
  #infos: readonly ResourceInfo[] | undefined;

  constructor(builtIn: readonly ResourceInfo[]) {
    for (const info of builtIn) this.#add(servedResource(info));
  }

  /** In the order of their registration. The array is the same until a kind comes or goes. */
  all(): readonly ResourceInfo[] {
    this.#infos ??= [...this.#byPath.values()].map(({ info }) => info);
    return this.#infos;
  }

  served(): IterableIterator<ServedResource> {
    return this.#byPath.values();
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** By what stands in an object's apiVersion and kind. */
  findKind(apiVersion: string, kind: string): ServedResource | undefined {
    for (const resource of this.#byPath.values()) if (resource.info.kind === kind && resource.apiVersion === apiVersion) return resource;
    return undefined;
  }

  /** By its collection in the store: the version in whose form objects are stored. */
  findStorage(storage: string): ServedResource | undefined {
    let any: ServedResource | undefined;
    for (const resource of this.#byPath.values()) {
      if (resource.storage !== storage) continue;
      if (!resource.conversion) return resource;
      any ??= resource;
    }
    return any;
  }

  /** Serves the versions of a CustomResourceDefinition in place of those that it had. */
  setCustom(crd: string, infos: readonly ResourceInfo[], storageVersion: string): void {
    this.removeCustom(crd);
    const resources = infos.map((info) => servedResource(info, storageVersion));
    this.#custom.set(crd, resources);
    for (const resource of resources) this.#add(resource);
  }

  /** The collections that hold the objects of a CustomResourceDefinition. */
  customStorages(crd: string): readonly string[] {
    return (this.#custom.get(crd) ?? []).map(({ storage }) => storage);
  }

  removeCustom(crd: string): void {
    for (const { info } of this.#custom.get(crd) ?? []) this.#byPath.delete(pathKey(info));
    this.#custom.delete(crd);
    this.#infos = undefined;
  }

  #add(resource: ServedResource): void {
    this.#byPath.set(pathKey(resource.info), resource);
    this.#infos = undefined;
  }
}

function pathKey({ group, version, plural }: ResourceInfo): string {
  return `${group}/${version}/${plural}`;
}
