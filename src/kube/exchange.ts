import type { Dispatcher } from "undici";

/** What happens to one request, in order: `head`, any number of `chunk`, then `end` or `broken` (also before `head`). Nothing after those. */
export interface Receiver {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  chunk(chunk: Uint8Array): void;
  end(): void;
  broken(error: unknown): void;
}

/** One request on its way. */
export interface Exchange {
  /** Whether its first byte may have left: from then on a failed write has an unknown outcome. */
  readonly sent: boolean;
  /** Ends it with `reason`, at once, wherever it stands; the receiver is told `broken`. Nothing happens when it is over. */
  abort(reason: unknown): void;
  /** Stops and resumes reading from the socket. */
  pause(): void;
  resume(): void;
}

/**
 * Sends a request once. Below `Dispatcher.request` because that neither says whether a request was sent, nor lets go of one
 * that still waits for a connection. A second start, whatever the dispatcher may think, is refused: it would be a second sending.
 */
export function dispatchOnce(dispatcher: Dispatcher, message: Dispatcher.DispatchOptions, receiver: Receiver): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let over = false;
  const finish = (tell: () => void): void => {
    if (over) return;
    over = true;
    tell();
  };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      if (over || controller) started.abort(new Error("not sent again"));
      else controller = started;
    },
    onResponseStart(_, status, headers) {
      if (!over && status >= 200) receiver.head(status, flat(headers));
    },
    onResponseData(_, chunk) {
      if (!over) receiver.chunk(chunk);
    },
    onResponseEnd: () => finish(() => receiver.end()),
    onResponseError: (_, error) => finish(() => receiver.broken(error)),
  };
  dispatcher.dispatch(message, handler);
  return {
    get sent() {
      return controller !== undefined;
    },
    abort(reason) {
      if (over) return;
      finish(() => receiver.broken(reason));
      controller?.abort(reason instanceof Error ? reason : new Error("aborted", { cause: reason }));
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
  };
}

function flat(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), typeof value === "string" ? value : (value ?? []).join(", ")]);
  return Object.fromEntries(entries);
}
