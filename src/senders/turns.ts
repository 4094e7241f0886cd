/** Runs one job at a time. */
export class Turns {
  #last: Promise<void> | undefined;

  /** Calls `job` when all earlier ones have settled: at once if none is running. Settles as it does. */
  async run<T>(job: () => T | PromiseLike<T>): Promise<T> {
    const before = this.#last;
    let end!: () => void;
    const turn = new Promise<void>((resolve) => (end = resolve));
    this.#last = turn;
    try {
      if (before) await before;
      return await job();
    } finally {
      if (this.#last === turn) this.#last = undefined;
      end();
    }
  }
}
