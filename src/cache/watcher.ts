import type { KindInfo } from "../api/kind.ts";
import type { KubeObject } from "../api/object.ts";
import { abortScope, type AbortScope } from "../lib/abort-scope.ts";
import { assertNever } from "../lib/assert-never.ts";
import { backoffDelayMs, type BackoffPolicy } from "../lib/backoff.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { isKubeError, KubeError } from "../kube/kube-error.ts";
import type { ListQuery, Reader, Watcher, WatchEvent } from "../kube/ports.ts";
import { beginList, beginWatch, EMPTY, listFailed, listSucceeded, moved, streamEnded, streamFailed, type Listing, type WatcherState, type Watching } from "./watcher-state.ts";

/** What a watcher tells: a complete list, or one event after it. */
export type Told<T> = { readonly type: "LISTED"; readonly objects: readonly T[]; readonly resourceVersion: string } | Exclude<WatchEvent<T>, { readonly type: "BOOKMARK" }>;

export interface WatcherDeps<T extends KubeObject> {
  readonly client: Pick<Reader, "list"> & Watcher;
  readonly kind: KindInfo<T>;
  readonly query: ListQuery;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly tell: (told: Told<T>) => void;
}

const BACKOFF: BackoffPolicy = { baseMs: 100, maxMs: 10_000, factor: 2, jitter: 0.5 };
/** The server ends a stream after 5 to 10 minutes, so that replicas do not all come back at once. */
const STREAM_SECONDS = 300;
/** Bookmarks come about every minute: a stream that is silent for longer than two is half open. */
const SILENCE_MS = 150_000;

/**
 * Lists, then watches, for as long as `signal` lets it: a stream that ends goes on from where it was, one that is told 410
 * lists again, and no error ends it for good.
 */
export async function runWatcher<T extends KubeObject>(deps: WatcherDeps<T>, signal: AbortSignal): Promise<void> {
  let state: WatcherState = EMPTY;
  while (!signal.aborted) state = await step(deps, state, signal);
}

async function step<T extends KubeObject>(deps: WatcherDeps<T>, state: WatcherState, signal: AbortSignal): Promise<WatcherState> {
  switch (state.at) {
    case "empty":
      return beginList(state);
    case "listing":
      return list(deps, state, signal);
    case "listed":
      return beginWatch(state, deps.clock.monotonic());
    case "watching":
      return follow(deps, state, signal);
    default:
      return assertNever(state);
  }
}

async function list<T extends KubeObject>(deps: WatcherDeps<T>, state: Listing, signal: AbortSignal): Promise<WatcherState> {
  try {
    const { items, resourceVersion } = await deps.client.list(deps.kind, deps.query, { signal });
    if (!signal.aborted) deps.tell({ type: "LISTED", objects: items, resourceVersion });
    return listSucceeded(state, resourceVersion);
  } catch (error) {
    return pause(deps, listFailed(state), error, signal);
  }
}

async function follow<T extends KubeObject>(deps: WatcherDeps<T>, from: Watching, signal: AbortSignal): Promise<WatcherState> {
  const { state, error } = await stream(deps, from, signal);
  const nowMs = deps.clock.monotonic();
  return pause(deps, error === undefined ? streamEnded(state, nowMs) : streamFailed(state, error, nowMs), error, signal);
}

/** One stream from its opening to its end; `error` is why it broke. */
async function stream<T extends KubeObject>(deps: WatcherDeps<T>, from: Watching, signal: AbortSignal): Promise<{ readonly state: Watching; readonly error?: unknown }> {
  using scope = abortScope(signal);
  let state = from;
  let idle = silence(deps.clock, scope);
  const timeoutSeconds = Math.round(STREAM_SECONDS * (1 + deps.random()));
  try {
    for await (const event of deps.client.watch(deps.kind, { ...deps.query, resourceVersion: from.resourceVersion, timeoutSeconds }, { signal: scope.signal })) {
      idle.cancel();
      if (signal.aborted) break;
      state = moved(state, event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion);
      if (event.type !== "BOOKMARK") deps.tell(event);
      idle = silence(deps.clock, scope);
    }
    return { state };
  } catch (error) {
    return { state, error };
  } finally {
    idle.cancel();
  }
}

function silence(clock: Clock, scope: AbortScope): Timer {
  return clock.timer(SILENCE_MS, () => scope.abort(new KubeError("Unreachable", `the watch was silent for ${SILENCE_MS} ms`)));
}

/** `state`, after the wait that its failures ask for, or as soon as `signal` aborts. */
async function pause<T extends KubeObject>({ clock, random, log, kind }: WatcherDeps<T>, state: WatcherState, error: unknown, signal: AbortSignal): Promise<WatcherState> {
  if (signal.aborted || state.failures === 0) return state;
  const delayMs = backoffDelayMs(BACKOFF, state.failures, random);
  // A missing right is said once, by whoever watches the rights.
  log[error === undefined || isKubeError(error, "Forbidden") ? "debug" : "warn"]("watch interrupted", { err: error, kind: kind.kind, next: state.at, failures: state.failures, delayMs });
  try {
    await clock.sleep(delayMs, { signal });
  } catch (reason) {
    if (!signal.aborted) throw reason;
  }
  return state;
}
