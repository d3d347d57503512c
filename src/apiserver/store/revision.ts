import type { JsonObject } from "../ports.ts";

/** One state of one object, with its text as it goes over the wire. */
export class Revision {
  readonly object: JsonObject;
  /** The resourceVersion as a number: the write that made this state. */
  readonly version: number;
  #json: string | undefined;

  constructor(object: JsonObject, version: number) {
    this.object = object;
    this.version = version;
  }

  /** Serialised once while it is the latest state, however many lists and watches carry it. */
  get json(): string {
    this.#json ??= JSON.stringify(this.object);
    return this.#json;
  }

  /** Lets the text go, for a state that is past; it is made again should somebody still ask for it. */
  forgetText(): void {
    this.#json = undefined;
  }
}
