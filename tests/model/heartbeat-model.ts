import { DRAW } from './subject.js';

export interface HeartbeatOptions {
  readonly intervalMs: number;
  readonly jitter: number;
  readonly cadence: 'restart' | 'steady';
}

/** A rhythm, from its first beat to its end. One that begins anew is another one. */
export interface Rhythm {
  dueAt: number;
  /** Whether its next beat is due at once, and so is never late. */
  isAtOnce: boolean;
}

/** When the next beat is due. */
export class HeartbeatModel {
  /** The current rhythm. With a steady cadence it outlives pauses, but not its sender. */
  rhythm: Rhythm | undefined;

  constructor(private readonly options: HeartbeatOptions) {}

  /** Work begins while a sender is registered, or a sender is registered while work runs. */
  resume(now: number): void {
    if (this.options.cadence === 'restart') {
      this.rhythm ??= { dueAt: now + this.#firstIntervalMs, isAtOnce: false };
    } else if (!this.rhythm || this.rhythm.dueAt <= now) {
      this.rhythm = { dueAt: now, isAtOnce: true };
    }
  }

  /** All work has stopped. */
  pause(): void {
    if (this.options.cadence === 'restart') this.rhythm = undefined;
  }

  /** Another sender takes over while work runs. */
  replaceSender(now: number): void {
    if (this.options.cadence === 'steady') this.rhythm = undefined;
    this.resume(now);
  }

  /** Returns by how much the beat is late, or `undefined` when it is on time. */
  takeBeat(rhythm: Rhythm, now: number): number | undefined {
    const { intervalMs } = this.options;
    const { dueAt, isAtOnce } = rhythm;
    const lateMs = now - dueAt;
    const isLate = !isAtOnce && lateMs >= intervalMs / 10;
    rhythm.isAtOnce = false;
    if (isAtOnce) rhythm.dueAt = now + this.#firstIntervalMs;
    else if (isLate) rhythm.dueAt = now + intervalMs;
    else rhythm.dueAt = dueAt + intervalMs;
    return isLate ? lateMs : undefined;
  }

  get #firstIntervalMs(): number {
    const { intervalMs, jitter } = this.options;
    return intervalMs - intervalMs * jitter * DRAW;
  }
}
