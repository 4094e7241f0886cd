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
  #starts = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** How often the heartbeat has started anew. */
  get starts(): number {
    return this.#starts;
  }

  /** Whether the heartbeat runs and, given an earlier reading of `starts`, has not started anew since. */
  isBeating(starts = this.#starts): boolean {
    return this.#isBeating && starts === this.#starts;
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

  /** Starts the heartbeat, unless it runs. With `'steady'` it keeps the schedule of this sender's last heartbeat. */
  start(nowMs: number): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#idleAtMs = Infinity;
    if (this.#options.cadence === 'restart') {
      this.#starts++;
      this.#heartbeatAtMs = nowMs + this.firstIntervalMs();
    } else if (this.#heartbeatAtMs <= nowMs) {
      this.#starts++;
      this.#heartbeatAtMs = nowMs;
      this.#isDueAtOnce = true;
    }
  }

  /** Stops the heartbeat and begins to wait for the idle event. */
  pause(nowMs: number): void {
    this.#isBeating = false;
    this.#idleAtMs = nowMs + this.#options.idleAfterMs;
  }

  /** A sender was registered. With `'steady'` a new schedule begins, as nothing has crossed the new transport yet. */
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

  /** By how many ms the heartbeat that is due is late: 0 when it is on time, `undefined` when none is due. */
  lateMs(nowMs: number): number | undefined {
    if (!this.#isBeating || nowMs < this.#heartbeatAtMs) return undefined;
    const lateMs = nowMs - this.#heartbeatAtMs;
    return this.#isDueAtOnce || lateMs < this.#options.intervalMs / 10 ? 0 : lateMs;
  }

  /**
   * Moves on to the next heartbeat if one is due. Heartbeats keep phase while they are on time; after a late one the
   * next is a full interval away. Missed heartbeats are not made up.
   *
   * @returns what {@link lateMs} says of it.
   */
  consumeDueHeartbeat(nowMs: number): number | undefined {
    const lateMs = this.lateMs(nowMs);
    if (lateMs === undefined) return undefined;
    if (this.#isDueAtOnce) this.#heartbeatAtMs = nowMs + this.firstIntervalMs();
    else this.#heartbeatAtMs = (lateMs > 0 ? nowMs : this.#heartbeatAtMs) + this.#options.intervalMs;
    this.#isDueAtOnce = false;
    return lateMs;
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
