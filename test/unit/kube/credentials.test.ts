import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { tokenFileCredentials, type Credentials } from "../../../src/kube/credentials.ts";
import { execCredentials, type ExecSpec } from "../../../src/kube/exec-plugin.ts";
import { isKubeError } from "../../../src/kube/kube-error.ts";

let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "credentials-"));
  clock = new FakeClock(Date.UTC(2026, 0, 1));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  assert.equal(clock.pendingTimers, 0);
});

const tokenOf = async (credentials: Credentials): Promise<string | undefined> => (await credentials.headers())["authorization"];

test("a token file is read anew after a minute, not before", async () => {
  const path = join(folder, "token");
  await writeFile(path, "one\n");
  const credentials = tokenFileCredentials(path, clock);
  assert.equal(await tokenOf(credentials), "Bearer one");
  await writeFile(path, "two\n");
  await clock.advance(59_999);
  assert.equal(await tokenOf(credentials), "Bearer one");
  await clock.advance(1);
  assert.equal(await tokenOf(credentials), "Bearer two");
});

test("a token file is read anew after a refusal", async () => {
  const path = join(folder, "token");
  await writeFile(path, "one");
  const credentials = tokenFileCredentials(path, clock);
  await credentials.headers();
  await writeFile(path, "two");
  assert.equal(credentials.refused(), true);
  assert.equal(await tokenOf(credentials), "Bearer two");
});

test("a token that is known is there without waiting", async () => {
  const path = join(folder, "token");
  await writeFile(path, "one");
  const credentials = tokenFileCredentials(path, clock);
  await credentials.headers();
  assert.deepEqual(credentials.headers(), { authorization: "Bearer one" });
});

test("a token file is read once for all who ask meanwhile", async () => {
  const path = join(folder, "token");
  await writeFile(path, "one");
  const credentials = tokenFileCredentials(path, clock);
  const asked = credentials.headers();
  assert.equal(credentials.headers(), asked);
  await asked;
});

test("a token file that is not there, or empty, is an error that names it, and is tried again", async () => {
  const path = join(folder, "token");
  const credentials = tokenFileCredentials(path, clock);
  await assert.rejects(async () => credentials.headers(), (error) => isKubeError(error, "Unreachable") && error.message.includes(path));
  await writeFile(path, "\n");
  await assert.rejects(async () => credentials.headers(), /is empty/);
  await writeFile(path, "one");
  assert.equal(await tokenOf(credentials), "Bearer one");
});

const V1 = "client.authentication.k8s.io/v1";

interface Plugin {
  readonly spec: ExecSpec;
  readonly runs: () => Promise<readonly string[]>;
  readonly answers: (next: unknown) => Promise<void>;
}

/** A plugin that notes each run, with its environment, and prints what the file `answer` says. */
async function plugin(answer: unknown, given: Partial<ExecSpec> = {}): Promise<Plugin> {
  const command = join(folder, "login");
  await writeFile(command, `#!/bin/sh\necho "$1 $FROM_SPEC $FROM_ENV $KUBERNETES_EXEC_INFO" >> '${folder}/runs'\ncat '${folder}/answer'\n`);
  await chmod(command, 0o700);
  const answers = (next: unknown): Promise<void> => writeFile(join(folder, "answer"), typeof next === "string" ? next : JSON.stringify(next));
  await answers(answer);
  const spec = { apiVersion: V1, command, args: ["get-token"], env: [{ name: "FROM_SPEC", value: "s" }], ...given };
  return { spec, answers, runs: async () => (await readFile(join(folder, "runs"), "utf8")).trim().split("\n") };
}

const grant = (status: object, apiVersion = V1): object => ({ apiVersion, kind: "ExecCredential", status });
const env = { PATH: "/usr/bin:/bin", FROM_ENV: "e", FROM_SPEC: "overruled" };

