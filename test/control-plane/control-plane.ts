import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPlaneBinaries } from "./binaries.ts";
import { freePort } from "./process.ts";
import { auditLogIn, Servers, type ServerOptions } from "./servers.ts";

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

export interface ControlPlaneOptions extends ServerOptions {
  /** Users besides the admin. RBAC gives them nothing until a binding does. */
  readonly users?: readonly UserSpec[];
  /** Rules of the audit policy, in order; what none fits is not written down. */
  readonly audit?: readonly object[];
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

/** Starts a control plane and waits until the API server is ready and the controllers act; about six seconds once the binaries are there. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await controlPlaneBinaries();
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  // Where nobody comes to stop it, the processes die with this one, and the files go too.
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const users = [{ name: "admin", groups: ["system:masters"] }, ...(options.users ?? [])].map((user) => ({ ...user, token: randomBytes(16).toString("hex") }));
  await writeCredentials(folder, users, options);
  const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() };
  const servers = new Servers({ binaries, folder, ports, options, adminToken: users[0]?.token ?? "" });
  const { url } = servers;
  await servers.ready();
  const caPem = await readFile(join(folder, "certs", "apiserver.crt"), "utf8");
  const logins = new Map<string, Login>();
  for (const { name, token } of users) logins.set(name, { token, kubeconfig: await writeKubeconfig(folder, url, caPem, name, token) });
  const admin = loginOf(logins, "admin");
  await servers.startManager();
  const stop = async (): Promise<void> => {
    await servers.kill();
    await rm(folder, { recursive: true, force: true });
    process.removeListener("exit", removeFolder);
  };
  let stopped: Promise<void> | undefined;
  const plane: ControlPlane = {
    url,
    caPem,
    admin,
    kubectlPath: binaries.kubectl,
    auditLog: auditLogIn(folder),
    user: (name) => loginOf(logins, name),
    kubectl: (args, { stdin } = {}) => command(binaries.kubectl, ["--kubeconfig", admin.kubeconfig, ...args], stdin),
    stopApiServer: (signal) => servers.stopApiServer(signal),
    startApiServer: () => servers.startApiServer(),
    killEtcd: () => servers.killEtcd(),
    startEtcd: async () => servers.startEtcd(),
    ready: () => servers.ready(),
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => plane.stop(),
  };
  return plane;
}

function loginOf(logins: ReadonlyMap<string, Login>, name: string): Login {
  const login = logins.get(name);
  if (!login) throw new Error(`no user ${name}: name it in the options`);
  return login;
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

/** Runs a program to its end; its exit code is part of the answer, not an error. */
export function command(program: string, args: readonly string[], stdin: string | undefined): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, stdout, stderr });
    });
    child.stdin?.end(stdin ?? "");
  });
}
