/** What has been begun and is not over, by name: what a process that goes at once leaves behind. */
export class InHand {
  readonly #counts = new Map<string, number>();

  /** Each name once, in the order in which they were begun. */
  get names(): readonly string[] {
    return [...this.#counts.keys()];
  }

  /** Begins `work`, which is in hand under `name` until it has ended, however it ends; its promise is handed on as it is. The same name may be in hand several times. */
  during<T>(name: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    const end = (): void => this.#end(name);
    running.then(end, end);
    return running;
  }

  #end(name: string): void {
    const left = (this.#counts.get(name) ?? 0) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}
