import type { KubeObject } from "../api/object.ts";
import { watchError } from "./status-decoder.ts";
import type { WatchEvent } from "./ports.ts";
import type { TransportStream } from "./transport.ts";

/** A line of a watch, as the wire carries it. */
interface RawEvent {
  readonly type: string;
  readonly object: KubeObject;
}

/** Decodes a watch stream. An ERROR event is thrown as KubeError; a last line without its end is dropped, because the stream broke within it. */
export async function* decodeWatch<T extends KubeObject>(chunks: TransportStream["chunks"]): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines(chunks)) {
    if (line.trim() === "") continue;
    yield decodeEvent(JSON.parse(line));
  }
}

function decodeEvent<T extends KubeObject>({ type, object }: RawEvent): WatchEvent<T> {
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      // The server sends objects of the kind that was asked for.
      return { type, object: object as T };
    case "BOOKMARK":
      return { type, resourceVersion: object.metadata.resourceVersion };
    default:
      throw watchError(object);
  }
}

/** Whole lines, however the chunks cut them or their characters. */
async function* lines(chunks: TransportStream["chunks"]): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  // What has come of a line that has no end yet; joined once, so that a huge line costs no more than its length.
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      parts.push(text.slice(from, end));
      yield parts.join("");
      parts = [];
      from = end + 1;
    }
    if (from < text.length) parts.push(text.slice(from));
  }
}
