/**
 * A one-shot timer. It is scheduled and cancelled as often as wanted.
 */
export interface Timer {
  /**
   * Has the callback called once, `delayMs` from now, in place of any earlier schedule.
   *
   * @param delayMs - milliseconds, 0 or more; 0 means the next turn, never a call from inside `schedule`.
   */
  schedule(delayMs: number): void;

  /** Takes the schedule back. Does nothing when none is pending. */
  cancel(): void;
}

/**
 * Where a tracker gets its time from.
 */
export interface Clock {
  /** Milliseconds on a monotonic scale. Only differences between two readings mean anything. */
  now(): number;

  /**
   * Creates a timer that is not scheduled yet. It never calls back synchronously.
   *
   * @param callback - called each time the timer fires.
   */
  createTimer(callback: () => void): Timer;
}
