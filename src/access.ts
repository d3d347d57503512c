import { kinds } from "./api/kinds.ts";
import { isKubeError } from "./kube/kube-error.ts";
import type { CallOptions, Writer } from "./kube/ports.ts";
import type { Right } from "./needed-rights.ts";

/** Whether our user has a right in a namespace (absent: in all of the cluster), by the API server's own word. Who may not even ask has none. Throws KubeError when no answer came. */
export async function hasRight(writer: Pick<Writer, "create">, { verb, kind, subresource }: Right, namespace: string | undefined, options: CallOptions = {}): Promise<boolean> {
  const resourceAttributes = { verb, group: kind.group, resource: kind.plural, ...(namespace ? { namespace } : {}), ...(subresource ? { subresource } : {}) };
  try {
    const answer = await writer.create(kinds.SelfSubjectAccessReview, { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", metadata: { name: "" }, spec: { resourceAttributes } }, options);
    return answer.status?.allowed ?? false;
  } catch (error) {
    if (!isKubeError(error, "Forbidden")) throw error;
    return false;
  }
}
