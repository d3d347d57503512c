import { join } from "node:path";
import { Agent, request, type Dispatcher } from "undici";
import type { ControlPlaneBinaries } from "./binaries.ts";
import { run, type Running } from "./process.ts";

export interface ServerOptions {
  /** Whether etcd waits for the disk; needed where it is killed and must not forget. */
  readonly fsync?: boolean;
  /** More flags of kube-controller-manager, for instance how many Jobs it looks after at once. */
  readonly managerFlags?: readonly string[];
}

const READY_WITHIN_MS = 60_000;
const LOOPBACK = "127.0.0.1";

interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly api: number;
}

/** Where a control plane runs, and as what. */
export interface Place {
  readonly binaries: ControlPlaneBinaries;
  /** Its credentials, data and logs. */
  readonly folder: string;
  readonly ports: Ports;
  readonly options: ServerOptions;
  readonly adminToken: string;
}

/** The processes of a control plane. etcd and kube-apiserver may end and be started again, on the same ports and data. */
export class Servers {
  readonly url: string;
  readonly #place: Place;
  #etcd: Running;
  #api: Running;
  #manager: Running | undefined;

  /** Starts etcd and kube-apiserver. */
  constructor(place: Place) {
    this.#place = place;
    this.url = `https://${LOOPBACK}:${place.ports.api}`;
    this.#etcd = this.#runEtcd();
    this.#api = this.#runApiServer();
  }

  /** Resolves when kube-apiserver is ready. */
  ready(): Promise<void> {
    return ready(this.url, this.#place.adminToken, this.#api);
  }

  /** Resolves when the controllers act; needs the admin's kubeconfig. */
  async startManager(): Promise<void> {
    const { binaries, folder, options, adminToken } = this.#place;
    this.#manager = run("kube-controller-manager", binaries.kubeControllerManager, [...managerArgs(folder), ...(options.managerFlags ?? [])], join(folder, "kube-controller-manager.log"));
    await acting(this.url, adminToken, this.#manager);
  }

  stopApiServer(signal: "SIGTERM" | "SIGKILL" | undefined): Promise<void> {
    return this.#api.stop(signal);
  }

  startApiServer(): Promise<void> {
    this.#api = this.#runApiServer();
    return this.ready();
  }

  killEtcd(): Promise<void> {
    return this.#etcd.stop("SIGKILL");
  }

  startEtcd(): void {
    this.#etcd = this.#runEtcd();
  }

  /** All of them, the clients first. */
  async kill(): Promise<void> {
    for (const server of [this.#manager, this.#api, this.#etcd]) await server?.stop("SIGKILL");
  }

  #runEtcd(): Running {
    const { binaries, folder, ports, options } = this.#place;
    return run("etcd", binaries.etcd, etcdArgs(folder, ports, options), join(folder, "etcd.log"));
  }

  #runApiServer(): Running {
    const { binaries, folder, ports } = this.#place;
    return run("kube-apiserver", binaries.kubeApiserver, apiArgs(folder, ports), join(folder, "kube-apiserver.log"));
  }
}

/** Where kube-apiserver writes down what it was asked. */
export function auditLogIn(folder: string): string {
  return join(folder, "audit.log");
}

function etcdArgs(folder: string, ports: Ports, options: ServerOptions): readonly string[] {
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
