/** A one-shot timer that can be scheduled and cancelled as often as needed. */
export interface Timer {
  /**
   * Calls the callback once, `delayMs` from now. Voids every earlier schedule for good.
   *
   * @param delayMs - milliseconds, 0 or more; 0 means the next turn of the event loop, never a call inside `schedule`.
   */
  schedule(delayMs: number): void;

  /** Voids every earlier schedule for good. Does nothing when none is pending. */
  cancel(): void;
}

/** Where a tracker gets its time from. */
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
