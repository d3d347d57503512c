import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { NAMESPACE } from "./cluster-setup.ts";

const CUSTOM = ["remediationrequests", "signalprocessings", "aianalyses", "workflowexecutions", "effectivenessassessments", "notificationrequests"];
const COLLECTIONS = [...CUSTOM.map((plural) => `/apis/kubernaut.ai/v1alpha1/namespaces/${NAMESPACE}/${plural}`), `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, `/api/v1/namespaces/${NAMESPACE}/pods`, `/api/v1/namespaces/${NAMESPACE}/events`];
const TRIES = 20;
const AGAIN_AFTER_MS = 250;

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
    const answer = await send(url, token, dispatcher);
    if (answer.kind === "answered" && answer.status < 400) return;
    // Somebody changed one of them meanwhile, or there were more than the server deletes in the time that a request has.
    const again = answer.kind === "broken" || answer.status === 409 || answer.status >= 500;
    if (attempt === TRIES || !again) throw new Error(`DELETE ${url} was answered ${answer.kind === "broken" ? "by nobody" : answer.status}: ${answer.said}`);
    await sleep(AGAIN_AFTER_MS);
  }
}

async function send(url: string, token: string, dispatcher: Agent): Promise<{ readonly kind: "answered"; readonly status: number; readonly said: string } | { readonly kind: "broken"; readonly said: string }> {
  try {
    const { statusCode: status, body } = await request(url, { method: "DELETE", dispatcher, headers: { authorization: `Bearer ${token}` } });
    return { kind: "answered", status, said: await body.text() };
  } catch (error) {
    return { kind: "broken", said: String(error) };
  }
}
