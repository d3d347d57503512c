import { command, startControlPlane, type CommandResult, type ControlPlane, type Login } from "./control-plane.ts";

/** Environment variable in which the runner hands its control plane to the suites. */
export const SHARED_ENV = "RO_TEST_CONTROL_PLANE";

const USERS = ["replica-0", "replica-1", "replica-2", "nobody"] as const;

/** What a suite needs of a control plane that somebody else runs. */
export interface SharedControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly admin: Login;
  readonly kubectlPath: string;
  user(name: (typeof USERS)[number]): Login;
  kubectl(args: readonly string[], options?: { readonly stdin?: string }): Promise<CommandResult>;
}

interface Coordinates {
  readonly url: string;
  readonly caPem: string;
  readonly admin: Login;
  readonly kubectlPath: string;
  readonly users: Readonly<Record<string, Login>>;
}

/** The coordinates of a control plane, as JSON can carry them. */
export function shareable(plane: ControlPlane): Coordinates {
  return { url: plane.url, caPem: plane.caPem, admin: plane.admin, kubectlPath: plane.kubectlPath, users: Object.fromEntries(USERS.map((name) => [name, plane.user(name)])) };
}

/** The runner's control plane, or one of its own where a suite is run alone. Disposing ends only the latter. */
export async function controlPlane(): Promise<SharedControlPlane> {
  const handed = process.env[SHARED_ENV];
  if (!handed) return startControlPlane({ users: USERS.map((name) => ({ name })) });
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
