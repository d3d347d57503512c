import { randomBytes } from "node:crypto";

/** A number in [0, 1) from the machine's randomness, for servers that nobody gave a seed. */
export function cryptoRandom(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32;
}
