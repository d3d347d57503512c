import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { ListResult, WatchEvent } from "../../../src/kube/ports.ts";
import { follow, type Change } from "../../e2e/follow.ts";
import { remediationRequest } from "../../support/builders.ts";
import { until } from "../kube/tls-server.ts";

type Stream = () => AsyncIterable<WatchEvent<RemediationRequest>>;

/** A client whose lists and streams are these, one after the other; the last stream never ends. */
function scripted(lists: readonly ListResult<RemediationRequest>[], streams: readonly Stream[]) {
  const asked: string[] = [];
  const list = lists.values();
  const stream = streams.values();
  return {
    asked,
    list: async () => list.next().value,
    async *watch(_: unknown, query: { readonly resourceVersion: string }, { signal }: { readonly signal: AbortSignal }) {
      asked.push(query.resourceVersion);
      const next = stream.next().value;
      if (next) yield* next();
      else await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new KubeError("Unreachable", "aborted"))));
    },
  };
}

function at(name: string, resourceVersion: string): RemediationRequest {
  return remediationRequest(name, undefined, { meta: { resourceVersion } });
}

async function told(lists: readonly ListResult<RemediationRequest>[], streams: readonly Stream[], enough: number) {
  const client = scripted(lists, streams);
  const changes: Change<RemediationRequest>[] = [];
  // Only these two are asked for.
  const following = await follow({ client: client as never, kind: kinds.RemediationRequest, onChange: (change) => changes.push(change) });
  await until(() => changes.length >= enough && client.asked.length > streams.length, "all was told and the last stream is open");
  await following[Symbol.asyncDispose]();
  return { changes: changes.map(({ type, object, version }) => `${type} ${object.metadata.name} ${version}`), asked: client.asked, holes: following.holes };
}

describe("a kind that is followed", () => {
  it("goes on after a broken stream where it was: nothing is told twice, and nothing is missed", async () => {
    const broken: Stream = async function* () {
      yield { type: "ADDED", object: at("b", "11") };
      throw new KubeError("Unreachable", "the server was killed");
    };
    const { changes, asked, holes } = await told([{ items: [at("a", "5")], resourceVersion: "10" }], [broken], 2);
    assert.deepEqual(changes, ["ADDED a 5", "ADDED b 11"]);
    assert.deepEqual(asked, ["10", "11"]);
    assert.equal(holes, 0);
  });

  it("lists again when its place in the history is gone, tells only what is new, and owns up to the hole", async () => {
    const expired: Stream = async function* () {
      yield* [];
      throw new KubeError("Expired", "too old");
    };
    const lists = [
      { items: [at("a", "5"), at("b", "6")], resourceVersion: "10" },
      { items: [at("a", "5"), at("c", "15")], resourceVersion: "20" },
    ];
    const { changes, asked, holes } = await told(lists, [expired], 4);
    assert.deepEqual(changes, ["ADDED a 5", "ADDED b 6", "ADDED c 15", "DELETED b 20"]);
    assert.deepEqual(asked, ["10", "20"]);
    assert.equal(holes, 1);
  });
});
