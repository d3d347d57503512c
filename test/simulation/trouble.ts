import { assertNever } from "../../src/lib/assert-never.ts";
import type { Chance } from "./chance.ts";
import { isImpossible, rowOf, type Fired } from "./fired.ts";
import type { Fate, Message } from "./network.ts";
import { isDeed, type Deed, type People } from "./people.ts";
import type { Fault, FaultName } from "./plan.ts";
import type { ProtocolStep } from "./protocol-step.ts";
import type { SimReplica } from "./replica.ts";
import type { World } from "./world.ts";

/** A request of a protocol step, by a replica. */
export interface Arrival {
  readonly step: ProtocolStep;
  readonly replica: SimReplica;
  readonly message: Message;
}

export interface TroubleDeps {
  readonly world: World;
  readonly people: People;
  readonly replicas: () => readonly SimReplica[];
  readonly chance: Chance;
  /** Told of every fault as it strikes. */
  readonly strikes: (fault: Fault, arrival: Arrival) => void;
  /** Told of every fault when it has come to something. */
  readonly hit: (fired: Fired) => void;
}

/** Faults that are more than the fate of one message. */
type Disturbance = Exclude<FaultName, "request-lost" | "request-reset" | "request-twice" | "answer-lost" | "answer-reset" | "answer-late" | "429" | "500" | "500-landed" | "503" | "crash-late">;

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** What a message meets: its fate, and by how much each of its ways takes longer. Milliseconds. */
export interface Encounter {
  readonly fate: Fate;
  readonly requestMs: number;
  readonly answerMs: number;
}

const WATCHED = ["remediationrequests", "workflowexecutions", "aianalyses", "leases", "jobs", "effectivenessassessments", "signalprocessings"];
const ARRIVES: Fate = { kind: "arrives" };
/** They wait for a write: to one who reads they do no more than others do. */
const OF_WRITES: ReadonlySet<FaultName> = new Set(["crash-after", "crash-late", "request-twice", "500-landed"]);
/** They wait for a read or for a write, as they choose. */
const OF_REQUESTS: ReadonlySet<FaultName> = new Set(["request-lost", "request-reset", "answer-lost", "answer-reset", "429", "500", "503"]);

/** Makes go wrong what the plan says, when a replica comes to the step that it says. */
export class Trouble {
  readonly #deps: TroubleDeps;
  readonly #armed: Armed[];
  // What happens once a message has landed, with the status of its answer.
  readonly #afterLanding = new Map<Message, ((status: number) => void)[]>();
  // Told when a message has failed instead, or comes once more.
  readonly #atFailure = new Map<Message, () => void>();
  // Undoes what still lasts. In the order in which it began.
  readonly #lasting = new Set<() => void>();
  /** Watches of a replica that are late for a while: path part and by how much. */
  readonly #late = new Map<SimReplica, { readonly part: string; readonly lagMs: number }>();

  constructor(faults: readonly Fault[], deps: TroubleDeps) {
    this.#deps = deps;
    this.#armed = faults.map((fault) => ({ fault, left: fault.nth }));
  }

  /** Whether something still lasts that will end by itself or by `end`. */
  get lasts(): boolean {
    return this.#lasting.size > 0;
  }

