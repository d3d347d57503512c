import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Json } from "../../../src/api/object.ts";
import { EmbeddedApiServer } from "../../../src/apiserver/index.ts";
import { RawApi, wordAt, type Answer, type RawWatch } from "../../contract/raw-api.ts";
import { controlPlane } from "../shared.ts";

// The same random requests go to a real kube-apiserver and to the embedded one; every answer, and every object after it, must
// say the same but for what is drawn or counted (uids, versions, times).

const OPERATIONS = 250;
const SEEDS = [1, 2, 3, 4];
const NAMESPACE = `differential-${randomBytes(4).toString("hex")}`;
const GROUP = `${randomBytes(4).toString("hex")}.differential.test`;

interface KindUnderTest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly path: string;
  readonly field: "data" | "spec";
  readonly contents: readonly object[];
}

const KINDS: readonly KindUnderTest[] = [
  { kind: "ConfigMap", apiVersion: "v1", path: `/api/v1/namespaces/${NAMESPACE}/configmaps`, field: "data", contents: [{ a: "1" }, { a: "2" }, {}, { b: "3" }] },
  {
    kind: "Lease",
    apiVersion: "coordination.k8s.io/v1",
    path: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`,
    field: "spec",
    contents: [{ holderIdentity: "x" }, { holderIdentity: "y", leaseTransitions: 1 }, { leaseDurationSeconds: 0 }, {}, { unknown: 1 }],
  },
  {
    kind: "Widget",
    apiVersion: `${GROUP}/v1`,
    path: `/apis/${GROUP}/v1/namespaces/${NAMESPACE}/widgets`,
    field: "spec",
    contents: [{ color: "red" }, { color: "blue", size: 4 }, { size: 2 }, { color: "too long" }, { color: "red", unknown: 1 }],
  },
];
const METADATA: readonly object[] = [{}, {}, { labels: { a: "b" } }, { labels: { a: "c" }, annotations: { x: "y" } }, { finalizers: ["differential.test/hold"] }, { finalizers: [] }];
const QUERIES = ["", "", "", "?dryRun=All", "?fieldValidation=Strict"];
const POLICIES = [undefined, undefined, "Background", "Foreground", "Orphan"];

const WIDGETS = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `widgets.${GROUP}` },
  spec: {
    group: GROUP,
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", required: ["color"], properties: { color: { type: "string", maxLength: 5 }, size: { type: "integer", default: 3 } } },
              status: { type: "object", properties: { phase: { type: "string" } } },
            },
          },
        },
      },
    ],
  },
};

/** One request, before it is known which versions and uids each server gave. */
interface Operation {
  readonly verb: "POST" | "PUT" | "PATCH" | "DELETE" | "GET";
  readonly kind: KindUnderTest;
  readonly name: string;
  readonly subresource: string;
  readonly query: string;
  readonly metadata: object;
  readonly content: object;
  readonly status: object;
  readonly version: "none" | "current" | "old";
  readonly uid: "none" | "current" | "old";
  readonly policy: string | undefined;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function draw(random: () => number): Operation {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T; // The index is within.
  const kind = pick(KINDS);
  return {
    verb: pick(["POST", "PUT", "PATCH", "DELETE", "GET", "PUT", "PATCH"]),
    kind,
    name: pick(["a", "b", "c"]),
    subresource: kind.kind === "Widget" ? pick(["", "", "/status"]) : "",
    query: pick(QUERIES),
    metadata: pick(METADATA),
    content: pick(kind.contents),
    status: pick([{}, {}, { status: { phase: "one" } }, { status: { phase: "two" } }]),
    version: pick(["none", "none", "current", "current", "old"]),
    uid: pick(["none", "none", "current", "old"]),
    // The real garbage collector learns of a new kind half a minute late.
    policy: kind.kind === "Widget" ? pick([undefined, "Background"]) : pick(POLICIES),
  };
}

/** What one server has given so far, by kind and name: oldest first. */
class Memory {
  readonly #versions = new Map<string, string[]>();
  readonly #uids = new Map<string, string[]>();

  learn(key: string, answer: Answer): void {
    if (answer.status !== 200) return;
    remember(this.#versions, key, answer.version);
    remember(this.#uids, key, answer.uid);
  }

  names(key: string, { version, uid }: Operation): { readonly resourceVersion?: string; readonly uid?: string } {
    const [resourceVersion, named] = [recall(this.#versions.get(key), version), recall(this.#uids.get(key), uid)];
    return { ...(resourceVersion ? { resourceVersion } : {}), ...(named ? { uid: named } : {}) };
  }
}

function remember(values: Map<string, string[]>, key: string, value: string): void {
  const known = values.get(key) ?? [];
  if (known.at(-1) !== value) values.set(key, [...known, value]);
}

function recall(values: readonly string[] | undefined, which: "none" | "current" | "old"): string | undefined {
  return which === "none" ? undefined : values?.at(which === "current" ? -1 : -2);
}

async function perform(api: RawApi, memory: Memory, operation: Operation): Promise<readonly Json[]> {
  const { verb, kind, name, subresource, query, metadata, content, status, policy } = operation;
  const key = `${kind.kind} ${name}`;
  const named = memory.names(key, operation);
  const url = `${kind.path}/${name}`;
  const object = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, ...metadata, ...named }, [kind.field]: content, ...(kind.kind === "Widget" ? status : {}) };
  const send = (): Promise<Answer> => {
    switch (verb) {
      case "POST":
        return api.post(kind.path + query, { ...object, metadata: { name, ...metadata } });
      case "PUT":
        return api.put(url + subresource + query, object);
      case "PATCH":
        return api.patch(url + subresource + query, { metadata: { ...metadata, ...named }, [kind.field]: content, ...status });
      case "DELETE":
        return api.delete(url, { ...(Object.keys(named).length > 0 ? { preconditions: named } : {}), ...(policy ? { propagationPolicy: policy } : {}) });
      case "GET":
        return api.get(url);
      default:
        throw new TypeError("a verb that is never drawn");
    }
  };
  const answer = await send();
  // The garbage collector has the last word on what is deleted in the foreground or orphaned.
  if (verb === "DELETE" && policy && policy !== "Background") await settled(api, url);
  const left = await api.get(url);
  memory.learn(key, left);
  return [answer.status, plain(answer.json), left.status, left.status === 200 ? plain(left.json) : null, warningsOf(answer)];
}

async function settled(api: RawApi, url: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (Date.now() < deadline) {
    const finalizers = (await api.get(url)).at("metadata.finalizers");
    if (!Array.isArray(finalizers) || !finalizers.some((finalizer) => finalizer === "foregroundDeletion" || finalizer === "orphan")) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function warningsOf({ headers }: Answer): string {
  const { warning = "" } = headers;
  return Array.isArray(warning) ? warning.join(", ") : warning;
}

const DRAWN: ReadonlySet<string> = new Set(["managedFields", "resourceVersion", "uid", "creationTimestamp", "deletionTimestamp"]);

/** What is left when everything that each server draws, counts or words for itself is taken away. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(plain);
  if (typeof value === "string") return value.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UID").replaceAll(/\b\d+\b/g, "N").replace(/Invalid value: .*/s, "Invalid value").replace("Key: /registry/", "Key: /");
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([field]) => !DRAWN.has(field));
  return Object.fromEntries(kept.map(([field, inner]): [string, Json] => [field, plain(inner)]).filter(([field, inner]) => field === "spec" || !isEmpty(inner)));
}

function isEmpty(value: Json): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

describe("the embedded server and a real one, request by request", () => {
  let real: RawApi;
  let embedded: RawApi;

  before(async () => {
    const plane = await controlPlane();
    real = new RawApi({ ...plane, token: plane.admin.token, namespace: NAMESPACE, kind: "real", [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose]() });
    const server = new EmbeddedApiServer({ tokens: { secret: { name: "admin", groups: ["system:masters"] } } });
    const listening = await server.listen();
    const dispose = async (): Promise<void> => {
      server.close();
      await listening.close();
    };
    embedded = new RawApi({ url: listening.url, caPem: listening.caPem, token: "secret", namespace: NAMESPACE, kind: "embedded", [Symbol.asyncDispose]: dispose });
    for (const api of [real, embedded]) {
      (await api.post("/api/v1/namespaces", { metadata: { name: NAMESPACE } })).expect(201);
      (await api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WIDGETS)).expect(201);
    }
    while ((await real.get(KINDS[2]?.path ?? "")).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  after(async () => {
    await real.delete(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${GROUP}`);
    await real.delete(`/api/v1/namespaces/${NAMESPACE}`);
    await real[Symbol.asyncDispose]();
    await embedded[Symbol.asyncDispose]();
  });

  for (const seed of SEEDS) {
    it(`${OPERATIONS} requests of seed ${seed} are answered alike`, async () => {
      const random = seeded(seed);
      const memories = [new Memory(), new Memory()] as const;
      for (const api of [real, embedded]) await clear(api);
      const hear = await Promise.all([real, embedded].map(listen));
      for (let count = 0; count < OPERATIONS; count++) {
        const operation = draw(random);
        const [theirs, ours] = await Promise.all([perform(real, memories[0], operation), perform(embedded, memories[1], operation)]);
        assert.deepEqual(ours, theirs, `request ${count}: ${JSON.stringify(operation)}`);
      }
      const [theirs, ours] = await Promise.all(hear.map((stop) => stop()));
      assert.deepEqual(ours, theirs, "what the watches told");
    });
  }
});

