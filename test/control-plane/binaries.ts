import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Absolute paths of the four programs of which a control plane consists. */
export interface ControlPlaneBinaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubectl: string;
}

const here = import.meta.dirname;
const KUBERNETES_VERSION = "1.37.2";
const GO_MINOR_NEEDED = 26;
const PACKAGES = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
} as const;

/** The programs: from KUBEBUILDER_ASSETS, from the cache beside this file, or built once from go.mod into it. Throws with what to install when none of these can be. */
export async function controlPlaneBinaries(): Promise<ControlPlaneBinaries> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  if (assets) {
    if (await allIn(assets)) return pathsIn(assets);
    throw new Error(`KUBEBUILDER_ASSETS is ${assets}, but not all of ${Object.keys(PACKAGES).join(", ")} are there: install them, or unset it to build them from go.mod`);
  }
  const cache = join(here, ".cache", await goModKey());
  if (await allIn(cache)) return pathsIn(cache);
  await requireGo();
  await mkdir(cache, { recursive: true });
  for (const [name, pkg] of Object.entries(PACKAGES)) await build(name, pkg, cache);
  return pathsIn(cache);
}

function pathsIn(folder: string): ControlPlaneBinaries {
  return { etcd: join(folder, "etcd"), kubeApiserver: join(folder, "kube-apiserver"), kubeControllerManager: join(folder, "kube-controller-manager"), kubectl: join(folder, "kubectl") };
}

async function allIn(folder: string): Promise<boolean> {
  const found = await Promise.all(Object.keys(PACKAGES).map((name) => exists(join(folder, name))));
  return found.every(Boolean);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What the binaries are made from decides where they lie. */
async function goModKey(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(await readFile(join(here, file)));
  return hash.digest("hex").slice(0, 16);
}

async function requireGo(): Promise<void> {
  const sentence = `the real control plane is built from source: install Go 1.${GO_MINOR_NEEDED} or newer (https://go.dev/dl), or point KUBEBUILDER_ASSETS at a folder with ${Object.keys(PACKAGES).join(", ")}`;
  let version: string;
  try {
    version = (await promisify(execFile)("go", ["env", "GOVERSION"], { cwd: here })).stdout.trim();
  } catch (error) {
    throw new Error(`no Go was found: ${sentence}`, { cause: error });
  }
  if (Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0) < GO_MINOR_NEEDED) throw new Error(`${version} is too old: ${sentence}`);
}

/** Builds to a name of its own and renames: whoever builds at the same time can not see half a file. */
async function build(name: string, pkg: string, cache: string): Promise<void> {
  const target = join(cache, name);
  if (await exists(target)) return;
  process.stderr.write(`building ${name} (once; minutes on a new machine) ...\n`);
  const unfinished = `${target}.${process.pid}`;
  const version = `v${KUBERNETES_VERSION}`;
  const [major, minor] = KUBERNETES_VERSION.split(".");
  const stamp = [`gitVersion=${version}`, `gitMajor=${major}`, `gitMinor=${minor}`, "gitTreeState=clean"].map((pair) => `-X k8s.io/component-base/version.${pair}`);
  const args = ["build", "-trimpath", "-ldflags", `-s -w ${stamp.join(" ")}`, "-o", unfinished, pkg];
  const child = spawn("go", args, { cwd: here, env: { ...process.env, CGO_ENABLED: "0" }, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("exit", resolve));
  if (code !== 0) throw new Error(`go build of ${pkg} ended with code ${code}`);
  await rename(unfinished, target);
}
