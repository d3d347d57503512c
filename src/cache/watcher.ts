import type { KindInfo } from "../api/kind.ts";
import type { KubeObject } from "../api/object.ts";
import { abortScope, type AbortScope } from "../lib/abort-scope.ts";
import { assertNever } from "../lib/assert-never.ts";
import { backoffDelayMs, type BackoffPolicy } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { isKubeError, KubeError } from "../kube/kube-error.ts";
import type { ListQuery, Reader, Watcher, WatchEvent } from "../kube/ports.ts";

/** What a watcher tells: a complete list, or one event after it. */
export type Told<T> = { readonly type: "LISTED"; readonly objects: readonly T[] } | Exclude<WatchEvent<T>, { readonly type: "BOOKMARK" }>;

export interface WatcherDeps<T extends KubeObject> {
  readonly client: Pick<Reader, "list"> & Watcher;
  readonly kind: KindInfo<T>;
  readonly query: ListQuery;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly tell: (told: Told<T>) => void;
}

/** Where a watcher stands; each state carries only what exists in it. */
type State = { readonly at: "empty" } | { readonly at: "listed"; readonly resourceVersion: string };

const BACKOFF: BackoffPolicy = { baseMs: 100, maxMs: 10_000, factor: 2, jitter: 0.5 };
/** The server ends a stream after 5 to 10 minutes, so that replicas do not all come back at once. */
const STREAM_SECONDS = 300;
/** Bookmarks come about every minute: a stream that is silent for longer than two is half open. */
const SILENCE_MS = 150_000;
/** A stream that lived this long was a good one: the next failure starts the backoff anew. */
const GOOD_STREAM_MS = 1000;

/**
 * Lists, then watches, for as long as `signal` lets it: a stream that ends goes on from where it was, one that is told 410
 * lists again, and no error ends it for good.
 */
export async function runWatcher<T extends KubeObject>(deps: WatcherDeps<T>, signal: AbortSignal): Promise<void> {
  let state: State = { at: "empty" };
  let failures = 0;
  while (!signal.aborted) {
    const startMs = deps.clock.monotonic();
    const before = state;
    let failure: unknown;
    try {
      state = await step(deps, state, signal);
    } catch (error) {
      failure = error;
      state = resumeAt(error, state);
    }
    if (signal.aborted) return;
    // A stream that closes at once is as good as none, even without an error.
    const good = failure === undefined && (before.at === "empty" || deps.clock.monotonic() - startMs >= GOOD_STREAM_MS);
    failures = good ? 0 : failures + 1;
    if (good) continue;
    const delayMs = backoffDelayMs(BACKOFF, failures, deps.random);
    deps.log[failure === undefined ? "debug" : "warn"]("watch interrupted", { err: failure, kind: deps.kind.kind, delayMs });
    await quietSleep(deps.clock, delayMs, signal);
  }
}

/** A stream that breaks has still moved on before. */
class Interrupted extends Error {
  readonly resourceVersion: string;

  constructor(resourceVersion: string, cause: unknown) {
    super("the watch was interrupted", { cause });
    this.resourceVersion = resourceVersion;
  }
}

function resumeAt(error: unknown, state: State): State {
  if (!(error instanceof Interrupted)) return isKubeError(error, "Expired") ? { at: "empty" } : state;
  return isKubeError(error.cause, "Expired") ? { at: "empty" } : { at: "listed", resourceVersion: error.resourceVersion };
}

async function step<T extends KubeObject>(deps: WatcherDeps<T>, state: State, signal: AbortSignal): Promise<State> {
  switch (state.at) {
    case "empty": {
      const { items, resourceVersion } = await deps.client.list(deps.kind, deps.query, { signal });
      if (!signal.aborted) deps.tell({ type: "LISTED", objects: items });
      return { at: "listed", resourceVersion };
    }
    case "listed":
      return { at: "listed", resourceVersion: await follow(deps, state.resourceVersion, signal) };
    default:
      return assertNever(state);
  }
}

/** Follows one stream to its end; returns, or throws Interrupted with, the version up to which it was told. */
async function follow<T extends KubeObject>(deps: WatcherDeps<T>, from: string, signal: AbortSignal): Promise<string> {
  using scope = abortScope(signal);
  let resourceVersion = from;
  let idle = silence(deps.clock, scope);
  const timeoutSeconds = Math.round(STREAM_SECONDS * (1 + deps.random()));
  try {
    for await (const event of deps.client.watch(deps.kind, { ...deps.query, resourceVersion, timeoutSeconds }, { signal: scope.signal })) {
      idle.cancel();
      if (signal.aborted) break;
      if (event.type === "BOOKMARK") resourceVersion = event.resourceVersion;
      else {
        resourceVersion = event.object.metadata.resourceVersion;
        deps.tell(event);
      }
      idle = silence(deps.clock, scope);
    }
    return resourceVersion;
  } catch (error) {
    throw new Interrupted(resourceVersion, error);
  } finally {
    idle.cancel();
  }
}

function silence(clock: Clock, scope: AbortScope) {
  return clock.timer(SILENCE_MS, () => scope.abort(new KubeError("Unreachable", `the watch was silent for ${SILENCE_MS} ms`)));
}

async function quietSleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
