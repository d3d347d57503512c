import { command, startControlPlane, type CommandResult, type ControlPlane, type Login } from "./control-plane.ts";

/** Environment variable in which the runner hands its control plane to the suites. */
export const SHARED_ENV = "RO_TEST_CONTROL_PLANE";

/** As whom replicas work: with the rights of deploy/rbac.yaml in the namespaces of their tests. */
export const REPLICA_USERS = ["replica-0", "replica-1", "replica-2"] as const;
/** The subject of the shipped bindings, of whom priority and fairness speak. */
export const SERVICE_ACCOUNT = "system:serviceaccount:kubernaut-system:remediation-orchestrator";
export const USERS = [...REPLICA_USERS, SERVICE_ACCOUNT, "nobody"] as const;

/** What a suite needs of a control plane that somebody else runs. */
export interface SharedControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly admin: Login;
  readonly kubectlPath: string;
  /** What the API server was asked, one JSON line each; see `AUDITED`. */
  readonly auditLog: string;
  user(name: (typeof USERS)[number]): Login;
  kubectl(args: readonly string[], options?: { readonly stdin?: string }): Promise<CommandResult>;
}

/** What is written down: all that replicas ask for, and who changed their rights meanwhile. */
export const AUDITED: readonly object[] = [
  { level: "Metadata", users: REPLICA_USERS },
  { level: "Metadata", verbs: ["update", "delete"], resources: [{ group: "rbac.authorization.k8s.io", resources: ["roles"] }] },
];

interface Coordinates {
  readonly url: string;
  readonly auditLog: string;
  readonly caPem: string;
  readonly admin: Login;
  readonly kubectlPath: string;
  readonly users: Readonly<Record<string, Login>>;
}

/** The coordinates of a control plane, as JSON can carry them. */
export function shareable(plane: ControlPlane): Coordinates {
  return { url: plane.url, auditLog: plane.auditLog, caPem: plane.caPem, admin: plane.admin, kubectlPath: plane.kubectlPath, users: Object.fromEntries(USERS.map((name) => [name, plane.user(name)])) };
}

/** The runner's control plane, or one of its own where a suite is run alone. Disposing ends only the latter. */
export async function controlPlane(): Promise<SharedControlPlane> {
  const handed = process.env[SHARED_ENV];
  if (!handed) return startControlPlane({ users: USERS.map((name) => ({ name })), audit: AUDITED });
  // Written by the runner, with `shareable`.
  const at = JSON.parse(handed) as Coordinates;
  return {
    ...at,
    user(name) {
      const login = at.users[name];
      if (!login) throw new Error(`the runner knows no user ${name}`);
      return login;
    },
    kubectl: (args, { stdin } = {}) => command(at.kubectlPath, ["--kubeconfig", at.admin.kubeconfig, ...args], stdin),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
