/**
 * The orchestrator as a library: start a replica in a process of your own. The locks alone are `./locking`, the embedded
 * Kubernetes API server is `./testing`.
 */
export { startApp, StartupError, type App, type AppDeps } from "./app.ts";
export { ConfigError, loadConfig, WORKERS, type Config, type Flags, type WorkerName } from "./config.ts";
export { connect, type Connection, type ConnectOptions } from "./kube/connect.ts";
export { KubeError, isKubeError, type KubeErrorReason } from "./kube/kube-error.ts";
export type { KubeClient } from "./kube/ports.ts";
export { systemClock, type Clock } from "./lib/clock.ts";
export { jsonLogger, silentLogger, type Logger } from "./lib/log.ts";
export type { RemediationSettings } from "./remediation/settings.ts";
