import type { Random } from "./random.ts";
import type { Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

export interface StoryContext {
  readonly world: World;
  readonly random: Random;
  /** How many contended launches it should make at least. */
  readonly launches: number;
  /** Aborts when the run is interrupted. */
  readonly signal: AbortSignal;
}

/** Something that happens to the product, and is judged. */
export interface Story {
  readonly name: string;
  /** Its part of the launches, relative to the others; 0 for one whose number of launches is fixed. */
  readonly share: number;
  tell(context: StoryContext): Promise<Verdict>;
}
