import { isKubeError } from "../kube/kube-error.ts";

/** Nothing is known: a list is next. */
export interface Empty {
  readonly at: "empty";
  readonly failures: number;
}

/** A list is on its way. */
export interface Listing {
  readonly at: "listing";
  readonly failures: number;
}

/** Everything up to `resourceVersion` is known: a stream from there is next. */
export interface Listed {
  readonly at: "listed";
  readonly resourceVersion: string;
  readonly failures: number;
}

/** A stream is open, or about to be; everything up to `resourceVersion` has been told. */
export interface Watching {
  readonly at: "watching";
  readonly resourceVersion: string;
  readonly sinceMs: number;
  readonly failures: number;
}

/**
 * Where a watcher stands; each state carries only what exists in it. `failures` are those in a row since the last stream that
 * was any good: a list alone proves nothing, or a server that lists well and refuses every stream would be asked in a circle.
 */
export type WatcherState = Empty | Listing | Listed | Watching;

/** A stream that lived this long was a good one. */
const GOOD_STREAM_MS = 1000;

/** Where every watcher begins. */
export const EMPTY: Empty = { at: "empty", failures: 0 };

export function beginList({ failures }: Empty): Listing {
  return { at: "listing", failures };
}

export function listSucceeded({ failures }: Listing, resourceVersion: string): Listed {
  return { at: "listed", resourceVersion, failures };
}

export function listFailed({ failures }: Listing): Empty {
  return { at: "empty", failures: failures + 1 };
}

export function beginWatch({ resourceVersion, failures }: Listed, nowMs: number): Watching {
  return { at: "watching", resourceVersion, sinceMs: nowMs, failures };
}

/** An event or a bookmark has come. */
export function moved(state: Watching, resourceVersion: string): Watching {
  return { ...state, resourceVersion };
}

/** The server ended the stream: the next one goes on from there. One that was over at once is as good as none. */
export function streamEnded(state: Watching, nowMs: number): Listed {
  const { resourceVersion, failures } = state;
  return { at: "listed", resourceVersion, failures: wasGood(state, nowMs) ? 0 : failures + 1 };
}

/** The stream broke or was refused: the next one goes on from there, unless that is too long ago for the server (410). */
export function streamFailed(state: Watching, error: unknown, nowMs: number): Empty | Listed {
  const failures = (wasGood(state, nowMs) ? 0 : state.failures) + 1;
  return isKubeError(error, "Expired") ? { at: "empty", failures } : { at: "listed", resourceVersion: state.resourceVersion, failures };
}

function wasGood({ sinceMs }: Watching, nowMs: number): boolean {
  return nowMs - sinceMs >= GOOD_STREAM_MS;
}
