/** Numbers in [0, 1) that look random and are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A 32-bit number from any texts and numbers: where chance must not depend on what else was drawn before. */
export function hashOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = String(part);
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0x9e3779b9, 0x85ebca6b);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Draws from a source of numbers in [0, 1). */
export interface Chance {
  /** True in `probability` of the cases. */
  is(probability: number): boolean;
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  /** Any number from `least` to `most`. */
  between(least: number, most: number): number;
  /** Between them too, but evenly over the orders of magnitude: short ones are as likely as long ones. `least` is more than 0. */
  spread(least: number, most: number): number;
  /** One of them; there has to be one. */
  one<T>(options: readonly T[]): T;
}

export function chanceOf(random: () => number): Chance {
  return {
    is: (probability) => random() < probability,
    int: (least, most) => least + Math.floor(random() * (most - least + 1)),
    between: (least, most) => least + random() * (most - least),
    spread: (least, most) => least * (most / least) ** random(),
    one(options) {
      const option = options[Math.floor(random() * options.length)];
      if (option === undefined) throw new RangeError("nothing to choose from");
      return option;
    },
  };
}
