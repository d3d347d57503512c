/** Far more looks than anything brings about at one step of time. */
const MOST_LOOKS = 1000;

/** Counts the looks at keys within each step of time: those that follow each other without an end let no time pass, and nobody would hear of them. */
export class Looks {
  #step = 0;
  #count = 0;

  /** Whether they have no end: asked before each look, with the number of steps so far. */
  areEndless(steps: number): boolean {
    if (steps !== this.#step) this.#count = 0;
    this.#step = steps;
    return ++this.#count > MOST_LOOKS;
  }
}
