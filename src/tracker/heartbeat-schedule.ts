import type { ResolvedOptions } from './options.js';

/**
 * When the next heartbeat and the idle event are due. It holds deadlines and no timer, and knows nothing of sending.
 *
 * Either the heartbeat runs, or the idle event is pending, or neither.
 */
export class HeartbeatSchedule {
  readonly #options: ResolvedOptions;
  #isBeating = false;
  /** When the next heartbeat is due. Kept while the heartbeat is paused: `'steady'` resumes with it. */
  #heartbeatAtMs = -Infinity;
  /** The next heartbeat is due on the next timer turn, whenever that comes, so it cannot be late. */
  #isDueAtOnce = false;
  #idleAtMs = Infinity;
  #rhythm = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** Tells one rhythm from the next. */
  get rhythm(): number {
    return this.#rhythm;
  }

  /** Whether the heartbeat runs, still in that rhythm. */
  isBeating(rhythm = this.#rhythm): boolean {
    return this.#isBeating && rhythm === this.#rhythm;
  }

  get isIdlePending(): boolean {
    return this.#idleAtMs !== Infinity;
  }

  /** When the next heartbeat is due, while the heartbeat runs. */
  get heartbeatAtMs(): number {
    return this.#heartbeatAtMs;
  }

  /** When the heartbeat or the idle event is due; `Infinity` when neither is. */
  get dueAtMs(): number {
    return this.#isBeating ? this.#heartbeatAtMs : this.#idleAtMs;
  }

  /** Starts the heartbeat, unless it runs: work began with a sender registered, or a sender came while work runs. */
  start(nowMs: number): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#idleAtMs = Infinity;
    if (this.#options.cadence === 'restart') {
      this.#rhythm++;
      this.#heartbeatAtMs = nowMs + this.firstIntervalMs();
    } else if (this.#heartbeatAtMs <= nowMs) {
      this.#rhythm++;
      this.#heartbeatAtMs = nowMs;
      this.#isDueAtOnce = true;
    }
  }

  /** Stops the heartbeat and begins to wait for the idle event. */
  pause(nowMs: number): void {
    this.#isBeating = false;
    this.#idleAtMs = nowMs + this.#options.idleAfterMs;
  }

  /** A sender was registered. With `'steady'` a new rhythm begins, for nothing has crossed the new transport yet. */
  changeSender(nowMs: number, isBusy: boolean): void {
    if (this.#options.cadence === 'steady') {
      this.#isBeating = false;
      this.#heartbeatAtMs = -Infinity;
    }
    if (isBusy) this.start(nowMs);
  }

  /** Stops the heartbeat and the wait for the idle event. */
  halt(): void {
    this.#isBeating = false;
    this.#idleAtMs = Infinity;
  }

  /**
   * Moves on to the next heartbeat if one is due. Beats keep phase while they are on time; a late one begins the rhythm
   * anew. Missed beats are not made up.
   *
   * @returns by how many ms it is late, 0 when it is on time, `undefined` when none is due.
   */
  consumeDueHeartbeat(nowMs: number): number | undefined {
    if (!this.#isBeating || nowMs < this.#heartbeatAtMs) return undefined;
    const { intervalMs } = this.#options;
    if (this.#isDueAtOnce) {
      this.#isDueAtOnce = false;
      this.#heartbeatAtMs = nowMs + this.firstIntervalMs();
      return 0;
    }
    const lateMs = nowMs - this.#heartbeatAtMs;
    const isLate = lateMs >= intervalMs / 10;
    this.#heartbeatAtMs = (isLate ? nowMs : this.#heartbeatAtMs) + intervalMs;
    return isLate ? lateMs : 0;
  }

  /** @returns whether the idle event is due. It is due once. */
  consumeDueIdle(nowMs: number): boolean {
    if (nowMs < this.#idleAtMs) return false;
    this.#idleAtMs = Infinity;
    return true;
  }

  private firstIntervalMs(): number {
    const { intervalMs, jitter } = this.#options;
    return jitter === 0 ? intervalMs : intervalMs * (1 - jitter * Math.random());
  }
}
