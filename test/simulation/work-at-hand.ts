import { AsyncLocalStorage } from "node:async_hooks";
import type { LogFields, Logger, LogLevel } from "../../src/lib/log.ts";

/** What a worker of a replica is busy with: the controller, and the key that it has in hand. */
export interface WorkAtHand {
  readonly controller: string;
  readonly key: string;
}

const current = new AsyncLocalStorage<WorkAtHand>();

/** What the code that runs right now is busy with; undefined outside of a reconcile: informers, membership, the reaper. */
export function workAtHand(): WorkAtHand | undefined {
  return current.getStore();
}

/** A logger through which the simulation learns what each worker takes in hand: a controller binds its log to every key. */
export function listeningLogger(write: (level: LogLevel, message: string, fields: LogFields) => void, bound: LogFields = {}): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      write(level, message, { ...bound, ...fields });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with(fields) {
      const { controller, key } = fields;
      if (typeof controller === "string" && typeof key === "string") current.enterWith({ controller, key });
      return listeningLogger(write, { ...bound, ...fields });
    },
  };
}
