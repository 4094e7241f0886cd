import type { ResolvedOptions } from './options.js';

/**
 * When the next heartbeat or idle event is due. Holds deadlines and no timer; knows nothing of sending.
 *
 * It is stopped, beating or paused, and in each there is but one thing to come: none, a beat, the idle event. A deadline
 * that there is not is `Infinity`.
 */
export class Pulse {
  readonly #options: ResolvedOptions;
  readonly #intervalMs: number;
  #beating = false;
  #dueAtMs = Infinity;
  /** With a steady cadence, when the beat was due that the last pause put off: all it takes to resume the rhythm. */
  #putOffMs = Infinity;
  #rhythm = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
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
    return this.#dueAtMs;
  }

  /** Starts the heartbeat, unless it runs: resumes the rhythm that was kept, or begins a new one. */
  start(nowMs: number): void {
    if (this.#beating) return;
    this.#beating = true;
    if (this.#putOffMs !== Infinity) {
      this.#dueAtMs = this.#putOffMs;
      return;
    }
    const { intervalMs, jitter } = this.#options;
    this.#rhythm++;
    this.#dueAtMs = nowMs + (jitter === 0 ? intervalMs : intervalMs * (1 - jitter * Math.random()));
  }

  /** Stops the heartbeat and starts to wait for the idle event. */
  pause(nowMs: number): void {
    this.#beating = false;
    if (this.#options.cadence === 'steady') this.#putOffMs = this.#dueAtMs;
    this.#dueAtMs = nowMs + this.#options.idleAfterMs;
  }

  /** Stops everything and keeps no rhythm. */
  halt(): void {
    this.#beating = false;
    this.#dueAtMs = Infinity;
    this.#putOffMs = Infinity;
  }

  /**
   * Takes the beat that is due and moves on to the first multiple of the interval that is still to come: missed beats
   * are not made up.
   *
   * @returns how late it is in ms, or `undefined` when no beat is due.
   */
  takeBeat(nowMs: number): number | undefined {
    if (!this.#beating || nowMs < this.#dueAtMs) return undefined;
    const lateMs = nowMs - this.#dueAtMs;
    this.#dueAtMs += this.#intervalMs * (Math.floor(lateMs / this.#intervalMs) + 1);
    return lateMs;
  }

  /** Whether a beat that is late by so much counts as late. */
  isLate(lateMs: number): boolean {
    return lateMs >= this.#intervalMs / 10;
  }

  /** Takes the idle event when it is due. The rhythm ends with it. */
  takeIdle(nowMs: number): boolean {
    if (this.#beating || nowMs < this.#dueAtMs) return false;
    this.halt();
    return true;
  }
}
