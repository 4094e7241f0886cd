/** How long a silence of the witness is no more than a timer's usual lateness. */
const USUAL_SILENCE_MS = 5;

/**
 * How much of the time from `fromMs` to `toMs` the event loop stood still, whoever was to blame, by what a plain
 * `setInterval` of a few milliseconds saw.
 *
 * @param ticks - when it ticked, from before that time until after it.
 */
export function stoodStillMs(ticks: readonly number[], fromMs: number, toMs: number): number {
  let stoodStill = 0;
  ticks.forEach((endMs, nth) => {
    const beginMs = ticks[nth - 1] ?? endMs;
    if (endMs - beginMs <= USUAL_SILENCE_MS) return;
    stoodStill += Math.max(0, Math.min(endMs, toMs) - Math.max(beginMs, fromMs));
  });
  return stoodStill;
}

/** Ticks until it is stopped, and so sees how late this process is, whatever a tracker says of itself. */
export class Witness {
  readonly #ticks = [performance.now()];
  readonly #interval = setInterval(() => this.#ticks.push(performance.now()), 2);

  stoodStillMs(fromMs: number, toMs: number): number {
    return stoodStillMs([...this.#ticks, performance.now()], fromMs, toMs);
  }

  stop(): void {
    clearInterval(this.#interval);
  }
}
