import type { Refusal } from "./kube/refusals.ts";
import { rightName, type Right } from "./needed-rights.ts";

/** A right where it is needed; without a namespace, in all of the cluster. */
export interface PlacedRight {
  readonly right: Right;
  readonly namespace: string | undefined;
}

/** A target that could not be read, and when that was last found. */
export interface RefusedTarget extends PlacedRight {
  readonly lastRefusedMs: number;
}

/** What is known of our rights. */
export interface RightsState {
  /** Of those that are needed; in their own order. */
  readonly missing: readonly PlacedRight[];
  /** Whom nobody asks for any more is forgotten. */
  readonly targets: readonly RefusedTarget[];
}

export const allThere: RightsState = { missing: [], targets: [] };

/** How long a target that could not be read is asked about after somebody last wanted to read it. */
export const TARGET_MEMORY_MS = 600_000;

/** What people call it, and the key under which it is known: `create leases.coordination.k8s.io in shop`. */
export function placedName({ right, namespace }: PlacedRight): string {
  return `${rightName(right)}${namespace ? ` in ${namespace}` : ""}`;
}

/** A refusal of one of `needed`, of a target, or of nothing that we know. Pure. */
export function judgeRefusal(state: RightsState, refusal: Refusal, needed: readonly PlacedRight[]): "known" | "needed" | "target" {
  const name = placedName(placed(refusal));
  if (state.missing.some((at) => placedName(at) === name)) return "known";
  if (needed.some((at) => placedName(at) === name)) return "needed";
  return "target";
}

/** `state` with a target that could not be read at `nowMs`. Pure. */
export function withRefusedTarget(state: RightsState, refusal: Refusal, nowMs: number): RightsState {
  const at = placed(refusal);
  const others = state.targets.filter((other) => placedName(other) !== placedName(at));
  return { ...state, targets: [...others, { ...at, lastRefusedMs: nowMs }] };
}

/** What is to be asked about: all that is needed, and the targets that somebody wanted lately. Pure. */
export function toAsk(state: RightsState, needed: readonly PlacedRight[], nowMs: number): readonly PlacedRight[] {
  return [...needed, ...recent(state.targets, nowMs)];
}

/** `state` after the API server's answers; what was not answered stays as it was known. Pure. */
export function withAnswers(state: RightsState, answers: ReadonlyMap<string, boolean>, needed: readonly PlacedRight[], nowMs: number): RightsState {
  const before = new Set(state.missing.map(placedName));
  const missing = needed.filter((at) => !(answers.get(placedName(at)) ?? !before.has(placedName(at))));
  return { missing, targets: recent(state.targets, nowMs).filter((at) => answers.get(placedName(at)) !== true) };
}

/** Names that are only in the later, and only in the earlier. Pure. */
export function changes(before: readonly PlacedRight[], after: readonly PlacedRight[]): { readonly lost: readonly string[]; readonly regained: readonly string[] } {
  const [earlier, later] = [before.map(placedName), after.map(placedName)];
  return { lost: later.filter((name) => !earlier.includes(name)), regained: earlier.filter((name) => !later.includes(name)) };
}

/** The sentence for people; undefined when nothing is missing. Pure. */
export function sentence(missing: readonly PlacedRight[]): string | undefined {
  const verbs = new Map<string, string[]>();
  for (const { right, namespace } of missing) {
    const [, resource = ""] = placedName({ right, namespace }).split(/ (.*)/);
    verbs.set(resource, [...(verbs.get(resource) ?? []), right.verb]);
  }
  if (verbs.size === 0) return undefined;
  return `may not ${[...verbs].map(([resource, of]) => `${of.join(", ")} ${resource}`).join("; ")}: apply deploy/rbac.yaml, or bind what it grants to this user`;
}

function placed({ verb, kind, namespace, subresource }: Refusal): PlacedRight {
  return { right: { verb, kind, ...(subresource ? { subresource } : {}) }, namespace };
}

function recent(targets: readonly RefusedTarget[], nowMs: number): readonly RefusedTarget[] {
  return targets.filter(({ lastRefusedMs }) => nowMs - lastRefusedMs < TARGET_MEMORY_MS);
}
