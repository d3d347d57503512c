import { controllerOf, keyOf, parseKey, type KubeObject } from "./api/object.ts";
import { lockKey } from "./api/target.ts";
import type { CacheReader, Informer } from "./cache/ports.ts";
import type { Config } from "./config.ts";
import type { Controller } from "./controller/controller.ts";
import type { Reconciler } from "./controller/ports.ts";
import type { Informers } from "./informers.ts";
import type { Clock } from "./lib/clock.ts";
import type { KubeClient } from "./kube/ports.ts";
import type { Claims } from "./locking/ports.ts";
import { targetKeyOf } from "./remediation/waiters.ts";
import { createAnalysisReconciler } from "./workers/analysis/analysis-reconciler.ts";
import { createExecutionReconciler } from "./workers/execution/execution-reconciler.ts";
import { subscribeExecutionTriggers } from "./workers/execution/triggers.ts";
import { createNotificationReconciler } from "./workers/notification/notification-reconciler.ts";
import { createSignalProcessingReconciler } from "./workers/signal-processing/signal-processing-reconciler.ts";
import { createVerificationReconciler } from "./workers/verification/verification-reconciler.ts";

export interface WorkersDeps {
  readonly config: Config;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly informers: Informers;
  readonly claims: Claims;
  /** Makes a controller, ranked by the target of a key. */
  readonly control: (name: string, reconcile: Reconciler, targetOf: (key: string) => string, versionOf: (key: string) => string) => Controller;
}

/** The built-in neighbours that the configuration asks for. */
export interface Workers {
  readonly controllers: readonly Controller[];
  /** Lets events in; returns the way to stop. */
  subscribe(): () => void;
}

/** One controller per worker, each ranked by the target of the remediation that its object belongs to. */
export function createWorkers({ config, client, clock, informers, claims, control }: WorkersDeps): Workers {
  const controllers: Controller[] = [];
  const subscriptions: (() => () => void)[] = [];
  const version = (cache: CacheReader<KubeObject>) => (key: string) => cache.get(parseKey(key))?.metadata.resourceVersion ?? "";
  const ownerTarget = (cache: CacheReader<KubeObject>) => (key: string) => {
    const object = cache.get(parseKey(key));
    const owner = object && controllerOf(object);
    const rr = owner && informers.remediationRequests.cache.get({ namespace: object?.metadata.namespace ?? "", name: owner.name });
    return rr ? targetKeyOf(rr) : key;
  };
  const add = (name: string, informer: Informer<KubeObject>, reconcile: Reconciler): void => {
    const controller = control(name, reconcile, ownerTarget(informer.cache), version(informer.cache));
    controllers.push(controller);
    subscriptions.push(() => informer.subscribe(({ object }) => controller.enqueue(keyOf(object))));
  };
  const wanted = new Set(config.workers);
  const { signalProcessings, aiAnalyses, effectivenessAssessments, notificationRequests, workflowExecutions, jobs, catalog, remediationRequests, executionsOn } = informers;
  if (wanted.has("signal-processing")) add("signal-processing", widened(signalProcessings), createSignalProcessingReconciler({ client, processings: signalProcessings.cache, clock }));
  if (wanted.has("analysis") && catalog) add("analysis", widened(aiAnalyses), createAnalysisReconciler({ client, analyses: aiAnalyses.cache, catalog: catalog.cache, clock }));
  if (wanted.has("verification")) add("verification", widened(effectivenessAssessments), createVerificationReconciler({ client, assessments: effectivenessAssessments.cache, clock, patienceMs: config.verificationPatienceMs }));
  if (wanted.has("notification")) add("notification", widened(notificationRequests), createNotificationReconciler({ client, notifications: notificationRequests.cache, clock, identity: config.identity }));
  if (wanted.has("execution") && jobs) {
    const reconcile = createExecutionReconciler({ client, executions: workflowExecutions.cache, executionsOn, observe: { execution: (written) => workflowExecutions.observe(written), job: (written) => jobs.observe(written) }, jobs: jobs.cache, requests: remediationRequests.cache, claims, clock, safetyPollMs: config.remediation.safetyPollMs });
    const targetOf = (key: string): string => {
      const execution = workflowExecutions.cache.get(parseKey(key));
      return execution ? lockKey(execution.spec.clusterID, execution.spec.targetResource) : key;
    };
    const controller = control("execution", reconcile, targetOf, (key) => [version(widened(workflowExecutions).cache)(key), ...(jobVersions(informers, key))].join(","));
    controllers.push(controller);
    subscriptions.push(() => subscribeExecutionTriggers({ executions: workflowExecutions, jobs, remediationRequests }, executionsOn, (key) => controller.enqueue(key)));
  }
  return {
    controllers,
    subscribe() {
      const stops = subscriptions.map((start) => start());
      return () => stops.forEach((stop) => stop());
    },
  };
}

/** What moves an execution besides itself: its owner and its Job. */
function jobVersions({ workflowExecutions, remediationRequests, jobs }: Informers, key: string): readonly string[] {
  const execution = workflowExecutions.cache.get(parseKey(key));
  const owner = execution && controllerOf(execution);
  const namespace = execution?.metadata.namespace ?? "";
  const rr = owner && remediationRequests.cache.get({ namespace, name: owner.name });
  const job = execution?.status?.executionRef?.name ? jobs?.cache.get({ namespace, name: execution.status.executionRef.name }) : undefined;
  return [rr?.metadata.resourceVersion ?? "", job?.metadata.resourceVersion ?? ""];
}

/** An informer seen as one of any kind: enough to know what moved. */
function widened<T extends KubeObject>(informer: Informer<T>): Informer<KubeObject> {
  return informer;
}

