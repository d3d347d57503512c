import { z } from "zod";
import { durationMs } from "./api/duration.ts";
import type { LogLevel } from "./lib/log.ts";

/** The built-in neighbours, each of which can be left to somebody else. */
export const WORKERS = ["signal-processing", "analysis", "execution", "verification", "notification"] as const;
export type WorkerName = (typeof WORKERS)[number];

const LEVELS = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];

const NAMESPACE = 'must be the name of a namespace: 1 to 63 lowercase letters, digits and "-", no "-" at either end';
const IDENTITY = "must be 1 to 253 characters without spaces";
const WORKER_LIST = `must be all, none or a list of ${WORKERS.join(", ")}`;
const PORT = "must be a whole number from 0 to 65535";
const LEVEL = `must be one of ${LEVELS.join(", ")}`;
const PATH = "must be the path of a file";
const SWITCH = "must be true or false";

/** The longest that any span may be: beyond it a number is a slip of the pen. */
const YEAR = "8760h";

/** A Go duration in milliseconds, from `least` to `most`, both included; the message says so. */
function span(least: string, most: string) {
  const rule = `must be a duration from ${least} to ${most}, such as "500ms", "30s" or "1h30m"`;
  const [leastMs = 0, mostMs = 0] = [durationMs(least), durationMs(most)];
  return z.string(rule).transform((text, context) => {
    const ms = durationMs(text);
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms;
    context.addIssue({ code: "custom", message: rule });
    return z.NEVER;
  });
}

const workerList = z.union([z.literal("all"), z.literal("none"), z.array(z.enum(WORKERS))], WORKER_LIST).transform((said): readonly WorkerName[] => {
  if (said === "all") return WORKERS;
  return said === "none" ? [] : [...new Set(said)];
});

/**
 * What a single value has to be, wherever it stands: file, environment and flags are held to the same. Spans have a floor
 * where less would be a hot loop or would end every remediation at once.
 */
export const rules = {
  namespace: z.string(NAMESPACE).regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, NAMESPACE),
  identity: z.string(IDENTITY).regex(/^\S{1,253}$/, IDENTITY),
  workers: workerList,
  port: z.int(PORT).min(0, PORT).max(65_535, PORT),
  level: z.enum(LEVELS, LEVEL),
  path: z.string(PATH).min(1, PATH),
  switch: z.boolean(SWITCH),
  timeout: span("1s", YEAR),
  contentionRetry: span("10ms", "1m"),
  safetyPoll: span("1s", "1h"),
  stabilizationWindow: span("0s", "24h"),
  verificationPatience: span("1s", "24h"),
  retention: span("0s", YEAR),
} as const;
