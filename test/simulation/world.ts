import { inProcessClient, type InProcessClient } from "../../src/apiserver/in-process-client.ts";
import { startJobController } from "../../src/apiserver/jobs/job-controller.ts";
import { startNode, type RunningNode } from "../../src/apiserver/node/node.ts";
import type { ApiRequest, ApiResponse } from "../../src/apiserver/ports.ts";
import { rememberingCompiler } from "../../src/apiserver/remembering-compiler.ts";
import { compileCrd } from "../../src/apiserver/schema/crd-resources.ts";
import { EmbeddedApiServer, type ObjectChange } from "../../src/apiserver/server.ts";
import { ClusterView } from "./cluster-view.ts";
import { chanceOf, hashOf, seeded, type Chance } from "./chance.ts";
import type { PlannedRequest, Plan } from "./plan.ts";
import { EPOCH_MS, SimProcess } from "./process.ts";
import { forgeMembers } from "./forged-members.ts";
import { Timeline } from "./timeline.ts";
import { analyse, catalog, crds, NAMESPACE, raiseAlert, setUp } from "./workload.ts";

const compile = rememberingCompiler(compileCrd);
const PERSON = "person";
/** After the end of any run. */
const NEVER_MS = 24 * 3_600_000;
const USERS = ["job-controller", "node", PERSON];

export interface WorldDeps {
  readonly plan: Plan;
  readonly replicas: readonly string[];
  /** Told of every write, in order, by whom it was made. */
  readonly changed: (change: ObjectChange, by: string) => void;
}

/** The cluster of a simulated world: an API server, a Job controller, a node, and people. None of them ever fails; the API server may be down. */
export class World {
  readonly timeline = new Timeline();
  /** What a person does to the cluster. */
  readonly person: InProcessClient;
  /** As people and controllers see it; replicas see it through their networks. */
  readonly server: EmbeddedApiServer;
  readonly view = new ClusterView();
  readonly #deps: WorldDeps;
  readonly #chance: Chance;
  readonly #node: RunningNode;
  #down = false;
  #by = "garbage-collector";
  #raised = 0;

  constructor(deps: WorldDeps) {
    this.#deps = deps;
    const random = seeded(hashOf(deps.plan.seed, "cluster"));
    this.#chance = chanceOf(random);
    const process = new SimProcess("cluster", this.timeline, () => 0);
    const { clock } = process;
    const within = (least: number, most: number) => () => this.#chance.spread(least, most);
    const collectMs = within(1, 100);
    this.server = new EmbeddedApiServer({ clock, random, tokens: tokens([...USERS, ...deps.replicas]), namespaces: [NAMESPACE], customResourceDefinitions: crds, compileCrd: compile, collectMs: (uid) => (deps.plan.stop?.by === "owner-lost" && this.view.isExecution(uid) ? NEVER_MS : collectMs()) });
    this.person = this.#clientOf(PERSON);
    setUp(this.person, deps.plan.targets, deps.plan.sick);
    catalog(this.person, deps.plan.workflows);
    this.server.onChange((change) => this.#changed(change));
    startJobController({ handle: this.#handleAs("job-controller"), headers: headersOf("job-controller"), clock, random, reactMs: within(2, 50), batchMs: within(2, 500) });
    this.#node = startNode({ handle: this.#handleAs("node"), headers: headersOf("node"), clock, mode: "script", bindMs: within(1, 20), startMs: within(1, 50), reportMs: within(1, 50) });
    forgeMembers(deps.plan, { client: this.person, timeline: this.timeline, chance: chanceOf(seeded(hashOf(deps.plan.seed, "forger"))), replicas: deps.replicas });
    for (const request of deps.plan.requests) this.timeline.after(request.atMs, () => this.raise(request));
  }

  get ledger(): RunningNode["ledger"] {
    return this.#node.ledger;
  }

  /** Answers a replica; undefined while the API server is down. */
  handle(user: string, request: ApiRequest): ApiResponse | undefined {
    return this.#down ? undefined : this.#handleAs(user)(request);
  }

  goDown(): void {
    this.#down = true;
  }

  comeUp(): void {
    this.#down = false;
  }

  /** Raises an alert now, once more under the same name where that was deleted. */
  raise(request: PlannedRequest): void {
    const nowMs = this.#wallMs();
    const rr = raiseAlert(this.person, request, nowMs);
    const script = this.#deps.plan.workflows[request.workflow];
    if (request.from === "analysed" && script) analyse(this.person, rr, request, script, request.verdict ?? "workflow", nowMs);
    this.#raised++;
  }

  /** Alerts raised so far. */
  get raised(): number {
    return this.#raised;
  }

  #wallMs(): number {
    return Math.floor(EPOCH_MS + this.timeline.nowMs);
  }

  #changed(change: ObjectChange): void {
    this.view.apply(change);
    this.#deps.changed(change, this.#by);
  }

  #clientOf(user: string): InProcessClient {
    return inProcessClient({ handle: this.#handleAs(user), headers: headersOf(user) });
  }

  #handleAs(user: string): (request: ApiRequest) => ApiResponse {
    return (request) => {
      const before = this.#by;
      this.#by = user;
      try {
        return this.server.handle(request);
      } finally {
        this.#by = before;
      }
    };
  }
}

/** What a user sends with each request. */
export function headersOf(user: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${user}` };
}

function tokens(users: readonly string[]): Record<string, { readonly name: string; readonly groups: readonly string[] }> {
  return Object.fromEntries(users.map((name) => [name, { name, groups: ["system:masters", "system:authenticated"] }]));
}
