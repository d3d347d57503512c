import type { Verb } from "./call.ts";

/** What is refused; a property that is absent fits everything. */
export interface RefusalRule {
  readonly user?: string;
  readonly verb?: Verb;
  readonly group?: string;
  readonly plural?: string;
  readonly namespace?: string;
}

/** What somebody wants to do, as far as a rule can see. */
export interface AccessQuestion {
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  readonly plural: string;
  readonly namespace: string | undefined;
}

/** Who may not do what. Everything that no rule names is allowed: this is no RBAC. */
export class Refusals {
  readonly #rules = new Set<RefusalRule>();

  /** Answers 403 to what the rule fits, until the returned function is called. */
  add(rule: RefusalRule): () => void {
    this.#rules.add(rule);
    return () => void this.#rules.delete(rule);
  }

  refuses(question: AccessQuestion): boolean {
    for (const { user, verb, group, plural, namespace } of this.#rules) {
      const fits =
        (user === undefined || user === question.user) &&
        (verb === undefined || verb === question.verb) &&
        (group === undefined || group === question.group) &&
        (plural === undefined || plural === question.plural) &&
        (namespace === undefined || namespace === question.namespace);
      if (fits) return true;
    }
    return false;
  }
}
