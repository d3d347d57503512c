import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../../src/api/object.ts";
import { isKubeError } from "../../../src/kube/kube-error.ts";
import type { WatchEvent } from "../../../src/kube/ports.ts";
import { decodeWatch } from "../../../src/kube/watch-decoder.ts";

const object = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Thing", metadata: { name, uid: "u", resourceVersion: "7", creationTimestamp: "2026-01-01T00:00:00Z" } });
const line = (event: unknown): string => `${JSON.stringify(event)}\n`;

async function* chunksOf(chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array | string> {
  yield* chunks;
}

async function decode(...chunks: readonly (Uint8Array | string)[]): Promise<readonly WatchEvent<KubeObject>[]> {
  const events: WatchEvent<KubeObject>[] = [];
  for await (const event of decodeWatch(chunksOf(chunks))) events.push(event);
  return events;
}

/** Evenly spread numbers in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("events come in order; a bookmark is only its version", async () => {
  const bookmark = { type: "BOOKMARK", object: { kind: "Thing", metadata: { resourceVersion: "99" } } };
  const text = line({ type: "ADDED", object: object("a") }) + line({ type: "MODIFIED", object: object("b") }) + line(bookmark) + line({ type: "DELETED", object: object("c") });
  assert.deepEqual(await decode(text), [{ type: "ADDED", object: object("a") }, { type: "MODIFIED", object: object("b") }, { type: "BOOKMARK", resourceVersion: "99" }, { type: "DELETED", object: object("c") }]);
});

test("an ERROR event is thrown, after what came before it", async () => {
  const seen: string[] = [];
  const text = line({ type: "ADDED", object: object("a") }) + line({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } }) + line({ type: "ADDED", object: object("b") });
  await assert.rejects(
    async () => {
      for await (const event of decodeWatch(chunksOf([text]))) seen.push(event.type);
    },
    (error) => isKubeError(error, "Expired") && error.status === 410 && error.message === "too old",
  );
  assert.deepEqual(seen, ["ADDED"]);
});

for (const [what, error, reason] of [
  ["with a code alone", { code: 410 }, "Expired"],
  ["of the server", { code: 500, reason: "InternalError" }, "ServerError"],
  ["with nothing in it", undefined, "ServerError"],
] as const) {
  test(`an ERROR event ${what} is an error too`, async () => {
    await assert.rejects(decode(line({ type: "ERROR", object: error })), (thrown) => isKubeError(thrown, reason));
  });
}

test("an event of a type that we do not know is not passed over", async () => {
  await assert.rejects(decode(line({ type: "RENAMED", object: object("a") })), (thrown) => isKubeError(thrown, "ServerError"));
});

test("empty lines are nothing, and a line without its end was never finished", async () => {
  assert.deepEqual(await decode("\n", line({ type: "ADDED", object: object("a") }), "\r\n", '{"type":"ADD'), [{ type: "ADDED", object: object("a") }]);
});

for (let seed = 1; seed <= 50; seed++) {
  test(`however bytes are cut, the events are the same (seed ${seed})`, async () => {
    const random = randomOf(seed);
    const names = Array.from({ length: 1 + Math.floor(random() * 20) }, () => Array.from({ length: Math.floor(random() * 30) }, () => ["a", "ü", "漢", "🦊", "\\n", '"'][Math.floor(random() * 6)]).join(""));
    const bytes = Buffer.from(names.map((name) => line({ type: "ADDED", object: object(name) })).join(""));
    const chunks: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; ) {
      const end = from + Math.floor(random() * (random() < 0.5 ? 4 : 200));
      chunks.push(bytes.subarray(from, end));
      from = end;
    }
    const events = await decode(...chunks);
    assert.deepEqual(events.map((event) => event.type !== "BOOKMARK" && event.object.metadata.name), names);
  });
}

test("a huge line in small pieces takes time in proportion to its length", async () => {
  const big = Buffer.from(line({ type: "ADDED", object: { ...object("a"), data: "x".repeat(8 * 1024 * 1024) } }));
  const pieces = Array.from({ length: Math.ceil(big.length / 1024) }, (_, i) => big.subarray(i * 1024, (i + 1) * 1024));
  const start = performance.now();
  assert.equal((await decode(...pieces)).length, 1);
  // Joining anew with every piece would copy 32 GB.
  assert.ok(performance.now() - start < 3000);
});
