import type { ResolvedOptions } from './options.js';

/**
 * When the next heartbeat or idle event is due. Holds deadlines and no timer; knows nothing of sending.
 *
 * It is stopped, beating or paused. A deadline that there is not is `Infinity`. Paused, the idle deadline is set, and
 * with a steady cadence the next beat's is kept, which is all it takes to resume the rhythm.
 */
export class Pulse {
  readonly #options: ResolvedOptions;
  #beating = false;
  #beatDueMs = Infinity;
  #idleDueMs = Infinity;
  #rhythm = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** Tells one rhythm from the next. */
  get rhythm(): number {
    return this.#rhythm;
  }

  /** Whether the heartbeat runs, and in that rhythm still. */
  isBeating(rhythm = this.#rhythm): boolean {
    return this.#beating && rhythm === this.#rhythm;
  }

  /** When there is something to do next. */
  get dueAtMs(): number {
    return this.#beating ? this.#beatDueMs : this.#idleDueMs;
  }

  /** Starts the heartbeat, unless it runs: resumes the rhythm that was kept, or begins a new one. */
  start(nowMs: number): void {
    this.#idleDueMs = Infinity;
    this.#beating = true;
    if (this.#beatDueMs !== Infinity) return;
    const { intervalMs, jitter } = this.#options;
    this.#rhythm++;
    this.#beatDueMs = nowMs + (jitter === 0 ? intervalMs : intervalMs * (1 - jitter * Math.random()));
  }

  /** Stops the heartbeat and starts to wait for the idle event. */
  pause(nowMs: number): void {
    this.#beating = false;
    this.#idleDueMs = nowMs + this.#options.idleAfterMs;
    if (this.#options.cadence === 'restart') this.#beatDueMs = Infinity;
  }

  /** Stops everything and keeps no rhythm. */
  halt(): void {
    this.#beating = false;
    this.#beatDueMs = Infinity;
    this.#idleDueMs = Infinity;
  }

  /**
   * Takes the beat that is due and moves on to the first multiple of the interval that is still to come: missed beats
   * are not made up.
   *
   * @returns how late it is in ms, or `undefined` when no beat is due.
   */
  takeBeat(nowMs: number): number | undefined {
    if (!this.#beating || nowMs < this.#beatDueMs) return undefined;
    const { intervalMs } = this.#options;
    const lateMs = nowMs - this.#beatDueMs;
    this.#beatDueMs += intervalMs * (Math.floor(lateMs / intervalMs) + 1);
    return lateMs;
  }

  /** Takes the idle event when it is due. The rhythm ends with it. */
  takeIdle(nowMs: number): boolean {
    if (nowMs < this.#idleDueMs) return false;
    this.halt();
    return true;
  }
}
