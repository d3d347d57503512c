import { destination, pino, type DestinationStream, type Logger as PinoLogger } from "pino";

/** Structured fields of one log line. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** A log of events: the message is constant, what varies stands in the fields. An Error goes under `err`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with `fields` bound to every line. */
  with(fields: LogFields): Logger;
}

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => wrap(logger.child(fields)),
  };
}

/** One JSON object a line, on standard output unless told otherwise; written synchronously, so that the last line before a crash is there. */
export function jsonLogger(level: LogLevel, stream: DestinationStream = destination({ dest: 1, sync: true })): Logger {
  return wrap(pino({ level, base: null, formatters: { level: (label) => ({ level: label }) }, timestamp: pino.stdTimeFunctions.isoTime }, stream));
}

/** A log that keeps nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};
