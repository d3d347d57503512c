/** The command can not do what was asked, for a reason that the user can mend: each line says what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
