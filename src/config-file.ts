import { readFileSync } from "node:fs";
import { loadAll, YAMLException } from "js-yaml";
import { z } from "zod";
import { rules } from "./config-rules.ts";

const { timeout } = rules;

/** A map in which every key may be absent, and no other key may stand. */
function section<T extends z.ZodRawShape>(shape: T) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, { error: ({ code }) => (code === "unrecognized_keys" ? `is no key here: there are ${keys}` : `must be a map of ${keys}`) });
}

const fileSchema = section({
  namespace: rules.namespace.optional(),
  identity: rules.identity.optional(),
  workers: rules.workers.optional(),
  http: section({ port: rules.port.optional() }).optional(),
  log: section({ level: rules.level.optional() }).optional(),
  timeouts: section({ processing: timeout.optional(), analyzing: timeout.optional(), executing: timeout.optional(), verifying: timeout.optional() }).optional(),
  contentionRetry: rules.contentionRetry.optional(),
  safetyPoll: rules.safetyPoll.optional(),
  stabilizationWindow: rules.stabilizationWindow.optional(),
  verificationPatience: rules.verificationPatience.optional(),
  retention: rules.retention.optional(),
  dryRun: rules.switch.optional(),
  notifyCompletion: rules.switch.optional(),
});

/** What a configuration file says; every key may be absent. */
export type FileConfig = z.infer<typeof fileSchema>;

/** Reads a file. What is wrong in it is added to `mistakes`, each with path, rule and the value seen; then it says nothing. */
export function readConfigFile(path: string, mistakes: string[]): FileConfig {
  const document = readDocument(path, mistakes);
  const parsed = fileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    for (const where of placesOf(issue)) mistakes.push(`${path}: ${where.join(".") || "(the whole file)"}: ${issue.message} (seen: ${JSON.stringify(valueAt(document, where))})`);
  }
  return {};
}

/** The file's one document; an empty file says nothing. */
function readDocument(path: string, mistakes: string[]): unknown {
  try {
    const documents = loadAll(readFileSync(path, "utf8"));
    if (documents.length > 1) mistakes.push(`${path}: must be one YAML document (seen: ${documents.length})`);
    return documents[0] ?? {};
  } catch (error) {
    if (error instanceof YAMLException) mistakes.push(`${path}: is no YAML: ${error.reason}${error.mark ? ` in line ${error.mark.line + 1}` : ""}`);
    else if (error instanceof Error && "code" in error) mistakes.push(`${path}: can not be read: ${error.message}`);
    else throw error;
    return {};
  }
}

/** Where an issue stands: at a key that is none, that key. */
function placesOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined), document);
}
