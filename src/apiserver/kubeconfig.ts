import { dump } from "js-yaml";

export interface KubeconfigDeps {
  readonly url: string;
  readonly caPem: string;
  /** Absent: the client sends no token. */
  readonly token?: string;
  /** Default `embedded`: names cluster, user and context. */
  readonly name?: string;
  /** Default namespace of the context. */
  readonly namespace?: string;
}

/** The YAML of a kubeconfig with one context. */
export function kubeconfig({ url, caPem, token, name = "embedded", namespace }: KubeconfigDeps): string {
  return dump({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": Buffer.from(caPem).toString("base64") } }],
    users: [{ name, user: token === undefined ? {} : { token } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } }],
  });
}
