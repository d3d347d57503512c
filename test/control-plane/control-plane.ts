import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, request, type Dispatcher } from "undici";
import { controlPlaneBinaries } from "./binaries.ts";
import { freePort, run, type Running } from "./process.ts";

/** Somebody who may log in with a token. */
export interface UserSpec {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** What a client of the control plane needs to log in as one user. */
export interface Login {
  readonly token: string;
  /** Path of a kubeconfig file with that token. */
  readonly kubeconfig: string;
}

export interface ControlPlaneOptions {
  /** Users besides the admin. RBAC gives them nothing until a binding does. */
  readonly users?: readonly UserSpec[];
  /** Whether etcd waits for the disk; needed where it is killed and must not forget. */
  readonly fsync?: boolean;
  /** Rules of the audit policy, in order; what none fits is not written down. */
  readonly audit?: readonly object[];
  /** More flags of kube-controller-manager, for instance how many Jobs it looks after at once. */
  readonly managerFlags?: readonly string[];
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** etcd, kube-apiserver with RBAC and kube-controller-manager, as processes of this one on loopback ports. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly admin: Login;
  readonly kubectlPath: string;
  /** One JSON line per request that the audit rules fit; the file is there once one was. */
  readonly auditLog: string;
  /** Throws for a name that was not among the options' users. */
  user(name: string): Login;
  /** Runs the kubectl of the same version as the admin. */
  kubectl(args: readonly string[], options?: { readonly stdin?: string }): Promise<CommandResult>;
  stopApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port and data, and waits until it is ready. */
  startApiServer(): Promise<void>;
  killEtcd(): Promise<void>;
  startEtcd(): Promise<void>;
  /** Waits until the API server is ready, for instance after etcd came back. */
  ready(): Promise<void>;
  /** Ends every process and removes every file. Twice is harmless. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const LOOPBACK = "127.0.0.1";

/** Starts a control plane and waits until the API server is ready and the controllers act; about six seconds once the binaries are there. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await controlPlaneBinaries();
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  // Where nobody comes to stop it, the processes die with this one, and the files go too.
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() };
  const users = [{ name: "admin", groups: ["system:masters"] }, ...(options.users ?? [])].map((user) => ({ ...user, token: randomBytes(16).toString("hex") }));
  const url = `https://${LOOPBACK}:${ports.api}`;
  await writeCredentials(folder, users, options);
  const start = {
    etcd: () => run("etcd", binaries.etcd, etcdArgs(folder, ports, options), join(folder, "etcd.log")),
    api: () => run("kube-apiserver", binaries.kubeApiserver, apiArgs(folder, ports), join(folder, "kube-apiserver.log")),
    manager: () => run("kube-controller-manager", binaries.kubeControllerManager, [...managerArgs(folder), ...(options.managerFlags ?? [])], join(folder, "kube-controller-manager.log")),
  };
  let etcd = start.etcd();
  let api = start.api();
  await ready(url, users[0]?.token ?? "", api);
  const caPem = await readFile(join(folder, "certs", "apiserver.crt"), "utf8");
  const logins = new Map<string, Login>();
  for (const { name, token } of users) logins.set(name, { token, kubeconfig: await writeKubeconfig(folder, url, caPem, name, token) });
  const user = (name: string): Login => {
    const login = logins.get(name);
    if (!login) throw new Error(`no user ${name}: name it in the options`);
    return login;
  };
  const admin = user("admin");
  const manager = start.manager();
  await acting(url, admin.token, manager);
  let stopped = false;
  const plane: ControlPlane = {
    url,
    caPem,
    admin,
    kubectlPath: binaries.kubectl,
    auditLog: auditLogIn(folder),
    user,
    kubectl: (args, { stdin } = {}) => command(binaries.kubectl, ["--kubeconfig", admin.kubeconfig, ...args], stdin),
    stopApiServer: (signal) => api.stop(signal),
    async startApiServer() {
      api = start.api();
      await ready(url, admin.token, api);
    },
    killEtcd: () => etcd.stop("SIGKILL"),
    async startEtcd() {
      etcd = start.etcd();
    },
    ready: () => ready(url, admin.token, api),
    async stop() {
      if (stopped) return;
      stopped = true;
      await manager.stop("SIGKILL");
      await api.stop("SIGKILL");
      await etcd.stop("SIGKILL");
      await rm(folder, { recursive: true, force: true });
      process.removeListener("exit", removeFolder);
    },
    [Symbol.asyncDispose]: () => plane.stop(),
  };
  return plane;
}

async function writeCredentials(folder: string, users: readonly (UserSpec & { readonly token: string })[], options: ControlPlaneOptions): Promise<void> {
  const lines = users.map(({ name, token, groups = [] }) => `${token},${name},${name},"${groups.join(",")}"`);
  await writeFile(join(folder, "tokens.csv"), `${lines.join("\n")}\n`);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(join(folder, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(join(folder, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
  const policy = { apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules: [...(options.audit ?? []), { level: "None" }] };
  await writeFile(join(folder, "audit.yaml"), JSON.stringify(policy));
}

function auditLogIn(folder: string): string {
  return join(folder, "audit.log");
}

interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly api: number;
}

function etcdArgs(folder: string, ports: Ports, options: ControlPlaneOptions): readonly string[] {
  const client = `http://${LOOPBACK}:${ports.etcd}`;
  const peer = `http://${LOOPBACK}:${ports.peer}`;
  const args = ["--data-dir", join(folder, "etcd"), "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`];
  return options.fsync ? args : [...args, "--unsafe-no-fsync"];
}

function apiArgs(folder: string, ports: Ports): readonly string[] {
  return [
    `--etcd-servers=http://${LOOPBACK}:${ports.etcd}`,
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${join(folder, "certs")}`,
    "--endpoint-reconciler-type=none",
    "--authorization-mode=RBAC",
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "sa.pub")}`,
    `--service-account-signing-key-file=${join(folder, "sa.key")}`,
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.0.0.0/24",
    // It asks for `*/finalizers` before a child may block its owner's deletion, as careful clusters do.
    "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
    `--audit-policy-file=${join(folder, "audit.yaml")}`,
    `--audit-log-path=${auditLogIn(folder)}`,
    "--audit-log-mode=blocking",
  ];
}

function managerArgs(folder: string): readonly string[] {
  return [
    `--kubeconfig=${join(folder, "admin.kubeconfig")}`,
    "--controllers=job-controller,garbage-collector-controller,namespace-controller,ttl-after-finished-controller",
    "--leader-elect=false",
    `--bind-address=${LOOPBACK}`,
    "--secure-port=0",
    "--kube-api-qps=1000",
    "--kube-api-burst=2000",
  ];
}

async function writeKubeconfig(folder: string, url: string, caPem: string, name: string, token: string): Promise<string> {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9-]/gi, "_")}.kubeconfig`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority-data": Buffer.from(caPem).toString("base64") } }],
    users: [{ name, user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: name } }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** Resolves when `/readyz` says so; throws with the tail of the log when that takes too long or the server has ended. */
async function ready(url: string, token: string, server: Running): Promise<void> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(dispatcher, `${url}/readyz`, token))) {
    if (server.ended || Date.now() > deadline) throw new Error(`kube-apiserver did not become ready:\n${await server.tail()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await dispatcher.destroy();
}

/** Resolves when the job controller has said a word about a Job: the controllers run. Throws like `ready`. */
async function acting(url: string, token: string, manager: Running): Promise<void> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const jobs = `${url}/apis/batch/v1/namespaces/default/jobs`;
  const call = async (method: Dispatcher.HttpMethod, path: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await request(path, { dispatcher, method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })).body.json();
  };
  await call("POST", jobs, { apiVersion: "batch/v1", kind: "Job", metadata: { name: "probe" }, spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [{ name: "probe", image: "none" }] } } } });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!isSeen(await call("GET", `${jobs}/probe`))) {
    if (manager.ended || Date.now() > deadline) throw new Error(`kube-controller-manager did not begin to act:\n${await manager.tail()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await call("DELETE", `${jobs}/probe`, { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" });
  await dispatcher.destroy();
}

function isSeen(job: unknown): boolean {
  return ((job as { readonly status?: { readonly conditions?: readonly unknown[] } }).status?.conditions ?? []).length > 0; // The wire.
}

async function answers(dispatcher: Agent, url: string, token: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers: { authorization: `Bearer ${token}` } });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** Runs a program to its end; its exit code is part of the answer, not an error. */
export function command(program: string, args: readonly string[], stdin: string | undefined): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, stdout, stderr });
    });
    child.stdin?.end(stdin ?? "");
  });
}

