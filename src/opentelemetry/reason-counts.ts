/** The semantic conventions' name for all values that have none of their own. */
const OTHER = '_OTHER';

/** Counts by reason under a bounded number of names: the first ones seen, and one for all others. */
export class ReasonCounts implements Iterable<[name: string, count: number]> {
  readonly #counts = new Map<string, number>();
  readonly #maxReasons: number;

  constructor(maxReasons: number) {
    this.#maxReasons = maxReasons;
  }

  /** Sets every count to 0 and keeps the names. */
  reset(): void {
    for (const name of this.#counts.keys()) this.#counts.set(name, 0);
  }

  add(reason: string, count: number): void {
    const isNamed = this.#counts.has(reason) || this.#counts.size < this.#maxReasons;
    const name = isNamed ? reason : OTHER;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  [Symbol.iterator](): Iterator<[name: string, count: number]> {
    return this.#counts.entries();
  }
}
