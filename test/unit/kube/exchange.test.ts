import assert from "node:assert/strict";
import { test } from "node:test";
import { Dispatcher } from "undici";
import { dispatchOnce, type Receiver } from "../../../src/kube/exchange.ts";

/** A connection as undici hands it to a request. */
class Controller implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
}

/** A dispatcher that does nothing by itself. */
class Held extends Dispatcher {
  handler: Dispatcher.DispatchHandler = {};
  override dispatch(_: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.handler = handler;
    return true;
  }
}

function begin() {
  const held = new Held();
  const told: string[] = [];
  const receiver: Receiver = {
    head: (status) => void told.push(`head ${status}`),
    chunk: (chunk) => void told.push(`chunk ${Buffer.from(chunk).toString()}`),
    end: () => void told.push("end"),
    broken: (error) => void told.push(`broken ${String(error)}`),
  };
  const exchange = dispatchOnce(held, { method: "POST", path: "/" }, receiver);
  return { exchange, told, start: (controller: Controller) => held.handler.onRequestStart?.(controller, {}), handler: () => held.handler };
}

test("a request that a dispatcher begins a second time is not sent again", () => {
  const { exchange, start } = begin();
  const [first, second] = [new Controller(), new Controller()];
  assert.equal(exchange.sent, false);
  start(first);
  assert.equal(exchange.sent, true);
  start(second);
  assert.deepEqual([first.aborted, second.aborted], [false, true]);
});

test("a request that was given up while it waited is not sent when its turn comes", () => {
  const { exchange, told, start } = begin();
  exchange.abort("too late");
  assert.deepEqual([exchange.sent, told], [false, ["broken too late"]]);
  const controller = new Controller();
  start(controller);
  assert.deepEqual([controller.aborted, exchange.sent], [true, false]);
});

test("nothing is told after the end", () => {
  const { exchange, told, start, handler } = begin();
  const controller = new Controller();
  start(controller);
  handler().onResponseStart?.(controller, 103, {});
  handler().onResponseStart?.(controller, 200, {});
  handler().onResponseData?.(controller, Buffer.from("a"));
  handler().onResponseEnd?.(controller, {});
  handler().onResponseError?.(controller, new Error("late"));
  handler().onResponseData?.(controller, Buffer.from("late"));
  exchange.abort(new Error("late"));
  assert.deepEqual(told, ["head 200", "chunk a", "end"]);
  assert.equal(controller.aborted, false);
});
