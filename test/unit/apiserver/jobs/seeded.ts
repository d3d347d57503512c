/** Numbers in [0, 1) that look random and are the same in every run. */
export function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
