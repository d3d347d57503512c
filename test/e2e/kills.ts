import { STEPS, type Step } from "./write-step.ts";

/** When a replica dies, seen from its write: before it has left, after it has landed, or while it is on its way and lands late. */
export const MOMENTS = ["before", "after", "late"] as const;
export type Moment = (typeof MOMENTS)[number];

/** A replica that was killed at its own write. */
export interface Kill {
  readonly step: Step;
  readonly moment: Moment;
  /** Present: its write came late, and the server would not have it any more. */
  readonly refused?: true;
}

/** The `turn`-th of all kills, in order: every step at one moment, then every step at the next one. Pure. */
export function killOf(turn: number): Kill {
  return { step: at(STEPS, turn), moment: at(MOMENTS, Math.floor(turn / STEPS.length)) };
}

/** Steps and moments at which nobody was killed, those whose write was refused not counted. Pure. */
export function neverKilled(kills: readonly Kill[]): readonly string[] {
  const landed = kills.filter(({ refused }) => !refused);
  return STEPS.flatMap((step) => MOMENTS.filter((moment) => count(landed, { step, moment }) === 0).map((moment) => `${step}, ${moment}`));
}

/** How often somebody was killed at each step, a line for each. Pure. */
export function killsTold(kills: readonly Kill[]): readonly string[] {
  const refused = kills.filter((kill) => kill.refused);
  const landed = kills.filter((kill) => !kill.refused);
  return STEPS.map((step) => {
    const times = MOMENTS.map((moment) => `${count(landed, { step, moment })} ${moment}`).join(", ");
    const tooLate = count(refused, { step, moment: "late" });
    return `killed at ${step}: ${times}${tooLate > 0 ? `, ${tooLate} late and refused` : ""}`;
  });
}

function count(kills: readonly Kill[], { step, moment }: Kill): number {
  return kills.filter((kill) => kill.step === step && kill.moment === moment).length;
}

function at<T>(all: readonly [T, ...T[]], index: number): T {
  return all[index % all.length] ?? all[0];
}
