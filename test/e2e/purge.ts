import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { NAMESPACE } from "./cluster-setup.ts";

const CUSTOM = ["remediationrequests", "signalprocessings", "aianalyses", "workflowexecutions", "effectivenessassessments", "notificationrequests"];
const COLLECTIONS = [...CUSTOM.map((plural) => `/apis/kubernaut.ai/v1alpha1/namespaces/${NAMESPACE}/${plural}`), `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, `/api/v1/namespaces/${NAMESPACE}/pods`, `/api/v1/namespaces/${NAMESPACE}/events`];
const TRIES = 10;

/** Takes away everything that remediations leave, one request a kind; their catalog stays. */
export async function purge({ url, caPem, admin }: ControlPlane): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    await Promise.all(COLLECTIONS.map((path) => deleteAll(`${url}${path}`, admin.token, dispatcher)));
  } finally {
    await dispatcher.destroy();
  }
}

async function deleteAll(url: string, token: string, dispatcher: Agent): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { statusCode, body } = await request(url, { method: "DELETE", dispatcher, headers: { authorization: `Bearer ${token}` } });
    const said = await body.text();
    if (statusCode < 400) return;
    // Somebody changed one of them meanwhile.
    if (attempt === TRIES || (statusCode !== 409 && statusCode < 500)) throw new Error(`DELETE ${url} was answered ${statusCode}: ${said}`);
    await sleep(100);
  }
}
