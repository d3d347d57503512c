import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { EmbeddedApiServer } from "../../../src/apiserver/index.ts";
import { kubeconfig } from "../../../src/apiserver/kubeconfig.ts";
import { controlPlaneBinaries } from "../binaries.ts";
import { command } from "../control-plane.ts";

const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 1, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "a", image: "none" }] } } } };

test("kubectl scale works against the embedded server", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kubectl-scale-"));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const server = new EmbeddedApiServer({ tokens: { secret: { name: "admin", groups: ["system:masters"] } } });
  const listening = cleanup.use(await server.listen());
  const file = join(folder, "kubeconfig");
  await writeFile(file, kubeconfig({ url: listening.url, caPem: listening.caPem, token: "secret" }));
  const { kubectl } = await controlPlaneBinaries();
  const run = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await command(kubectl, ["--kubeconfig", file, ...args], stdin);
    assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  await run(["apply", "-f", "-"], JSON.stringify(DEPLOYMENT));
  assert.match(await run(["scale", "deployment", "web", "--replicas=3"]), /deployment.apps\/web scaled/);
  await run(["scale", "deployment/web", "--current-replicas=3", "--replicas=5"]);
  assert.equal(await run(["get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"]), "5");
});
