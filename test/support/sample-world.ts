import { readFileSync } from "node:fs";
import type { KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { KubeObject, OwnerReference } from "../../src/api/object.ts";
import type { TestCluster } from "./cluster.ts";

/** The objects that the other product left, by file name. */
export type SampleName = "rr-executing" | "rr-blocked-resource-busy" | "rr-completed" | "sp-completed" | "aia-completed" | "wfe-running" | "wfe-completed" | "ea-completed" | "nr-blocked" | "nr-completion";

/** A sample as it is to be stored, before its owner and its server's own fields are known. */
export interface Sample extends KubeObject {
  readonly spec: { readonly remediationRequestRef?: object };
  readonly status: { readonly [field: string]: unknown };
}

export interface SampleChange {
  /** Name of the RemediationRequest that it is, or belongs to, instead of the sample's. */
  readonly request?: string;
  /** What it was at an earlier moment, or with another end. */
  readonly status?: (status: Sample["status"]) => Sample["status"];
}

/** Puts samples into a test's namespace, as if the other product had left them there a moment ago. */
export class SampleWorld {
  readonly #cluster: TestCluster;
  // The server gives each RemediationRequest a uid of its own; its children have to name that one.
  readonly #uids = new Map<string, string>();
  readonly #nowMs = Date.now();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Creates the object and writes its status. A RemediationRequest comes before its children. */
  async put(sample: SampleName, { request, status = (left) => left }: SampleChange = {}): Promise<KubeObject> {
    const { client } = this.#cluster;
    const { apiVersion, kind, metadata, spec, status: left } = this.#moved(sample, request);
    const info = kindOf(kind);
    const ownerReferences = metadata.ownerReferences?.map((owner) => this.#owned(owner));
    const { name, namespace = "" } = metadata;
    const refersTo = spec.remediationRequestRef ? { remediationRequestRef: this.#owned(spec.remediationRequestRef) } : {};
    const draft = { apiVersion, kind, metadata: { name, namespace, ...(ownerReferences ? { ownerReferences } : {}) }, spec: { ...spec, ...refersTo } };
    const created = await client.create(info, draft);
    if (kind === "RemediationRequest") this.#uids.set(name, created.metadata.uid);
    return client.replaceStatus(info, { ...created, status: status(left) } as KubeObject);
  }

  /** The sample here and now: in this namespace, about this test's Deployment, its times moved to the last ten seconds. */
  #moved(sample: SampleName, request: string | undefined): Sample {
    const text = readFileSync(new URL(`samples/${sample}.json`, import.meta.url), "utf8");
    const shiftMs = this.#nowMs - 10_000 - Date.parse("2026-11-23T13:22:47Z");
    const moved = text
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:]+(\.\d+)?Z"/g, (time, fraction: string | undefined) => JSON.stringify(shifted(JSON.parse(time) as string, shiftMs, fraction !== undefined)))
      .replaceAll('"kubernaut-system"', JSON.stringify(this.#cluster.namespace))
      .replaceAll('"shop"', JSON.stringify(this.#cluster.namespace))
      .replaceAll('"shop/', `"${this.#cluster.namespace}/`);
    const named = request === undefined ? moved : moved.replaceAll(/\brr-[ab]\b/g, request);
    return JSON.parse(named) as Sample; // The wire, as the other product wrote it.
  }

  #owned<T extends object>(reference: T): T {
    const { name, uid } = reference as Partial<OwnerReference>;
    return uid === undefined ? reference : { ...reference, uid: this.#uids.get(name ?? "") ?? uid };
  }
}

function shifted(time: string, byMs: number, fraction: boolean): string {
  const moved = new Date(Date.parse(time) + byMs).toISOString();
  return fraction ? moved : moved.replace(/\.\d+/, "");
}

function kindOf(kind: string): KindInfo<KubeObject> {
  const info = Object.values<KindInfo>(kinds).find((known) => known.kind === kind);
  if (!info) throw new Error(`no kind ${kind}`);
  return info;
}
