import type { JsonObject } from "../ports.ts";
import { wholeSeconds } from "../whole-seconds.ts";

/** The Node object that stands for this machine; ready, and never heard of again: it sends no heartbeat. */
export function nodeObject(name: string): JsonObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } }, spec: {} };
}

/** Its status at `nowMs`. */
export function nodeStatus(name: string, nowMs: number): JsonObject {
  const time = wholeSeconds(nowMs);
  const resources = { cpu: "4", memory: "8Gi", pods: "110" };
  return {
    capacity: resources,
    allocatable: resources,
    addresses: [
      { type: "InternalIP", address: "127.0.0.1" },
      { type: "Hostname", address: name },
    ],
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "the embedded node is running", lastHeartbeatTime: time, lastTransitionTime: time }],
    nodeInfo: {
      machineID: "", systemUUID: "", bootID: "", kernelVersion: "", osImage: "embedded", containerRuntimeVersion: "local://1",
      kubeletVersion: "v1.37.2", kubeProxyVersion: "v1.37.2", operatingSystem: "linux", architecture: "amd64",
    },
  };
}
