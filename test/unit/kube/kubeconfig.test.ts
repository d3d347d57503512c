import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { inClusterConfig } from "../../../src/kube/in-cluster.ts";
import { KubeConfigError, loadKubeConfig } from "../../../src/kube/kubeconfig.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

interface Parts {
  readonly cluster?: string;
  readonly user?: string;
  readonly context?: string;
}

/** A kubeconfig with one context `dev`; the parts are YAML flow mappings. */
function config({ cluster = "{server: 'https://one.test:6443'}", user = "{token: secret}", context = "{cluster: one, user: me}" }: Parts = {}): string {
  return `apiVersion: v1\nkind: Config\ncurrent-context: dev\nclusters: [{name: one, cluster: ${cluster}}]\nusers: [{name: me, user: ${user}}]\ncontexts: [{name: dev, context: ${context}}]\n`;
}

const load = async (parts: Parts) => loadKubeConfig([await write("config", config(parts))]);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

async function refused(loading: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(loading, (error) => error instanceof KubeConfigError && message.test(error.message) && !error.message.includes("secret"));
}

test("a token, a namespace, an authority in the file", async () => {
  assert.deepEqual(await load({ cluster: `{server: 'https://one.test:6443/', certificate-authority-data: ${base64("CA")}, tls-server-name: api.test}`, context: "{cluster: one, user: me, namespace: shop}" }), {
    server: "https://one.test:6443",
    insecureSkipTlsVerify: false,
    caPem: "CA",
    serverName: "api.test",
    auth: { kind: "token", token: "secret" },
    namespace: "shop",
  });
});

test("files are looked for beside the kubeconfig that names them", async () => {
  await write("pki/ca.crt", "CA");
  await write("pki/me.crt", "CERT");
  await write("pki/me.key", "KEY");
  const found = await load({ cluster: "{server: 'https://one.test', certificate-authority: pki/ca.crt}", user: "{client-certificate: pki/me.crt, client-key: pki/me.key, tokenFile: token}" });
  assert.equal(found.caPem, "CA");
  assert.deepEqual(found.clientCertificate, { certPem: "CERT", keyPem: "KEY" });
  assert.deepEqual(found.auth, { kind: "token-file", path: join(folder, "token") });
});

test("a client certificate in the file needs no token", async () => {
  const found = await load({ user: `{client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")}}` });
  assert.deepEqual([found.clientCertificate, found.auth], [{ certPem: "CERT", keyPem: "KEY" }, { kind: "none" }]);
});

test("a context without a user, and a user without anything, have no credentials", async () => {
  assert.deepEqual((await load({ context: "{cluster: one}" })).auth, { kind: "none" });
  assert.deepEqual((await load({ user: "null" })).auth, { kind: "none" });
});

test("the server's certificate is not looked at only where it says so", async () => {
  assert.equal((await load({ cluster: "{server: 'https://one.test', insecure-skip-tls-verify: true}" })).insecureSkipTlsVerify, true);
});

test("an exec plugin: a bare name stays one, a relative path starts at the kubeconfig", async () => {
  const user = (command: string): string => `{exec: {apiVersion: client.authentication.k8s.io/v1, command: ${command}, args: [get-token], env: [{name: A, value: b}], interactiveMode: IfAvailable, installHint: get it}}`;
  const spec = { apiVersion: "client.authentication.k8s.io/v1", args: ["get-token"], env: [{ name: "A", value: "b" }], installHint: "get it" };
  assert.deepEqual((await load({ user: user("login") })).auth, { kind: "exec", spec: { ...spec, command: "login" } });
  assert.deepEqual((await load({ user: user("./bin/login") })).auth, { kind: "exec", spec: { ...spec, command: join(folder, "bin/login") } });
});

test("an exec plugin is told of the cluster if it wants to", async () => {
  const { auth } = await load({ cluster: `{server: 'https://one.test', certificate-authority-data: ${base64("CA")}}`, user: "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, provideClusterInfo: true}}" });
  assert.deepEqual(auth.kind === "exec" && auth.spec.cluster, { server: "https://one.test", "certificate-authority-data": base64("CA") });
});

