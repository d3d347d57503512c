import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { operationsHandler } from "../../../src/http/operations.ts";
import { serve } from "../../../src/http/serve.ts";
import { createInstruments } from "../../../src/metrics/instruments.ts";

function handler(problem?: string) {
  const { registry } = createInstruments();
  return operationsHandler({ registry, readiness: [{ name: "caches", problem: () => undefined }, { name: "replica", problem: () => problem }] });
}

const ask = (path: string, init?: RequestInit, problem?: string) => handler(problem)(new Request(`http://x${path}`, init));

describe("the operations endpoints", () => {
  it("say ready only when every condition holds, and which one does not", async () => {
    assert.equal((await ask("/readyz")).status, 200);
    const unready = await ask("/readyz", undefined, "the caches are being filled");
    assert.equal(unready.status, 503);
    assert.equal(await unready.text(), "[+] caches ok\n[-] replica: the caches are being filled\n");
  });

  it("say what should be known although everything holds", async () => {
    const handle = operationsHandler({ registry: createInstruments().registry, readiness: [{ name: "rights", problem: () => undefined, notice: () => "may not get pods in shop" }] });
    const ready = await handle(new Request("http://x/readyz"));
    assert.equal(ready.status, 200);
    assert.equal(await ready.text(), "[+] rights ok, but may not get pods in shop\n");
  });

  it("say alive while the process answers", async () => assert.equal((await ask("/healthz", undefined, "anything")).status, 200));

  it("give the metrics under the names that dashboards know", async () => {
    const text = await (await ask("/metrics")).text();
    assert.match(text, /# TYPE ro_lock_acquisition_failures_total counter/);
    assert.match(text, /kubernaut_remediationorchestrator_fenced_total 0/);
  });

  it("say what there is instead of what there is not", async () => {
    assert.equal((await ask("/")).status, 404);
    assert.match(await (await ask("/nothing")).text(), /\/readyz/);
    assert.equal((await ask("/healthz", { method: "POST" })).status, 405);
  });

  it("are served on any free port, and let go of it", async () => {
    const served = await serve(handler(), 0);
    assert.equal((await fetch(`${served.url}/healthz`)).status, 200);
    await served.close();
    await assert.rejects(fetch(`${served.url}/healthz`));
  });
});
