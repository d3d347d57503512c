import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ledger } from "../../../../src/apiserver/node/ledger.ts";

const run = (podName: string) => ({ podUid: podName, podName, namespace: "shop", jobUid: undefined, jobName: undefined, env: {}, startedMs: 0 });

describe("the ledger of what ran", () => {
  it("forgets the oldest of those that have ended, beyond its limit", () => {
    const ledger = new Ledger(2);
    for (const name of ["a", "b", "c"]) ledger.start(run(name))(1, 0);
    assert.deepEqual(ledger.entries.map(({ podName }) => podName), ["b", "c"]);
  });

  it("never forgets what still runs, and closes the right entry after others were forgotten", () => {
    const ledger = new Ledger(2);
    const endFirst = ledger.start(run("first"));
    for (const name of ["a", "b", "c"]) ledger.start(run(name))(1, 0);
    assert.deepEqual(ledger.entries.map(({ podName, endedMs }) => [podName, endedMs]), [["first", undefined], ["c", 1]]);
    endFirst(2, 7);
    assert.deepEqual(ledger.entries.map(({ podName, exitCode }) => [podName, exitCode]), [["first", 7], ["c", 0]]);
  });

  it("keeps all of them while more run than the limit", () => {
    const ledger = new Ledger(1);
    const ends = ["a", "b", "c"].map((name) => ledger.start(run(name)));
    assert.equal(ledger.entries.length, 3);
    for (const end of ends) end(1, 0);
    assert.deepEqual(ledger.entries.map(({ podName }) => podName), ["c"]);
  });
});
