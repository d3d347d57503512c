// No vowels and no digits that look like letters: no words come out of it.
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;
const HEX = "0123456789abcdef";

/** Names that nobody has had before, as far as the randomness goes. */
export interface NextIds {
  /** A random UUID (version 4). */
  uid(): string;
  /** A name from metadata.generateName. */
  name(base: string): string;
}

/** Ids from `random`, so that the same seed gives the same ones. */
export function nextIds(random: () => number): NextIds {
  const draw = (alphabet: string): string => alphabet.charAt(Math.floor(random() * alphabet.length));
  const hex = (length: number): string => Array.from({ length }, () => draw(HEX)).join("");
  return {
    uid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${draw("89ab")}${hex(3)}-${hex(12)}`,
    name: (base) => base.slice(0, MAX_BASE_LENGTH) + Array.from({ length: SUFFIX_LENGTH }, () => draw(ALPHABET)).join(""),
  };
}
