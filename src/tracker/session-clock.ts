import type { Clock, Timer } from '../ports/clock.js';
import { ignoreErrors } from './ignore-errors.js';

/** Does what is due. */
export interface TimerOwner {
  /** Called when the timer fires. Must not throw. */
  onTimer(nowMs: number): void;
}

/** When work begins or a sender is registered, a timer that was armed this long ago is armed anew. */
const MAX_AGE_MS = 1_000;

/** When an activity starts or a sender is registered, a timer that is later than this is armed anew. */
const MAX_LATENESS_MS = 5;

/**
 * A session's time, which never goes back, and its one timer.
 *
 * The time is the largest of its last reading, `clock.now()` and, when the timer fires, the deadline that the timer was
 * armed for. So a timer that fires is trusted: Node's fire up to 1 ms early, and some test frameworks fake `setTimeout`
 * but not `performance`. A clock that throws repeats the last reading.
 *
 * The timer is an alarm: it fires at the earliest deadline or before, never after. When a deadline moves later the
 * timer is left alone: it fires early, finds nothing due and is armed again. So bursts of short work cost hardly any
 * timers.
 */
export class SessionClock {
  readonly #clock: Clock;
  readonly #owner: TimerOwner;
  #timer: Timer | undefined = undefined;
  #nowMs = -Infinity;
  /** What `clock.now()` gave last, which may be less than the session's time. */
  #readingMs = 0;
  /** The deadline of the pending timer; `Infinity` when none is pending. */
  #armedForMs = Infinity;
  /** The clock's reading when the pending timer was armed. */
  #armedAtMs = 0;

  constructor(clock: Clock, owner: TimerOwner) {
    this.#clock = clock;
    this.#owner = owner;
    // Now, and not when it is first needed: its callback runs in the async context in which it is created.
    this.#timer = ignoreErrors(() => this.createTimer());
  }

  now(): number {
    try {
      const readingMs = this.#clock.now();
      if (Number.isFinite(readingMs)) {
        this.#readingMs = readingMs;
        if (readingMs > this.#nowMs) this.#nowMs = readingMs;
      }
    } catch {
      // The last reading is repeated.
    }
    return this.#nowMs === -Infinity ? 0 : this.#nowMs;
  }

  /** Makes sure that the timer fires by `deadlineMs`. If the clock fails, the next call tries again. */
  arm(deadlineMs: number): void {
    const pendingMs = this.#armedForMs;
    if (deadlineMs >= pendingMs) return;
    this.#armedForMs = deadlineMs;
    try {
      const delayMs = Math.max(0, deadlineMs - this.now());
      // The clock may have called back.
      if (this.#armedForMs !== deadlineMs) return;
      this.#timer ??= this.createTimer();
      this.#timer.schedule(delayMs);
      this.#armedAtMs = this.#readingMs;
    } catch {
      // An earlier schedule may still be pending.
      this.#armedForMs = pendingMs;
    }
  }

  /** Forgets a pending timer that is late: it was lost, as when fake timers are taken away. */
  forgetLateTimer(nowMs: number): void {
    if (nowMs - this.#armedForMs > MAX_LATENESS_MS) this.#armedForMs = Infinity;
  }

  /** Forgets a pending timer armed a second ago or more, by the clock's last reading. It may have been lost. */
  forgetOldTimer(): void {
    const ageMs = this.#readingMs - this.#armedAtMs;
    if (ageMs < 0 || ageMs >= MAX_AGE_MS) this.#armedForMs = Infinity;
  }

  /** Cancels the timer. */
  disarm(): void {
    this.#armedForMs = Infinity;
    try {
      this.#timer?.cancel();
    } catch {
      // A timer that fires after this is ignored.
    }
  }

  private createTimer(): Timer {
    return this.#clock.createTimer(this.fire.bind(this));
  }

  private fire(): void {
    const nowMs = this.now();
    // It was cancelled, or could not be armed.
    if (this.#armedForMs === Infinity) return;
    this.#nowMs = Math.max(nowMs, this.#armedForMs);
    this.#armedForMs = Infinity;
    this.#owner.onTimer(this.#nowMs);
  }
}
