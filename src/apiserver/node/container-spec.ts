import type { Container, EnvVar, Pod } from "../../api/pod.ts";
import type { ContainerSpec } from "./container.ts";

/**
 * What the first container of `pod` runs. Environment: plain values and the fieldRefs metadata.name, metadata.namespace,
 * metadata.uid, spec.nodeName and metadata.labels['x'] / annotations['x']; other sources are left out.
 */
export function containerSpecOf(pod: Pod): ContainerSpec {
  const container: Container & { readonly workingDir?: string } = pod.spec?.containers[0] ?? { name: "none" };
  const env = environment(pod, container.env ?? []);
  const argv = [...(container.command ?? []), ...(container.args ?? [])].map((word) => expand(word, env));
  const { uid, name, annotations = {} } = pod.metadata;
  return { podUid: uid, podName: name, annotations, argv: container.command?.length ? argv : [], env, workingDir: container.workingDir };
}

function environment(pod: Pod, variables: readonly EnvVar[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const variable of variables) {
    const value = valueOf(pod, variable);
    if (value !== undefined) env[variable.name] = variable.valueFrom === undefined ? expand(value, env) : value;
  }
  return env;
}

function valueOf(pod: Pod, { value, valueFrom }: EnvVar): string | undefined {
  if (valueFrom === undefined || valueFrom === null) return value ?? "";
  const { fieldRef } = valueFrom as { readonly fieldRef?: { readonly fieldPath?: string } }; // The wire: an EnvVarSource.
  return fieldRef?.fieldPath === undefined ? undefined : fieldOf(pod, fieldRef.fieldPath);
}

function fieldOf({ metadata, spec }: Pod, path: string): string | undefined {
  const mapped = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (mapped) return metadata[mapped[1] === "labels" ? "labels" : "annotations"]?.[mapped[2] ?? ""] ?? "";
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "spec.nodeName": spec?.nodeName,
  };
  return fields[path];
}

// `$(NAME)` becomes the variable's value, `$$` a dollar; an unknown name stays as it is written.
function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => (name === undefined ? "$" : (env[name] ?? whole)));
}