  /** What becomes of a message of a protocol step. */
  meet(arrival: Arrival): Encounter {
    let { fate, requestMs, answerMs }: Encounter = { fate: ARRIVES, requestMs: 0, answerMs: 0 };
    let fatal: Fault | undefined;
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.step !== arrival.step || armed.left <= 0 || !this.#finds(fault, arrival) || --armed.left > 0) continue;
      this.#deps.strikes(fault, arrival);
      const next = this.#begin(fault, arrival);
      // Of several the last one counts.
      if (next.kind !== "arrives") [fate, fatal] = [next, fault];
      if (fault.name === "crash-late") requestMs += fault.forMs;
      if (fault.name === "answer-late") answerMs += fault.forMs;
    }
    if (fatal) this.#countFate(fatal, fate, arrival);
    return { fate, requestMs, answerMs };
  }

  landed(message: Message, status: number): void {
    const happen = this.#afterLanding.get(message) ?? [];
    this.#afterLanding.delete(message);
    for (const one of happen) one(status);
  }

  /** A message was lost or refused, or comes once more: as it was to be. */
  failed(message: Message): void {
    this.#atFailure.get(message)?.();
    this.#atFailure.delete(message);
  }

  /** By how much the next line of a watch is later than usual. */
  extraLagMs(replica: SimReplica, path: string): number {
    const late = this.#late.get(replica);
    return late && path.includes(late.part) ? this.#deps.chance.between(late.lagMs / 2, late.lagMs) : 0;
  }

  /** Nothing goes wrong any more: what is stopped goes on, what is cut is healed, what is dead is started again. */
  end(): void {
    for (const armed of this.#armed) armed.left = 0;
    for (const undo of this.#lasting) undo();
  }

  /** Whether a fault finds what it is about. */
  #finds({ name, step, choice }: Fault, { replica, message }: Arrival): boolean {
    if (OF_WRITES.has(name)) return isWrite(message);
    if (OF_REQUESTS.has(name)) return isWrite(message) === (choice >= 0.5 || isImpossible("read-lost", step));
    if (name.startsWith("watch-")) return replica.network.streams(watchOf(choice)).length > 0;
    return !isDeed(name) || this.#deps.people.finds(name);
  }

  /** A fate counts when it came about: what is about a write, when that was done. */
  #countFate({ name, step }: Fault, { kind }: Fate, { message }: Arrival): void {
    const hit = (): void => this.#deps.hit({ name: rowOf(name, isWrite(message)), step });
    if (kind === "lost" || kind === "reset" || kind === "answer" || kind === "twice") this.#atFailure.set(message, hit);
    else this.#whenLanded(message, (status) => void ((status < 300 || !isWrite(message)) && hit()));
  }

  #whenLanded(message: Message, happen: (status: number) => void): void {
    this.#afterLanding.set(message, [...(this.#afterLanding.get(message) ?? []), happen]);
  }

  #begin(fault: Fault, arrival: Arrival): Fate {
    const { name } = fault;
    switch (name) {
      case "request-lost":
        return { kind: "lost" };
      case "request-reset":
        return { kind: "reset" };
      case "request-twice":
        return { kind: "twice", againMs: fault.forMs };
      case "answer-lost":
      case "answer-reset":
        return { kind: name };
      case "answer-late":
        this.#whenLanded(arrival.message, () => this.#deps.hit({ name, step: fault.step }));
        return ARRIVES;
      case "429":
        return { kind: "answer", status: 429, retryAfterSeconds: Math.ceil(fault.choice * 3) };
      case "500":
        return { kind: "answer", status: 500 };
      case "500-landed":
        return { kind: "answer-after", status: 500 };
      case "503":
        return { kind: "answer", status: 503 };
      case "crash-late":
        this.#crash(fault, arrival.replica);
        return { kind: "late" };
      default:
        this.#disturb(name, fault, arrival);
        return ARRIVES;
    }
  }

  /** What does not depend on the one request. It counts when it has come to something: some of it does at once. */
  #disturb(name: Disturbance, fault: Fault, arrival: Arrival): void {
    const { replica, message } = arrival;
    const hit = (): void => this.#deps.hit({ name, step: fault.step });
    if (isDeed(name)) return this.#deps.people.act(name, fault, message.request.path, hit);
    switch (name) {
      case "crash-after":
        return this.#whenLanded(message, (status) => {
          if (status < 300) hit();
          this.#crash(fault, replica);
        });
      case "stop-after":
        return this.#whenLanded(message, () => {
          hit();
          this.#stop(fault, replica);
        });
      case "stuck":
        return this.#clog(fault, replica, hit);
      default:
        hit();
        return this.#strike(name, fault, replica);
    }
  }

  #strike(name: Exclude<Disturbance, Deed | "crash-after" | "stop-after" | "stuck">, fault: Fault, replica: SimReplica): void {
    switch (name) {
      case "crash-before":
        return this.#crash(fault, replica);
      case "stop-before":
        return this.#stop(fault, replica);
      case "partition":
        return this.#partition(fault, replica);
      case "watch-closed":
      case "watch-expired":
      case "watch-silent":
      case "watch-late":
        return this.#watch(name, fault, replica);
      case "api-restart":
        return this.#restartApi(fault);
      case "clock-jump":
        return replica.process.jumpWall(fault.forMs);
      case "clock-drift":
        return replica.process.driftWall(0.5 + fault.choice);
      default:
        return assertNever(name);
    }
  }

  #crash(fault: Fault, replica: SimReplica): void {
    replica.kill();
    this.#until(fault.forMs, () => replica.restart());
  }

  #stop(fault: Fault, { process }: SimReplica): void {
    process.stop();
    this.#until(fault.forMs, () => process.goOn());
  }

  #partition(fault: Fault, { network }: SimReplica): void {
    network.cut();
    this.#until(fault.forMs, () => {
      // Either what was on its way still comes, or the connections did not live through it.
      if (fault.choice < 0.5) network.breakAll();
      network.heal();
    });
  }

  /** It says that it is there, hears everything, and nothing that it does comes about. */
  #clog(fault: Fault, { network }: SimReplica, hit: () => void): void {
    let swallowed = 0;
    network.clog((path) => {
      const fits = !path.includes("/leases") && !path.includes("watch=");
      if (fits && swallowed++ === 0) hit();
      return fits;
    });
    this.#until(fault.forMs, () => network.clog(undefined));
  }

  #watch(name: "watch-closed" | "watch-expired" | "watch-silent" | "watch-late", fault: Fault, replica: SimReplica): void {
    const part = watchOf(fault.choice);
    if (name === "watch-late") {
      this.#late.set(replica, { part, lagMs: fault.forMs });
      return this.#until(20_000, () => void this.#late.delete(replica));
    }
    const streams = replica.network.streams(part);
    if (name === "watch-expired") this.#deps.world.server.compact();
    if (name !== "watch-silent") return streams.forEach((stream) => (fault.choice < 0.5 ? stream.close() : stream.breakOff()));
    streams.forEach((stream) => stream.hold());
    this.#until(fault.forMs, () => streams.forEach((stream) => stream.release()));
  }

  #restartApi(fault: Fault): void {
    const { world, replicas } = this.#deps;
    world.goDown();
    for (const { network } of replicas()) network.breakAll();
    this.#until(Math.min(fault.forMs, 5000), () => {
      if (fault.choice < 0.5) world.server.compact();
      world.comeUp();
    });
  }

  /** Undoes it `forMs` from now, or as soon as nothing may go wrong any more. */
  #until(forMs: number, undo: () => void): void {
    const once = (): void => {
      if (this.#lasting.delete(once)) undo();
    };
    this.#lasting.add(once);
    this.#deps.world.timeline.after(forMs, once);
  }
}

function isWrite({ request }: Message): boolean {
  return request.method !== "GET";
}

/** A part of the path of the watch that a number stands for. */
function watchOf(choice: number): string {
  return `/${WATCHED[Math.floor(choice * WATCHED.length)] ?? ""}?`;
}
