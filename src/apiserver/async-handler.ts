import type { ApiRequest, ApiResponse } from "./ports.ts";

/** The connection broke before an answer came: the request may or may not have been handled. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

export interface AsyncCallOptions {
  readonly signal?: AbortSignal;
}

/** The API as it is seen through a network: answers take time, or never come (ConnectionLost, or the signal's reason). */
export type AsyncApiHandler = (request: ApiRequest, options?: AsyncCallOptions) => Promise<ApiResponse>;
