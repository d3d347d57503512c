import { monitorEventLoopDelay } from "node:perf_hooks";
import { startApp, type App } from "../../src/app.ts";
import { loadConfig } from "../../src/config.ts";
import { createKubeClient, type RequestRecord } from "../../src/kube/client.ts";
import { tokenCredentials } from "../../src/kube/credentials.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { jsonLogger } from "../../src/lib/log.ts";
import { createInstruments } from "../../src/metrics/instruments.ts";
import { probeLaunches, type LaunchSample } from "./launch-probe.ts";
import type { ReplicaOrders, ReplicaReport } from "./replica.ts";

// A replica as `ro run` starts it, with a probe around its client. The first message starts it, each further one asks for a report.
const MEGABYTE = 1024 * 1024;
const LOOP_RESOLUTION_MS = 1;

const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
const instruments = createInstruments({ processMetrics: true });
let launches: LaunchSample[] = [];
let requests = new Map<string, number>();
let since = { cpu: process.cpuUsage(), atMs: performance.now() };
let app: App | undefined;
let transport: ReturnType<typeof createUndiciTransport> | undefined;

process.on("message", (message) => {
  if (app) process.send?.(report((message as { readonly collect: boolean }).collect));
  // The parent's own words, by the same type.
  else void start(message as ReplicaOrders).then(() => process.send?.({}));
});
process.on("disconnect", () => void stop());

async function start({ url, caPem, token, namespace, identity }: ReplicaOrders): Promise<void> {
  loop.enable();
  transport = createUndiciTransport({ server: url, caPem, credentials: tokenCredentials(token), clock: systemClock, userAgent: "bench" });
  const client = probeLaunches(createKubeClient({ transport, clock: systemClock, onRequest: count }), (sample) => launches.push(sample));
  const config = loadConfig({ namespace, identity, httpPort: "0" }, {}, () => identity);
  app = await startApp(config, { client, clock: systemClock, random: Math.random, log: jsonLogger("info"), instruments });
}

async function stop(): Promise<void> {
  await app?.stop();
  await transport?.close();
  process.exit(0);
}

function count({ verb, kind, status, durationMs }: RequestRecord): void {
  instruments.apiRequests.inc({ verb, kind, status });
  instruments.apiRequestSeconds.observe({ verb }, durationMs / 1000);
  const key = `${verb} ${kind} ${status}`;
  requests.set(key, (requests.get(key) ?? 0) + 1);
}

function report(collect: boolean): ReplicaReport {
  const { user, system } = process.cpuUsage(since.cpu);
  const delay = { p50: lateMs(loop.percentile(50)), p99: lateMs(loop.percentile(99)), max: lateMs(loop.max) };
  const wallMs = performance.now() - since.atMs;
  if (collect) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const answer = { launches, requests: Object.fromEntries(requests), cpuMs: (user + system) / 1000, wallMs, rssMb: rss / MEGABYTE, heapMb: heapUsed / MEGABYTE, loop: delay };
  launches = [];
  requests = new Map();
  loop.reset();
  since = { cpu: process.cpuUsage(), atMs: performance.now() };
  return answer;
}

/** The histogram holds the whole time between two ticks of its timer. */
function lateMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS);
}
