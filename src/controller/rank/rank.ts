/**
 * Place of `self` in the line for `target` among `members`: 0 acts first. Rendezvous hashing: every replica computes the
 * same line from the same members, and a member that leaves moves nobody but those behind it. Somebody who is not among
 * the members is ranked as if it were.
 */
export function rankOf(self: string, members: readonly string[], target: string): number {
  const own = weight(self, target);
  let rank = 0;
  for (const member of members) {
    if (member === self) continue;
    const other = weight(member, target);
    if (other > own || (other === own && member < self)) rank++;
  }
  return rank;
}

/** A well-mixed 32-bit number from both names: FNV-1a over their characters, then murmur's finaliser. */
function weight(member: string, target: string): number {
  let hash = 0x811c9dc5;
  const text = `${member}\n${target}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