const SENTINEL = "zz-end";

/** Opens watches, with labels and without. The returned function ends them and gives what they told. */
async function listen(api: RawApi): Promise<() => Promise<Json>> {
  const paths = KINDS.flatMap(({ path }) => [path, `${path}?labelSelector=a%3Db`, `${path}?labelSelector=a%21%3Db&fieldSelector=metadata.name%21%3Db`]);
  const watches = await Promise.all(
    paths.map(async (path) => {
      const version = (await api.get(path)).expect(200).version;
      return { path, watch: await api.watch(`${path}${path.includes("?") ? "&" : "?"}resourceVersion=${version}`) };
    }),
  );
  return async () => {
    for (const { path, kind, apiVersion, field } of KINDS) {
      for (const labels of [{ a: "b" }, {}]) (await api.post(path, { apiVersion, kind, metadata: { name: "a" in labels ? SENTINEL : `${SENTINEL}-plain`, labels }, [field]: field === "spec" && kind === "Widget" ? { color: "red" } : {} })).expect(201);
    }
    return Promise.all(watches.map(async ({ watch }) => untilSentinel(watch)));
  };
}

async function untilSentinel(watch: RawWatch): Promise<Json> {
  const told: Json[] = [];
  for (let event = await watch.next(); event; event = await watch.next()) {
    if (wordAt(event.object, "metadata.name").startsWith(SENTINEL)) break;
    told.push([event.type, plain(event.object)]);
  }
  await watch[Symbol.asyncDispose]();
  return told;
}

async function clear(api: RawApi): Promise<void> {
  for (const { path } of KINDS) {
    const items = (await api.get(path)).expect(200).at("items");
    for (const item of Array.isArray(items) ? items : []) {
      const url = `${path}/${wordAt(item, "metadata.name")}`;
      await api.patch(url, { metadata: { finalizers: null } });
      await api.delete(url);
    }
  }
}
