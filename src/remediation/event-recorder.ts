import { kinds } from "../api/kinds.ts";
import { microTime } from "../api/lease.ts";
import type { Draft, ObjectMeta } from "../api/object.ts";
import type { Event } from "../api/event.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Writer } from "../kube/ports.ts";
import type { AppliedStep, Observer } from "./observers.ts";
import { RIGHT_MISSING } from "./phases/hindered.ts";
import { seconds } from "./status.ts";

export interface EventRecorderDeps {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Who reports: the replica. */
  readonly identity: string;
  /** Steps of one object that follow each other within this span are told in one Event. Milliseconds. */
  readonly coalesceMs: number;
}

/** Tells `kubectl describe` what happened. An Event that can not be written is logged and forgotten. */
export interface EventRecorder {
  readonly observe: Observer;
  /** Writes what is still held back. */
  flush(): Promise<void>;
}

const COMPONENT = "remediation-orchestrator";
const MESSAGE_MAX = 1000;

interface Held {
  readonly steps: AppliedStep[];
  readonly timer: Timer;
}

/** A recorder that writes one Event per step, and one for all the steps of a burst: a remediation with quick neighbours makes four within 100 ms. */
export function createEventRecorder(deps: EventRecorderDeps): EventRecorder {
  const held = new Map<string, Held>();
  const write = async (uid: string): Promise<void> => {
    const burst = held.get(uid);
    held.delete(uid);
    burst?.timer.cancel();
    const draft = burst && eventFor(burst.steps, deps.identity);
    if (!draft) return;
    try {
      await deps.writer.create(kinds.Event, draft);
    } catch (error) {
      deps.log.warn("event not written", { err: error, object: draft.involvedObject.name });
    }
  };
  return {
    observe(step) {
      const { uid } = step.after.metadata;
      const burst = held.get(uid);
      if (burst) return void burst.steps.push(step);
      held.set(uid, { steps: [step], timer: deps.clock.timer(deps.coalesceMs, () => void write(uid)) });
    },
    flush: async () => void (await Promise.all([...held.keys()].map(write))),
  };
}

/** One Event for a burst of steps: the last one gives reason and message, the phases passed through stand before it. Pure. */
export function eventFor(steps: readonly AppliedStep[], identity: string): Draft<Event> | undefined {
  const first = steps[0];
  const last = steps.at(-1);
  if (!first || !last) return undefined;
  const path = [first.before, ...steps.map(({ after }) => after)].map((rr) => rr.status?.overallPhase ?? "New");
  const meta: ObjectMeta = last.after.metadata;
  const at = seconds(last.atMs);
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${meta.name.slice(0, 200)}.${meta.resourceVersion}`, namespace: meta.namespace ?? "" },
    involvedObject: { apiVersion: last.after.apiVersion, kind: last.after.kind, namespace: meta.namespace ?? "", name: meta.name, uid: meta.uid, resourceVersion: meta.resourceVersion },
    type: isWarning(last) ? "Warning" : "Normal",
    reason: last.reason,
    message: `${path.filter((phase, i) => phase !== path[i - 1]).join(" -> ")}: ${last.message}`.slice(0, MESSAGE_MAX),
    count: 1,
    firstTimestamp: seconds(first.atMs),
    lastTimestamp: at,
    eventTime: microTime(last.atMs),
    action: "Transition",
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: identity.slice(0, 128),
  };
}

function isWarning({ after, reason }: AppliedStep): boolean {
  const phase = after.status?.overallPhase;
  return reason === RIGHT_MISSING || phase === "Failed" || phase === "TimedOut" || after.status?.completionStatus?.requiresManualReview === true;
}