test("a plugin is run once for all who ask, with its arguments, environment and what the protocol tells it", async () => {
  const { spec, runs } = await plugin(grant({ token: "one" }), { cluster: { server: "https://one.test" } });
  const credentials = execCredentials(spec, { clock, env });
  assert.deepEqual(await Promise.all([tokenOf(credentials), tokenOf(credentials)]), ["Bearer one", "Bearer one"]);
  assert.equal(await tokenOf(credentials), "Bearer one");
  const info = { apiVersion: V1, kind: "ExecCredential", spec: { interactive: false, cluster: { server: "https://one.test" } } };
  assert.deepEqual(await runs(), [`get-token s e ${JSON.stringify(info)}`]);
});

test("a plugin's token is replaced half a minute before it expires", async () => {
  const { spec, answers } = await plugin(grant({ token: "one", expirationTimestamp: "2026-01-01T00:10:00Z" }, "client.authentication.k8s.io/v1beta1"), { apiVersion: "client.authentication.k8s.io/v1beta1" });
  const credentials = execCredentials(spec, { clock, env });
  await credentials.headers();
  await answers(grant({ token: "two" }, "client.authentication.k8s.io/v1beta1"));
  await clock.advance(9.5 * 60_000 - 1);
  assert.equal(await tokenOf(credentials), "Bearer one");
  await clock.advance(1);
  assert.equal(await tokenOf(credentials), "Bearer two");
});

test("a plugin is run again after a refusal", async () => {
  const { spec, answers } = await plugin(grant({ token: "one" }));
  const credentials = execCredentials(spec, { clock, env });
  await credentials.headers();
  await answers(grant({ token: "two" }));
  assert.equal(credentials.refused(), true);
  assert.equal(await tokenOf(credentials), "Bearer two");
});

test("a plugin may give a certificate instead of a token", async () => {
  const { spec, runs } = await plugin(grant({ clientCertificateData: "CERT", clientKeyData: "KEY" }));
  const credentials = execCredentials(spec, { clock, env });
  assert.deepEqual(await credentials.headers(), {});
  assert.deepEqual(await credentials.certificate?.(), { certPem: "CERT", keyPem: "KEY" });
  assert.equal((await runs()).length, 1);
});

test("a plugin that gives nothing usable is an error that names it, and is run again", async () => {
  const { spec, answers } = await plugin("Please log in");
  const credentials = execCredentials(spec, { clock, env });
  const fails = (message: RegExp): Promise<void> => assert.rejects(async () => credentials.headers(), (error) => isKubeError(error, "Unreachable") && error.message.startsWith(`credential plugin ${spec.command}: `) && message.test(error.message));
  await fails(/it printed no JSON/);
  await answers(grant({}));
  await fails(/neither a token nor a certificate with its key/);
  await answers(grant({ clientCertificateData: "CERT" }));
  await fails(/neither a token nor a certificate with its key/);
  await answers(grant({ token: "one" }, "client.authentication.k8s.io/v1beta1"));
  await fails(/it printed client.authentication.k8s.io\/v1beta1, the kubeconfig asks for client.authentication.k8s.io\/v1/);
  await answers(grant({ token: "one" }));
  assert.equal(await tokenOf(credentials), "Bearer one");
});

test("a plugin that fails is quoted; one that is missing is told how to get", async () => {
  const failing = execCredentials({ apiVersion: V1, command: "/bin/sh", args: ["-c", "echo no session >&2; exit 1"], env: [] }, { clock, env });
  await assert.rejects(async () => failing.headers(), /credential plugin \/bin\/sh: no session/);
  const missing = execCredentials({ apiVersion: V1, command: join(folder, "gone"), args: [], env: [], installHint: "ask the admin" }, { clock, env });
  await assert.rejects(async () => missing.headers(), /there is no such program: ask the admin/);
});

test("a plugin that does not end is ended", async () => {
  const credentials = execCredentials({ apiVersion: V1, command: "/bin/sh", args: ["-c", "exec sleep 600"], env: [] }, { clock, env });
  const asked = assert.rejects(async () => credentials.headers(), /it took longer than 60 s/);
  await clock.advance(60_000);
  await asked;
});
