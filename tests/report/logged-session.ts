import { SessionActivityTracker, type TrackerOptions } from '../../src/index.js';
import { ManualCleanupRegistry, ManualClock, SwitchableKeepaliveGate } from '../../src/testing/index.js';

/** When the clock of a logged session stands at 0. */
export const BASE_MS = Date.UTC(2026, 10, 26, 14, 0, 0);

interface LogSettings {
  readonly clock?: ManualClock;
  readonly pid?: number;
  /** The level from which on events are logged. */
  readonly level?: 'debug' | 'info';
}

/** A real tracker whose events become lines of a log, at the times of a manual clock. */
export class LoggedSession {
  readonly clock: ManualClock;
  readonly gate = new SwitchableKeepaliveGate();
  readonly cleanup = new ManualCleanupRegistry();
  readonly tracker: SessionActivityTracker<string>;

  constructor(
    id: string,
    lines: string[],
    options: TrackerOptions = {},
    { clock = new ManualClock(), pid = 1, level = 'debug' }: LogSettings = {},
  ) {
    this.clock = clock;
    const logger = {
      log: (eventLevel: string, event: string, data?: object) => {
        if (level === 'info' && eventLevel === 'debug') return;
        const time = BASE_MS + clock.now();
        lines.push(JSON.stringify({ level: 20, time, pid, hostname: 'h', session_id: id, ...data, msg: event }));
      },
    };
    this.tracker = new SessionActivityTracker(clock, logger, this.gate, this.cleanup, { trace: true, ...options });
  }

  /** Lets time pass, second by second, and promises settle meanwhile. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed++) {
      this.clock.advance(1_000);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  }
}

/** A line of such a log, made by hand. */
export function line(atSeconds: number, msg: string, fields: object = {}): string {
  return JSON.stringify({ time: BASE_MS + atSeconds * 1_000, pid: 1, session_id: 's', ...fields, msg });
}

export function beat(atSeconds: number): string {
  return line(atSeconds, 'session_keepalive_heartbeat', { refcount: 1 });
}

export function started(atSeconds: number, reason = 'r', refcount = 1): string {
  return line(atSeconds, 'session_activity_started', { reason, refcount });
}

export function signalSent(atSeconds: number): string {
  return line(atSeconds, 'session_keepalive_sent', { trigger: 'signal', took_ms: 0 });
}
