const SHOWN = 10;

/** Collects what is off, and shows the first few. */
export class Findings {
  #count = 0;

  get count() {
    return this.#count;
  }

  /**
   * @param {boolean} holds
   * @param {() => string} what - asked only when it does not hold.
   */
  check(holds, what) {
    if (holds) return;
    this.#count++;
    if (this.#count <= SHOWN) console.log(`OFF: ${what()}`);
  }
}
