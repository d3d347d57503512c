import type { Pod } from "../../api/pod.ts";
import type { JsonObject } from "../ports.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import type { ContainerExit } from "./container.ts";

/** What a node knows of the container of a pod when it writes the pod's status. Times are epoch milliseconds. */
export type ContainerView =
  | { readonly state: "running"; readonly startedMs: number; readonly restarts: number; readonly last?: EndedRun }
  | { readonly state: "restarting"; readonly restarts: number; readonly last: EndedRun }
  | { readonly state: "ended"; readonly restarts: number; readonly last: EndedRun };

export interface EndedRun {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly exit: ContainerExit;
}

const ADDRESS = "10.244.0.10";
const HOST = "127.0.0.1";

/** The status of a pod on this node, as a kubelet writes it. All its containers share the fate of the first. */
export function podStatus(pod: Pod, view: ContainerView, nowMs: number): JsonObject {
  const phase = phaseOf(view);
  const containers = pod.spec?.containers ?? [];
  return {
    phase,
    hostIP: HOST,
    hostIPs: [{ ip: HOST }],
    podIP: ADDRESS,
    podIPs: [{ ip: ADDRESS }],
    startTime: pod.status?.startTime ?? wholeSeconds(nowMs),
    conditions: conditions(pod, view, nowMs),
    containerStatuses: containers.map(({ name, image = "" }) => ({
      name,
      image,
      imageID: "",
      containerID: containerId(pod, name),
      ready: view.state === "running",
      started: view.state === "running",
      restartCount: view.restarts,
      state: containerState(pod, name, view),
      lastState: view.state !== "ended" && view.last ? { terminated: terminated(pod, name, view.last) } : {},
    })),
  };
}

function phaseOf(view: ContainerView): string {
  if (view.state !== "ended") return "Running";
  return view.last.exit.exitCode === 0 ? "Succeeded" : "Failed";
}

function containerState(pod: Pod, name: string, view: ContainerView): JsonObject {
  if (view.state === "running") return { running: { startedAt: wholeSeconds(view.startedMs) } };
  if (view.state === "restarting") return { waiting: { reason: "CrashLoopBackOff", message: `back-off restarting failed container ${name}` } };
  return { terminated: terminated(pod, name, view.last) };
}

function terminated(pod: Pod, name: string, { startedMs, endedMs, exit }: EndedRun): JsonObject {
  return {
    exitCode: exit.exitCode,
    reason: exit.reason,
    ...(exit.message === undefined ? {} : { message: exit.message }),
    startedAt: wholeSeconds(startedMs),
    finishedAt: wholeSeconds(endedMs),
    containerID: containerId(pod, name),
  };
}

// A condition keeps the time of its last change: only one that says something new is written with a new one.
function conditions(pod: Pod, view: ContainerView, nowMs: number): JsonObject[] {
  const ready = view.state === "running" ? {} : { reason: view.state === "ended" ? (view.last.exit.exitCode === 0 ? "PodCompleted" : "PodFailed") : "ContainersNotReady" };
  const isReady = view.state === "running" ? "True" : "False";
  const wanted: JsonObject[] = [
    { type: "PodReadyToStartContainers", status: view.state === "ended" ? "False" : "True" },
    { type: "Initialized", status: "True" },
    { type: "Ready", status: isReady, ...ready },
    { type: "ContainersReady", status: isReady, ...ready },
    { type: "PodScheduled", status: "True" },
  ];
  const known = (pod.status?.conditions ?? []) as unknown as readonly JsonObject[]; // The wire: conditions carry more than our type names.
  return wanted.map((condition) => {
    const before = known.find((other) => other["type"] === condition["type"]);
    const same = before?.["status"] === condition["status"] && before?.["reason"] === condition["reason"];
    return same && before ? before : { ...condition, lastProbeTime: null, lastTransitionTime: wholeSeconds(nowMs) };
  });
}

function containerId(pod: Pod, name: string): string {
  return `local://${pod.metadata.uid}/${name}`;
}
