import { systemClock, type Clock } from "../lib/clock.ts";
import { rememberingCompiler } from "./remembering-compiler.ts";
import type { AsyncApiHandler } from "./async-handler.ts";
import { builtInResources } from "./builtin/built-in-resources.ts";
import type { ResourceCall } from "./call.ts";
import { Collector } from "./collect/collector.ts";
import type { ApiContext, CompileCrd } from "./context.ts";
import { serveCustomKinds } from "./custom-kinds.ts";
import type { Delay } from "./delayed-keys.ts";
import { discovery } from "./discovery/discovery.ts";
import { createToTable } from "./discovery/table.ts";
import type { RequestFacts } from "./faults/fault-rule.ts";
import { Faults } from "./faults/faults.ts";
import { dispatch } from "./handlers/dispatch.ts";
import { nonResource } from "./handlers/non-resource.ts";
import { listen, type ListeningServer, type ListenOptions } from "./https-server.ts";
import { createObject } from "./objects/create-object.ts";
import { nextIds } from "./objects/ids.ts";
import { Resources } from "./objects/resources.ts";
import { strategicMerge } from "./patch/strategic-merge.ts";
import type { ApiRequest, ApiResponse, JsonObject, ResourceInfo } from "./ports.ts";
import { cryptoRandom } from "./random.ts";
import { Refusals, type RefusalRule } from "./refusals.ts";
import { RequestLog } from "./request-log.ts";
import { errorResponse, withWarnings } from "./respond.ts";
import { route } from "./routes.ts";
import { forbidden, StatusError } from "./status-error.ts";
import { compileCrd } from "./schema/crd-resources.ts";
import { Store } from "./store/store.ts";
import { userOf, type Tokens } from "./users.ts";

export interface EmbeddedApiServerOptions {
  /** Default: the machine's. Everything that takes time here takes it from this clock. */
  readonly clock?: Clock;
  /** In [0, 1). Default: the machine's. The same seed gives the same uids and names. */
  readonly random?: () => number;
  /** Bearer tokens and their users. Without any, requests need none. */
  readonly tokens?: Tokens;
  /** Namespaces besides default, kube-system, kube-public and kube-node-lease. */
  readonly namespaces?: readonly string[];
  /** Kinds that are served from the beginning. StatusError where one of them does not compile. */
  readonly customResourceDefinitions?: readonly JsonObject[];
  /** Changes of each kind that are kept for watches and continued lists, one object each. Default 2000: a few MB a busy kind. */
  readonly historyLimit?: number;
  /** Default 60 s. */
  readonly bookmarkIntervalMs?: number;
  /** From a deletion to the garbage collector's and the namespace controller's reaction, by the uid of what may have to go where it is a function. Default 5 ms. */
  readonly collectMs?: Delay<[uid: string]>;
  /** The lines that a pod has printed, by its uid: what `pods/log` answers. */
  readonly podLog?: (podUid: string) => readonly string[];
  /** Shared by several servers (`rememberingCompiler`), it compiles every CustomResourceDefinition once. */
  readonly compileCrd?: CompileCrd;
}

/** What one write did to one object. `DELETED` carries the last state under the version of the deletion. */
export interface ObjectChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: JsonObject;
  readonly previous: JsonObject | undefined;
}

const NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/**
 * A Kubernetes API server in memory: `handle` answers as kube-apiserver 1.37 does. Nothing is authorised beyond refusals, nothing
 * is persistent, and there is no field ownership and so no server-side apply.
 */
export class EmbeddedApiServer {
  readonly log = new RequestLog();
  /** What goes wrong between this server and those who use `call` or a socket. Those who use `handle` see nothing of it. */
  readonly faults: Faults;
  readonly #context: ApiContext;
  readonly #tokens: Tokens;
  readonly #collector: Collector;

