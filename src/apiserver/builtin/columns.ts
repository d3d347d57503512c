import type { Json } from "../../api/object.ts";
import { humanDuration } from "../discovery/human-duration.ts";
import { objectAt } from "../objects/strategies.ts";
import type { JsonObject, PrinterColumn } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";

type Read = (object: JsonObject) => Json;

const AGE: PrinterColumn = { name: "Age", type: "date", value: ".metadata.creationTimestamp" };

/** The columns of `kubectl get` for built-in kinds, as kube-apiserver 1.37 names them; those not named here have their age alone. */
export const BUILT_IN_COLUMNS: Readonly<Record<string, readonly PrinterColumn[]>> = {
  Namespace: [text("Status", ".status.phase"), AGE],
  Node: [computed("Status", nodeStatus), computed("Roles", () => "<none>"), AGE, text("Version", ".status.nodeInfo.kubeletVersion")],
  Pod: [computed("Ready", podReady), computed("Status", podStatus), computed("Restarts", podRestarts), AGE, wide(computed("IP", at("status.podIP", "<none>"))), wide(computed("Node", at("spec.nodeName", "<none>")))],
  Service: [text("Type", ".spec.type"), text("Cluster-IP", ".spec.clusterIP"), computed("External-IP", () => "<none>"), AGE],
  ConfigMap: [computed("Data", (map) => String(sizeAt(map, "data") + sizeAt(map, "binaryData"))), AGE],
  Secret: [text("Type", ".type"), computed("Data", (secret) => String(sizeAt(secret, "data"))), AGE],
  Event: [
    { name: "Last Seen", type: "date", value: ".lastTimestamp" },
    text("Type", ".type"),
    text("Reason", ".reason"),
    computed("Object", (event) => `${fieldText(event, "involvedObject.kind").toLowerCase()}/${fieldText(event, "involvedObject.name")}`),
    text("Message", ".message"),
    wide({ name: "Age", type: "date", value: ".firstTimestamp" }),
    wide(computed("Count", at("count", "1"))),
    wide(text("Name", ".metadata.name")),
  ],
  Lease: [text("Holder", ".spec.holderIdentity"), AGE],
  Job: [computed("Status", jobStatus), computed("Completions", (job) => `${at("status.succeeded", "0")(job)}/${at("spec.completions", "1")(job)}`), computed("Duration", jobDuration), AGE, ...containers("spec.template.spec")],
  CronJob: [text("Schedule", ".spec.schedule"), computed("Suspend", at("spec.suspend", "false")), AGE],
  Deployment: [computed("Ready", ready("readyReplicas")), computed("Up-to-date", at("status.updatedReplicas", "0")), computed("Available", at("status.availableReplicas", "0")), AGE, ...containers("spec.template.spec")],
  StatefulSet: [computed("Ready", ready("readyReplicas")), AGE, ...containers("spec.template.spec")],
  DaemonSet: [count("Desired", "status.desiredNumberScheduled"), count("Current", "status.currentNumberScheduled"), count("Ready", "status.numberReady"), count("Up-to-date", "status.updatedNumberScheduled"), count("Available", "status.numberAvailable"), AGE],
  ReplicaSet: [count("Desired", "spec.replicas"), count("Current", "status.replicas"), count("Ready", "status.readyReplicas"), AGE, ...containers("spec.template.spec")],
  CustomResourceDefinition: [text("Scope", ".spec.scope"), computed("Versions", (crd) => names(objectAt(crd, "spec")["versions"], "name").join(",")), AGE],
  RoleBinding: [computed("Role", role), AGE],
  ClusterRoleBinding: [computed("Role", role), AGE],
};

function text(name: string, value: string): PrinterColumn {
  return { name, type: "string", value };
}

function computed(name: string, value: Read): PrinterColumn {
  return { name, type: "string", value };
}

function count(name: string, path: string): PrinterColumn {
  return { name, type: "integer", value: (object) => Number(fieldText(object, path)) };
}

function wide(column: PrinterColumn): PrinterColumn {
  return { ...column, priority: 1 };
}

function at(path: string, otherwise: string): (object: JsonObject) => string {
  return (object) => fieldText(object, path) || otherwise;
}

function sizeAt(object: JsonObject, field: string): number {
  return Object.keys(objectAt(object, field)).length;
}

function listAt(object: JsonObject, field: string): readonly JsonObject[] {
  const list = object[field];
  return isArray(list) ? list.filter(isObject) : [];
}

function names(list: Json | undefined, field: string): readonly string[] {
  return isArray(list) ? list.filter(isObject).map((item) => fieldText(item, field)) : [];
}

function conditionOf(object: JsonObject, type: string): boolean {
  return listAt(objectAt(object, "status"), "conditions").some((condition) => condition["type"] === type && condition["status"] === "True");
}

function containers(path: string): readonly PrinterColumn[] {
  const list = (object: JsonObject): readonly JsonObject[] => listAt(path.split(".").reduce(objectAt, object), "containers");
  return [wide(computed("Containers", (object) => names(list(object), "name").join(","))), wide(computed("Images", (object) => names(list(object), "image").join(",")))];
}

function ready(field: string): Read {
  return (object) => `${at(`status.${field}`, "0")(object)}/${at("spec.replicas", "1")(object)}`;
}

function role(binding: JsonObject): string {
  return `${fieldText(binding, "roleRef.kind")}/${fieldText(binding, "roleRef.name")}`;
}

function nodeStatus(node: JsonObject): string {
  return conditionOf(node, "Ready") ? "Ready" : "NotReady";
}

function podReady(pod: JsonObject): string {
  const statuses = listAt(objectAt(pod, "status"), "containerStatuses");
  return `${statuses.filter((status) => status["ready"] === true).length}/${listAt(objectAt(pod, "spec"), "containers").length}`;
}

function podRestarts(pod: JsonObject): string {
  return String(listAt(objectAt(pod, "status"), "containerStatuses").reduce((sum, status) => sum + Number(fieldText(status, "restartCount")), 0));
}

/** What ended or holds up its container says more than the phase; a deletion says most. */
function podStatus(pod: JsonObject): string {
  if (fieldText(pod, "metadata.deletionTimestamp") !== "") return "Terminating";
  const [first] = listAt(objectAt(pod, "status"), "containerStatuses");
  const why = first && (fieldText(first, "state.waiting.reason") || fieldText(first, "state.terminated.reason"));
  return why || fieldText(pod, "status.reason") || fieldText(pod, "status.phase");
}

function jobStatus(job: JsonObject): string {
  if (conditionOf(job, "Complete")) return "Complete";
  if (conditionOf(job, "Failed")) return "Failed";
  if (fieldText(job, "metadata.deletionTimestamp") !== "") return "Terminating";
  if (conditionOf(job, "Suspended")) return "Suspended";
  return conditionOf(job, "FailureTarget") ? "FailureTarget" : conditionOf(job, "SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function jobDuration(job: JsonObject): string {
  const [startMs, endMs] = [Date.parse(fieldText(job, "status.startTime")), Date.parse(fieldText(job, "status.completionTime"))];
  return Number.isNaN(startMs) || Number.isNaN(endMs) ? "" : humanDuration(endMs - startMs);
}
