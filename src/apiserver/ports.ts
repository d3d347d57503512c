import type { Json } from "../api/object.ts";

/** A stored object or a document, as parsed JSON. Never mutated: the store hands out the same value to everybody. */
export type JsonObject = { readonly [key: string]: Json };

/** Who sends a request, as the server's token table knows them. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** One request, already read: the transport (TLS socket or a direct call) has no meaning to the core. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query string as sent. */
  readonly url: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Raw body text; JSON or YAML by content-type. */
  readonly body?: string;
}

/** Receives the lines of a watch in order, synchronously with the write that caused them. */
export interface StreamSink {
  /** One line of the stream, newline included. */
  write(line: string): void;
  /** The server ends the stream. Called once, last. */
  end(): void;
}

/** The answer: a body, or a stream that starts when it is opened and stops when the returned function is called. */
export type ApiResponse =
  | { readonly kind: "body"; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: "stream"; readonly status: number; readonly headers: Readonly<Record<string, string>>; open(sink: StreamSink): () => void };

/** The whole API as one synchronous function: a write has happened, and every open watch has been told, when it returns. */
export type ApiHandler = (request: ApiRequest) => ApiResponse;

/** What the server knows of one kind; built-in or made from a CustomResourceDefinition. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly statusSubresource: boolean;
  /** Whether it has the `scale` subresource. Absent: it has none. */
  readonly scalable?: boolean;
  /** Field selectors served besides metadata.name and metadata.namespace, as dotted paths without the leading dot. */
  readonly selectableFields: readonly string[];
  /** Extra columns of `kubectl get`, after Name and before Age unless they name one. */
  readonly columns: readonly PrinterColumn[];
  readonly schema: ResourceSchema;
  /** OpenAPI v3 schema as published; undefined publishes an object that preserves unknown fields. */
  readonly openApiSchema?: JsonObject;
  /** Whether strategic merge patches are served: built-in kinds only. */
  readonly strategicMerge: boolean;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  /** A simple JSONPath (`.status.phase`, `.status.conditions[?(@.type=="Ready")].status`), or a function of the object for built-in kinds. */
  readonly value: string | ((object: JsonObject) => Json);
  readonly description?: string;
  readonly format?: string;
  /** 0 is always shown; greater only with `-o wide`. */
  readonly priority?: number;
}

/** One violated rule, as it appears in Status.details.causes. `field` is a dotted path. */
export interface FieldError {
  readonly reason: "FieldValueRequired" | "FieldValueInvalid" | "FieldValueNotSupported" | "FieldValueForbidden" | "FieldValueTypeInvalid" | "FieldValueTooLong" | "FieldValueDuplicate";
  readonly field: string;
  readonly message: string;
}

/** What a kind's schema does to an object on its way in. */
export interface ResourceSchema {
  /** The object with unknown fields removed, and the dotted paths that were. Kinds without a closed schema return it as it is. */
  prune(object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] };
  /** The object with defaults filled in. */
  withDefaults(object: JsonObject): JsonObject;
  /** Violations of the new object; `old` is what it replaces (transition rules), absent on create. */
  validate(object: JsonObject, old: JsonObject | undefined): readonly FieldError[];
}
