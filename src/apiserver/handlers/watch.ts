import { flag, type ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import type { ApiResponse, StreamSink } from "../ports.ts";
import { shapeOf } from "../respond.ts";
import { StatusError } from "../status-error.ts";
import { resourceVersionOf } from "./get.ts";
import { selectionOf } from "./list.ts";
import { forbiddenMatch, matchOf } from "./list-page.ts";
import { WatchStream, type WatchStart } from "./watch-stream.ts";

// A watch without a timeout of its own gets one between half an hour and an hour.
const DEFAULT_TIMEOUT_S = 1800;

/** GET of a collection with `watch`: a stream of its changes. */
export function watch(context: ApiContext, call: ResourceCall): ApiResponse {
  const { query, request } = call;
  const start = startOf(query);
  const selects = selectionOf(call);
  const shape = shapeOf(request);
  const timeoutSeconds = Number(query.get("timeoutSeconds") ?? 0) || DEFAULT_TIMEOUT_S * (1 + context.random());
  const bookmarks = flag(query, "allowWatchBookmarks");
  return {
    kind: "stream",
    status: 200,
    headers: { "content-type": shape === "yaml" ? "application/yaml;stream=watch" : "application/json", "cache-control": "no-cache, private" },
    open(sink: StreamSink) {
      const stream = new WatchStream({ context, call, sink, selects, shape, bookmarks });
      stream.start(start, timeoutSeconds * 1000);
      return () => stream.stop();
    },
  };
}

function startOf(query: URLSearchParams): WatchStart {
  const initialEvents = query.get("sendInitialEvents");
  const match = matchOf(query, true);
  if (initialEvents === null && match !== undefined) throw forbiddenMatch("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  if (initialEvents !== null && match !== "NotOlderThan") throw forbiddenMatch("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  const version = versionOf(query);
  if (flag(query, "sendInitialEvents")) return { kind: "state", announced: true };
  if (version === undefined || version === 0) return initialEvents === null ? { kind: "state", announced: false } : { kind: "now" };
  return { kind: "after", version };
}

function versionOf(query: URLSearchParams): number | undefined {
  try {
    return resourceVersionOf(query);
  } catch (error) {
    // The one place where the real server takes this for its own fault.
    if (error instanceof StatusError) throw new StatusError(500, undefined, error.message.replace("invalid resource version: ", ""));
    throw error;
  }
}
