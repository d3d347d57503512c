import { STEPS, type Step } from "./write-step.ts";

/** When a replica dies, seen from its write: before it has left, after it has landed, or while it is on its way and lands late. */
export const MOMENTS = ["before", "after", "late"] as const;
export type Moment = (typeof MOMENTS)[number];

/** A replica that was killed at its own write. */
export interface Kill {
  readonly step: Step;
  readonly moment: Moment;
}

/** The `turn`-th of all kills, in order: every step at one moment, then every step at the next one. Pure. */
export function killOf(turn: number): Kill {
  return { step: at(STEPS, turn), moment: at(MOMENTS, Math.floor(turn / STEPS.length)) };
}

/** Steps and moments at which nobody was killed. Pure. */
export function neverKilled(kills: readonly Kill[]): readonly string[] {
  return STEPS.flatMap((step) => MOMENTS.filter((moment) => count(kills, { step, moment }) === 0).map((moment) => `${step}, ${moment}`));
}

/** How often somebody was killed at each step, a line for each. Pure. */
export function killsTold(kills: readonly Kill[]): readonly string[] {
  return STEPS.map((step) => `killed at ${step}: ${MOMENTS.map((moment) => `${count(kills, { step, moment })} ${moment}`).join(", ")}`);
}

function count(kills: readonly Kill[], { step, moment }: Kill): number {
  return kills.filter((kill) => kill.step === step && kill.moment === moment).length;
}

function at<T>(all: readonly [T, ...T[]], index: number): T {
  return all[index % all.length] ?? all[0];
}
