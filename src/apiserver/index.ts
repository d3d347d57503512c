export { ConnectionLost, type AsyncApiHandler, type AsyncCallOptions } from "./async-handler.ts";
export { listen, type ListenOptions, type ListeningServer } from "./https-server.ts";
export { kubeconfig, type KubeconfigDeps } from "./kubeconfig.ts";
export type { ApiHandler, ApiRequest, ApiResponse, FieldError, JsonObject, ResourceInfo, ResourceSchema, StreamSink, User } from "./ports.ts";
export type { RefusalRule } from "./refusals.ts";
export type { LoggedRequest, RequestLog } from "./request-log.ts";
export { EmbeddedApiServer, type EmbeddedApiServerOptions, type RequestFacts } from "./server.ts";