test("of several files the first that says something wins, and some may be absent", async () => {
  const first = await write("first", "current-context: prod\nclusters: [{name: one, cluster: {server: 'https://first.test'}}]\n");
  const second = await write("deep/second", config({ user: "{tokenFile: t}" }).replace("contexts: [", "contexts: [{name: prod, context: {cluster: one, user: me}}, "));
  const paths = [join(folder, "absent"), first, await write("empty", "\n"), second];
  const found = await loadKubeConfig(paths);
  assert.equal(found.server, "https://first.test");
  assert.deepEqual(found.auth, { kind: "token-file", path: join(folder, "deep/t") });
});

test("a context may be asked for by name", async () => {
  const path = await write("config", config().replace("contexts: [", "contexts: [{name: other, context: {cluster: one, namespace: theirs}}, "));
  assert.equal((await loadKubeConfig([path], "other")).namespace, "theirs");
});

test("what is wrong is said, with the file and without a secret", async () => {
  const path = (name: string): string => join(folder, name);
  await refused(loadKubeConfig([path("absent")]), /absent: can not be read \(ENOENT\)/);
  await refused(loadKubeConfig([path("a"), path("b")]), /none of these kubeconfig files exists: .*a, .*b/);
  await refused(loadKubeConfig([await write("bad", "a: [")]), /bad: is no YAML/);
  await refused(loadKubeConfig([await write("none", "kind: Config")]), /none: no current-context is set/);
  await refused(loadKubeConfig([await write("some", config())], "prod"), /some: there is no context "prod" \(there are: dev\)/);
  await refused(load({ context: "{cluster: two, user: me}" }), /there is no cluster "two" \(there are: one\)/);
  await refused(load({ context: "{cluster: one, user: you}" }), /there is no user "you"/);
  await refused(load({ cluster: "{}" }), /clusters\.0\.cluster\.server/);
  await refused(load({ user: "{token: 12345}" }), /users\.0\.user\.token/);
  await refused(load({ cluster: "{server: 'one.test:6443'}" }), /must be an https or http address \(seen: "one.test:6443"\)/);
  await refused(load({ cluster: "{server: 'https://one.test', certificate-authority: ca.crt}" }), /certificate-authority .*ca.crt: can not be read/);
  await refused(load({ cluster: "{server: 'https://one.test', proxy-url: 'http://proxy.test'}" }), /proxy-url is not served/);
  await refused(load({ user: `{client-certificate-data: ${base64("CERT")}}` }), /needs both client-certificate and client-key/);
  await refused(load({ user: "{username: admin, password: secret}" }), /user names with passwords/);
  await refused(load({ user: "{auth-provider: {name: gcp}}" }), /auth-provider is gone/);
  await refused(load({ user: "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: login}}" }), /its apiVersion must be .*v1 or .*v1beta1 \(seen: client.authentication.k8s.io\/v1alpha1\)/);
  await refused(load({ user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Always}}" }), /wants a terminal/);
});

test("a user who is not asked for may be as broken as he likes", async () => {
  const path = await write("config", config().replace("users: [", "users: [{name: old, user: {username: x, exec: {apiVersion: old, command: gone}}}, "));
  assert.deepEqual((await loadKubeConfig([path])).auth, { kind: "token", token: "secret" });
});

test("a pod connects with what its service account is given", async () => {
  await write("ca.crt", "CA");
  await write("namespace", "shop\n");
  const found = await inClusterConfig({ KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" }, folder);
  assert.deepEqual(found, { server: "https://10.0.0.1:6443", caPem: "CA", insecureSkipTlsVerify: false, auth: { kind: "token-file", path: `${folder}/token` }, namespace: "shop" });
  assert.equal((await inClusterConfig({ KUBERNETES_SERVICE_HOST: "fd00::1" }, folder)).server, "https://[fd00::1]:443");
});

test("outside a cluster, or without a service account, a pod's configuration says what to do", async () => {
  await refused(inClusterConfig({}), /give --kubeconfig, set KUBECONFIG, or run in a pod/);
  await refused(inClusterConfig({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, folder), /set automountServiceAccountToken/);
});
