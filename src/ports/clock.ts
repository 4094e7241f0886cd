/**
 * A one-shot timer. It is scheduled and cancelled as often as wanted.
 */
export interface Timer {
  /**
   * Has the callback called once, `delayMs` from now, in place of any earlier schedule.
   *
   * @param delayMs - milliseconds, 0 or more; 0 means the next turn, never a call from inside `schedule`.
   * @param nowMs - what the clock showed when the caller read it just now, so that it need not be read again. The delay
   * counts from then. A clock may take no notice of it and count from the call.
   */
  schedule(delayMs: number, nowMs?: number): void;

  /** Takes the schedule back. Does nothing when none is pending. */
  cancel(): void;
}

/**
 * Where a tracker gets its time from. Readings may go between a clock and its timers, so a clock that shows a time of its
 * own does not hand out another's timers as they are.
 */
export interface Clock {
  /** Milliseconds on a monotonic scale. Only differences between two readings mean anything. */
  now(): number;

  /**
   * Creates a timer that is not scheduled yet. It never calls back synchronously.
   *
   * @param callback - called each time the timer fires, with what the clock shows, so that it need not be read again, or
   * with nothing.
   */
  createTimer(callback: (nowMs?: number) => void): Timer;
}
