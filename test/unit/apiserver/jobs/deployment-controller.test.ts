import assert from "node:assert/strict";
import { it } from "node:test";
import { startDeploymentController } from "../../../../src/apiserver/jobs/deployment-controller.ts";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";
import { fakeApi } from "./fake-api.ts";

const WEB = "/apis/apps/v1/namespaces/ns/deployments/web";

it("a Deployment is rolled out 50 ms after it changes, broken by annotation and healed when that goes; then nothing is written any more", async () => {
  const clock = new FakeClock();
  const api = fakeApi(() => clock.now());
  const controller = startDeploymentController({ handle: api.handle, clock });
  const available = (): unknown => api.field(WEB, "status", "availableReplicas");
  const patch = (body: JsonObject): void => void api.handle({ method: "PATCH", url: WEB, headers: {}, body: JSON.stringify(body) });
  api.put(WEB, { apiVersion: "apps/v1", kind: "Deployment", metadata: {}, spec: { replicas: 2 } });
  await clock.advance(49);
  assert.equal(available(), undefined);
  await clock.advance(1);
  assert.equal(available(), 2);
  patch({ metadata: { annotations: { "ro.dev/unavailable": "true" } } });
  await clock.advance(50);
  assert.equal(available(), undefined);
  patch({ metadata: { annotations: { "ro.dev/unavailable": null } } });
  await clock.advance(50);
  assert.equal(available(), 2);
  patch({ metadata: { generation: 2 }, spec: { replicas: 3 } });
  await clock.advance(50);
  assert.equal(available(), 3);
  assert.equal(api.field(WEB, "status", "observedGeneration"), 2);
  await clock.advance(100);
  const quiet = api.requests.length;
  await clock.advance(60_000);
  assert.equal(api.requests.length, quiet);
  controller.stop();
  assert.equal(clock.pendingTimers, 0);
});
