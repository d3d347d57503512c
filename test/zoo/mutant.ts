import type { Invariant } from "../simulation/judge.ts";

/** A change of one place of the source: `find` is there exactly once. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A test that fails when a mutant is in: its file, and its name without the names around it. */
export interface NamedTest {
  readonly test: string;
  readonly named: string;
}

/** A promise of the protocol, or that a run comes to an end at all. */
export type Broken = Invariant | "hang";

/** One known bug, as the change of the real source that brings it in, and what catches it. */
export type Mutant = {
  /** `Z` numbers are those of the bug zoo of the protocol; a letter tells variants apart. */
  readonly id: string;
  readonly what: string;
  readonly edits: readonly Edit[];
} & (
  | {
      readonly by: "simulation";
      /** What it may break; anything else that it breaks does not count. */
      readonly breaks: readonly Broken[];
    }
  | { readonly by: NamedTest }
);
