import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { Job } from "../../src/api/job.ts";
import { lockKey, targetString } from "../../src/api/target.ts";
import type { Action, ActionName } from "./action.ts";
import { RequestStory, type Told } from "./request-story.ts";

/** A change as the API server made it. `by`: the user that wrote: a replica, "garbage-collector", "job-controller", "node" or "person". */
export interface ApiChange {
  readonly atMs: number;
  readonly kind: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
  readonly previous?: KubeObject;
  readonly by: string;
}

/** What happened on one target, as the model sees it. */
export interface Trace {
  /** `lockKey` of the target. */
  readonly target: string;
  /** Names of its RemediationRequests: an action's `request` is a place in here. */
  readonly requests: readonly string[];
  readonly actions: readonly Action[];
}

/** The model that traces are replayed in has three requests. */
export const MOST_REQUESTS = 3;

/**
 * The protocol's actions among `changes` (in the order of their resourceVersions), one trace for each target. What the
 * model does not follow is left out. Throws RangeError on more than three RemediationRequests on one target, and on a
 * WorkflowExecution that nobody owns.
 */
export function actionsOf(changes: readonly ApiChange[]): readonly Trace[] {
  const targets = targetsByRequest(changes);
  const traces = new Map<string, TargetStory>();
  const ownersByExecution = new Map<string, string>();
  for (const change of changes) {
    const owner = requestOf(change, ownersByExecution);
    const target = owner === undefined ? undefined : targets.get(owner);
    if (owner === undefined || target === undefined) continue;
    const trace: TargetStory = traces.get(target) ?? { stories: new Map(), actions: [] };
    traces.set(target, trace);
    const story = trace.stories.get(owner) ?? new RequestStory();
    trace.stories.set(owner, story);
    if (trace.stories.size > MOST_REQUESTS) throw new RangeError(`more than ${MOST_REQUESTS} RemediationRequests on ${target}`);
    const request = [...trace.stories.keys()].indexOf(owner);
    trace.actions.push(...tell(story, change).map(({ name, detail }) => ({ name, request, detail, said: inWords(name, change) })));
  }
  return [...traces].map(([target, { stories, actions }]) => ({ target, requests: [...stories.keys()], actions }));
}

interface TargetStory {
  /** By the names of the RemediationRequests, in the order of their first change. */
  readonly stories: Map<string, RequestStory>;
  readonly actions: Action[];
}

function tell(story: RequestStory, change: ApiChange): readonly Told[] {
  switch (change.kind) {
    case "RemediationRequest":
      return story.onRequest(change.type, change.object as RemediationRequest);
    case "WorkflowExecution":
      return story.onExecution(change.type, change.object as WorkflowExecution, change.by);
    default:
      return story.onJob(change.type, change.object as Job, change.by);
  }
}

/** Name of the RemediationRequest that a change is about; undefined for what the model does not follow. */
function requestOf({ kind, object }: ApiChange, ownersByExecution: Map<string, string>): string | undefined {
  switch (kind) {
    case "RemediationRequest":
      return object.metadata.name;
    case "WorkflowExecution": {
      const owner = controllerOf(object);
      if (!owner) throw new RangeError(`nobody owns ${object.metadata.name}, which the model does not know`);
      ownersByExecution.set(object.metadata.uid, owner.name);
      return owner.name;
    }
    case "Job":
      return ownersByExecution.get(controllerOf(object)?.uid ?? "");
    default:
      return undefined;
  }
}

/** The target that each RemediationRequest came to have in the end. */
function targetsByRequest(changes: readonly ApiChange[]): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const { kind, object } of changes) {
    if (kind !== "RemediationRequest") continue;
    const { spec, status } = object as RemediationRequest; // The kind says so.
    targets.set(object.metadata.name, lockKey(spec.clusterID, targetString(status?.workflowSelection?.remediationTarget ?? spec.targetResource)));
  }
  return targets;
}

function inWords(name: ActionName, { atMs, object, by }: ApiChange): string {
  return `${name} (${object.kind} ${object.metadata.name}, version ${object.metadata.resourceVersion}, by ${by}, at ${atMs.toFixed(0)} ms)`;
}