  constructor(options: EmbeddedApiServerOptions = {}) {
    const { clock = systemClock, random = cryptoRandom, tokens = {}, collectMs = 5 } = options;
    this.#tokens = tokens;
    this.#context = {
      store: new Store(options.historyLimit ?? 2000),
      resources: new Resources(builtInResources()),
      refusals: new Refusals(),
      clock,
      random,
      ids: nextIds(random),
      compileCrd: options.compileCrd ?? rememberingCompiler(compileCrd),
      toTable: createToTable(clock),
      strategicMerge,
      podLog: options.podLog ?? (() => []),
      bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
    };
    this.faults = new Faults({ clock, random, handle: (request) => this.handle(request), describe: (request) => this.describe(request) });
    serveCustomKinds(this.#context);
    this.#collector = new Collector({ context: this.#context, delayMs: collectMs });
    for (const name of [...NAMESPACES, ...(options.namespaces ?? [])]) this.#create("namespaces", { kind: "Namespace", apiVersion: "v1", metadata: { name } });
    for (const crd of options.customResourceDefinitions ?? []) this.#create("apiextensions.k8s.io/customresourcedefinitions", crd);
  }

  /** Every kind that is served right now. */
  get resources(): readonly ResourceInfo[] {
    return this.#context.resources.all();
  }

  /** The latest write. */
  get resourceVersion(): string {
    return String(this.#context.store.version);
  }

  /** Answers one request; a write has happened, and every watch has been told, when it returns. Never throws for what a client does. */
  readonly handle = (request: ApiRequest): ApiResponse => {
    const routed = route(request, this.#context.resources);
    let user = "";
    let response: ApiResponse;
    const warnings: string[] = [];
    try {
      const path = routed.kind === "other" ? routed.path : "";
      const sender = userOf(this.#tokens, request.headers, path);
      user = sender.name;
      response = routed.kind === "other" ? this.#other(request, path) : this.#resource({ ...routed.call, user: sender, request, warnings });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      response = errorResponse(error);
    }
    response = withWarnings(response, warnings);
    if (routed.kind === "resource") {
      const { verb, resource, subresource } = routed.call;
      this.log.add({ user, verb, kind: resource.info.kind, ...(subresource === undefined ? {} : { subresource }), code: response.status });
    }
    return response;
  };

  /** The same through the network: after the delays, and with the failures, that `faults` tells. */
  get call(): AsyncApiHandler {
    return this.faults.call;
  }

  /** Opens a TLS socket for `call`. */
  listen(options: ListenOptions = {}): Promise<ListeningServer> {
    return listen(this.call, options);
  }

  /** What a request is about, without handling it. */
  describe(request: ApiRequest): RequestFacts {
    const routed = route(request, this.#context.resources);
    const user = this.#nameOf(request);
    if (routed.kind === "other") return { user };
    const { verb, resource, namespace, name, subresource } = routed.call;
    return {
      user,
      verb,
      kind: resource.info.kind,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
    };
  }

  /** Answers 403 to what the rule fits, and says so in access reviews, until the returned function is called. */
  refuse(rule: RefusalRule): () => void {
    return this.#context.refusals.add(rule);
  }

  /** Told of every change of every kind as it is stored, in order, before its write returns. The listener must not call the API. Returns the way to stop. */
  onChange(listener: (change: ObjectChange) => void): () => void {
    return this.#context.store.subscribe(({ type, revision, previous }) => listener({ type, object: revision.object, previous: previous?.object }));
  }

  /** Forgets history: a watch or continued list from before now answers 410. Open watches go on. */
  compact(): void {
    this.#context.store.compact();
  }

  /** Stops collecting garbage; no timer of the server's own is left. Open watches keep theirs. */
  close(): void {
    this.#collector.stop();
  }

  #other(request: ApiRequest, path: string): ApiResponse {
    return discovery(request, this.#context.resources.all()) ?? nonResource(path);
  }

  #resource(call: ResourceCall): ApiResponse {
    const { user, verb, resource, namespace, name = "", subresource } = call;
    const { group, plural } = resource.info;
    if (this.#context.refusals.refuses({ user: user.name, verb, group, plural, namespace })) {
      const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
      throw forbidden(resource.info, name, `User "${user.name}" cannot ${verb} resource "${plural}${subresource ? `/${subresource}` : ""}" in API group "${group}" ${where}`);
    }
    return dispatch(this.#context, call);
  }

  #nameOf(request: ApiRequest): string {
    try {
      return userOf(this.#tokens, request.headers, "").name;
    } catch (error) {
      if (error instanceof StatusError) return "";
      throw error;
    }
  }

  /** What is there before anybody asks for it. */
  #create(storage: string, object: JsonObject): void {
    const resource = this.#context.resources.findStorage(storage);
    if (!resource) throw new TypeError(`the built-in kinds lack ${storage}`);
    createObject(this.#context, { resource, namespace: undefined, object, dryRun: false });
  }
}
