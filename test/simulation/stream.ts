import type { ApiResponse } from "../../src/apiserver/ports.ts";
import { createChunkQueue } from "../../src/kube/chunk-queue.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import type { SimProcess } from "./process.ts";

export interface SimStreamDeps {
  readonly process: SimProcess;
  readonly path: string;
  /** How late the next line is. */
  lagMs(): number;
  /** The stream is over, one way or the other. */
  over(): void;
}

/** Keeps two lines that are due at one moment in order, whatever adding and subtracting makes of it. */
const APART_MS = 1e-6;

/** One watch on its way to a process: its lines are late, each stream by its own measure, may be held back, and stay in order. */
export class SimStream {
  readonly path: string;
  readonly #deps: SimStreamDeps;
  readonly #chunks = createChunkQueue<string>({ highWater: Number.POSITIVE_INFINITY, onDone: () => this.letGo() });
  #held: string[] | undefined;
  #lastDueMs = 0;
  #stop: () => void = () => undefined;
  #open = true;

  constructor(deps: SimStreamDeps) {
    this.#deps = deps;
    this.path = deps.path;
  }

  get chunks(): AsyncIterable<string> {
    return this.#chunks;
  }

  open(answer: Extract<ApiResponse, { readonly kind: "stream" }>, signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#chunks.fail(signal.reason);
      this.letGo();
    };
    const stop = answer.open({ write: (line) => this.#tell(line), end: () => this.close() });
    this.#stop = () => {
      signal.removeEventListener("abort", onAbort);
      stop();
    };
    if (!this.#open) return this.#stop();
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  }

  /** Nothing more is heard of it until `release`; it does not end. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const line of held) this.#tell(line);
  }

  /** The server ends it, in good order. */
  close(): void {
    this.#end(() => this.#chunks.end());
  }

  /** Its connection breaks. */
  breakOff(): void {
    this.#end(() => this.#chunks.fail(new KubeError("Unreachable", "the connection of a watch broke")));
  }

  /** Nobody listens any more. */
  letGo(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stop();
    this.#deps.over();
  }

  #tell(line: string): void {
    if (!this.#open) return;
    if (this.#held) this.#held.push(line);
    else this.#later(() => this.#chunks.push(line));
  }

  #end(end: () => void): void {
    if (!this.#open) return;
    this.#later(end);
    this.letGo();
  }

  #later(happen: () => void): void {
    const nowMs = this.#deps.process.clock.monotonic();
    this.#lastDueMs = Math.max(this.#lastDueMs + APART_MS, nowMs + this.#deps.lagMs());
    this.#deps.process.after(this.#lastDueMs - nowMs, happen);
  }
}
