import type { Clock, Timer } from "../../lib/clock.ts";
import type { StreamSink } from "../ports.ts";
import type { RequestFacts } from "./fault-rule.ts";

interface Waiting {
  readonly dueMs: number;
  /** Undefined: the end of the stream. */
  readonly line: string | undefined;
}

export interface FaultyStreamDeps {
  readonly sink: StreamSink;
  readonly clock: Clock;
  readonly facts: RequestFacts;
  /** How long the next line takes. */
  delayMs(): number;
  /** Whether nothing gets through now. */
  held(): boolean;
  /** The stream is over, one way or the other. */
  onOver(): void;
}

/** A watch on its way to the client: lines may be late or held back, and stay in order. */
export class FaultyStream implements StreamSink {
  readonly facts: RequestFacts;
  readonly #deps: FaultyStreamDeps;
  readonly #waiting: Waiting[] = [];
  #timer: Timer | undefined;
  #over = false;

  constructor(deps: FaultyStreamDeps) {
    this.#deps = deps;
    this.facts = deps.facts;
  }

  write(line: string): void {
    this.#push(line);
  }

  end(): void {
    this.#push(undefined);
  }

  /** Ends the stream at once; what was held back is lost. */
  close(): void {
    if (this.#over) return;
    this.stop();
    this.#deps.sink.end();
  }

  /** The client has gone. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#waiting.length = 0;
    this.#deps.onOver();
  }

  /** Lets go of what may go by now. */
  pump(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock } = this.#deps;
    for (let next = this.#waiting[0]; next && !this.#over; next = this.#waiting[0]) {
      if (this.#deps.held()) return;
      const waitMs = next.dueMs - clock.monotonic();
      if (waitMs > 0) {
        this.#timer = clock.timer(waitMs, () => this.pump());
        return;
      }
      this.#waiting.shift();
      this.#deliver(next.line);
    }
  }

  #push(line: string | undefined): void {
    if (this.#over) return;
    const delayMs = this.#deps.delayMs();
    if (this.#waiting.length === 0 && delayMs <= 0 && !this.#deps.held()) return this.#deliver(line);
    const dueMs = Math.max(this.#waiting.at(-1)?.dueMs ?? 0, this.#deps.clock.monotonic() + delayMs);
    this.#waiting.push({ dueMs, line });
    if (this.#waiting.length === 1) this.pump();
  }

  #deliver(line: string | undefined): void {
    if (line === undefined) this.close();
    else this.#deps.sink.write(line);
  }
}
