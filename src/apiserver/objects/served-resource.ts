import type { ResourceInfo } from "../ports.ts";
import { eventConversion, versionConversion, type Conversion } from "./conversion.ts";
import { traitsOf, type KindTraits } from "./kind-traits.ts";

/** A kind in one version, with all that the handlers need to know of it. */
export interface ServedResource {
  readonly info: ResourceInfo;
  readonly traits: KindTraits;
  readonly apiVersion: string;
  /** Collection in the store; versions of one kind share it. */
  readonly storage: string;
  /** Absent where objects are stored as they are served. */
  readonly conversion: Conversion | undefined;
}

/** `storageVersion`: the version whose form is stored; the kind's own unless it has several. */
export function servedResource(info: ResourceInfo, storageVersion = info.version): ServedResource {
  const apiVersion = info.group ? `${info.group}/${info.version}` : info.version;
  const isEvent = info.group === "events.k8s.io" && info.kind === "Event";
  return {
    info,
    traits: traitsOf(info),
    apiVersion,
    storage: isEvent ? "events" : info.group ? `${info.group}/${info.plural}` : info.plural,
    conversion: isEvent ? eventConversion : storageVersion === info.version ? undefined : versionConversion(apiVersion, `${info.group}/${storageVersion}`),
  };
}

/** `namespace/name`, or the bare name: the key in a collection. */
export function storeKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}
