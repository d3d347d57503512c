import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeLedger, parseLine, type LedgerLine } from "../../e2e/ledger.ts";

const A = "wfe-a-11111";
const B = "wfe-b-22222";

function line(what: LedgerLine["what"], pod: string, given: Partial<LedgerLine> = {}): LedgerLine {
  return { what, pod, target: "shop/Deployment/x", run: `run-of-${pod.slice(0, 5)}`, fence: pod === A ? 1 : 2, ...given };
}

describe("the judge of the ledger", () => {
  it("finds nothing in runs that follow each other", () => {
    const { overlaps, ranTwice, podsTwice, staleFences, runs } = judgeLedger([line("begin", A), line("beat", A), line("end", A), line("begin", B), line("end", B), line("gone", A), line("gone", B)]);
    assert.deepEqual({ overlaps, ranTwice, podsTwice, staleFences, runs }, { overlaps: [], ranTwice: [], podsTwice: [], staleFences: [], runs: 2 });
  });

  it("sees two that run at once on one target", () => {
    assert.equal(judgeLedger([line("begin", A), line("begin", B), line("end", A), line("end", B)]).overlaps.length, 1);
  });

  it("lets two run at once on two targets", () => {
    assert.deepEqual(judgeLedger([line("begin", A), line("begin", B, { target: "shop/Deployment/y" })]).overlaps, []);
  });

  it("sees one that acts on after another one has begun, although the node took it for gone", () => {
    assert.equal(judgeLedger([line("begin", A), line("gone", A), line("begin", B), line("beat", A)]).overlaps.length, 1);
  });

  it("takes one that was killed for ended when the node says that it is gone, and not before", () => {
    assert.deepEqual(judgeLedger([line("begin", A), line("gone", A), line("begin", B)]).overlaps, []);
    assert.equal(judgeLedger([line("begin", A), line("begin", B), line("gone", A)]).overlaps.length, 1);
  });

  it("sees a RemediationRequest that two Jobs ran for, even one after the other", () => {
    const run = "one-run";
    assert.equal(judgeLedger([line("begin", A, { run }), line("end", A, { run }), line("begin", B, { run }), line("end", B, { run })]).ranTwice.length, 1);
  });

  it("tells two pods of one Job apart from two Jobs: that is Kubernetes' own doing", () => {
    const second = "wfe-a-99999";
    const verdict = judgeLedger([line("begin", A), line("begin", second, { run: "run-of-wfe-a" })]);
    assert.equal(verdict.podsTwice.length, 1);
    assert.deepEqual([verdict.overlaps, verdict.ranTwice], [[], []]);
  });

  it("sees a fence that went back, one that stayed, and one that is no number", () => {
    for (const fence of [8, 9, 0, Number.NaN]) {
      assert.deepEqual(judgeLedger([line("begin", A, { fence: 9 }), line("end", A), line("begin", B, { fence })]).staleFences, [`${B} on shop/Deployment/x: ${fence} after 9`]);
    }
  });

  it("holds a fence against the highest before it, not against the last", () => {
    assert.equal(judgeLedger([line("begin", A, { fence: 9 }), line("begin", B, { fence: 3 }), line("begin", "wfe-c-33333", { fence: 5 })]).staleFences.length, 2);
  });

  it("lets the fences of two targets be what they are, and two pods of one Job share theirs", () => {
    const verdict = judgeLedger([line("begin", A, { fence: 9 }), line("begin", B, { fence: 8, target: "shop/Deployment/y" }), line("begin", "wfe-a-99999", { fence: 9 })]);
    assert.deepEqual(verdict.staleFences, []);
  });

  it("tells which Jobs ran to their end for a request: not those that only began, or were killed", () => {
    const [run, second] = ["one-run", "wfe-a-99999"];
    const { toTheEnd } = judgeLedger([line("begin", A, { run }), line("end", A, { run }), line("gone", A, { run }), line("begin", second, { run }), line("end", second, { run }), line("begin", B), line("beat", B), line("gone", B)]);
    assert.deepEqual([...toTheEnd].map(([name, jobs]) => [name, [...jobs]]), [[run, ["wfe-a"]]]);
  });

  it("leaves out a line that is not whole", () => {
    assert.equal(parseLine("begi"), undefined);
    assert.equal(parseLine(""), undefined);
    assert.deepEqual(parseLine(`begin ${A} shop/Deployment/x run-1 17 4242 12.5`), { what: "begin", pod: A, target: "shop/Deployment/x", run: "run-1", fence: 17 });
  });
});
