import { DRAW } from './subject.js';

export interface HeartbeatOptions {
  readonly intervalMs: number;
  readonly jitter: number;
  readonly cadence: 'restart' | 'steady';
}

/** When the beats are due, from one start of the heartbeat to its end. A heartbeat that starts anew makes another. */
export interface Schedule {
  dueAt: number;
  /** Whether its next beat is due at once, and so is never late. */
  isAtOnce: boolean;
}

/** When the next beat is due. */
export class HeartbeatModel {
  /** With a steady cadence it outlives pauses, but not its sender. */
  schedule: Schedule | undefined;

  constructor(private readonly options: HeartbeatOptions) {}

  /** Work begins while a sender is registered, or a sender is registered while work runs. */
  resume(now: number): void {
    if (this.options.cadence === 'restart') {
      this.schedule ??= { dueAt: now + this.#firstIntervalMs, isAtOnce: false };
    } else if (!this.schedule || this.schedule.dueAt <= now) {
      this.schedule = { dueAt: now, isAtOnce: true };
    }
  }

  /** All work has stopped. */
  pause(): void {
    if (this.options.cadence === 'restart') this.schedule = undefined;
  }

  /** Another sender takes over while work runs. */
  replaceSender(now: number): void {
    if (this.options.cadence === 'steady') this.schedule = undefined;
    this.resume(now);
  }

  /** Whether the beat is due and on time. */
  isOnTime({ dueAt, isAtOnce }: Schedule, now: number): boolean {
    return dueAt <= now && (isAtOnce || now - dueAt < this.options.intervalMs / 10);
  }

  /** Moves on to the next beat. Returns by how much this one is late, or `undefined` when it is on time. */
  consumeDueHeartbeat(schedule: Schedule, now: number): number | undefined {
    const { intervalMs } = this.options;
    const { dueAt, isAtOnce } = schedule;
    const lateMs = now - dueAt;
    const isLate = !this.isOnTime(schedule, now);
    schedule.isAtOnce = false;
    if (isAtOnce) schedule.dueAt = now + this.#firstIntervalMs;
    else if (isLate) schedule.dueAt = now + intervalMs;
    else schedule.dueAt = dueAt + intervalMs;
    return isLate ? lateMs : undefined;
  }

  get #firstIntervalMs(): number {
    const { intervalMs, jitter } = this.options;
    return intervalMs - intervalMs * jitter * DRAW;
  }
}
