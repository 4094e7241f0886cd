import { SendingModel } from './sending-model.js';
import {
  type Entry,
  type GateState,
  type Observation,
  type Reason,
  type Script,
  type Setup,
  type Subject,
  pick,
  roundTime,
} from './subject.js';

interface Running {
  readonly reason: Reason;
  readonly since: number;
  reported: boolean;
}

/** The documented rules, written down a second time as plainly as they can be. It shares no code with the tracker. */
export class Model implements Subject {
  now = 0;
  sender: { readonly script: Script } | undefined;
  readonly #sending: SendingModel;
  readonly #intervalMs: number;
  readonly #idleAfterMs: number;
  readonly #steady: boolean;
  readonly #maxActivityMs: number;
  readonly #handles: { activity: Running | undefined; readonly reason: Reason; stopped: boolean }[] = [];
  readonly #registrations: ({ readonly script: Script } | undefined)[] = [];
  readonly #registryThrows: boolean;
  #entries: Entry[] = [];
  #running: Running[] = [];
  #busySince = 0;
  #beatDue: number | undefined;
  #idleDue: number | undefined;
  #lateHeartbeats = 0;
  #gate: GateState = 'open';
  #waiting = 0;
  #started = false;
  #cleanupHeld = false;
  #reported = false;
  #disposed = false;

  constructor({ options, registryThrows = false }: Setup) {
    const { intervalMs = 30_000, idleAfterMs = intervalMs, cadence = 'restart', maxActivityMs = Infinity } = options;
    this.#intervalMs = intervalMs;
    this.#idleAfterMs = idleAfterMs;
    this.#steady = cadence === 'steady';
    this.#maxActivityMs = maxActivityMs;
    this.#registryThrows = registryThrows;
    this.#sending = new SendingModel(this, options.sendTimeoutMs ?? Math.max(1, intervalMs / 3));
  }

  get gateIsOpen(): boolean {
    return this.#gate === 'open';
  }

  get timersAllowed(): number {
    return this.#disposed ? 0 : 1;
  }

  start(reason: Reason): void {
    const activity = { reason, since: this.now, reported: false };
    this.#handles.push({ activity, reason, stopped: this.#disposed });
    if (this.#disposed) return;
    if (!this.#started) this.#cleanupHeld = !this.#registryThrows;
    this.#started = true;
    this.#running.push(activity);
    if (this.#running.length > 1) return;
    this.#busySince = this.now;
    if (!this.sender) return;
    this.#idleDue = undefined;
    this.#beatDue ??= this.now + this.#intervalMs;
  }

  stop(reason: Reason): void {
    if (this.#disposed) return;
    const oldest = this.#running.find((activity) => activity.reason === reason);
    if (oldest) {
      this.#end(oldest);
    } else {
      this.note('warn', 'session_activity_unmatched_stop', { reason });
    }
  }

  stopHandle(ordinal: number): void {
    const handle = pick(this.#handles, ordinal);
    if (!handle || handle.stopped) return;
    handle.stopped = true;
    if (handle.activity && this.#running.includes(handle.activity)) {
      this.#end(handle.activity);
    } else {
      this.stop(handle.reason);
    }
  }

  register(script: Script): void {
    const registered = this.#disposed ? undefined : { script };
    this.#registrations.push(registered);
    if (!registered) return;
    if (!this.sender && this.#running.length > 0) this.#beatDue = this.now + this.#intervalMs;
    this.sender = registered;
    this.#sending.abort();
  }

  unregister(ordinal: number): void {
    const registered = pick(this.#registrations, ordinal);
    if (registered && registered === this.sender) this.unregisterCurrent();
  }

  unregisterCurrent(): void {
    this.sender = undefined;
    this.#beatDue = undefined;
    this.#idleDue = undefined;
    this.#sending.abort();
  }

  signal(): void {
    this.#sending.send('signal');
  }

  whenIdle(): void {
    if (this.#running.length > 0) this.#waiting++;
  }

  setGate(state: GateState): void {
    this.#gate = state;
  }

  setLoggerThrows(): void {
    // A logger that throws changes nothing.
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (let at = this.#nextDue(); at <= end; at = this.#nextDue()) {
      this.now = at;
      this.#doWhatIsDue();
    }
    this.now = end;
  }

  stall(ms: number): void {
    this.now += ms;
  }

  runCleanups(): void {
    if (this.#cleanupHeld) this.#report();
    this.#cleanupHeld = false;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cleanupHeld = false;
    if (this.#started) this.#report();
    this.unregisterCurrent();
    this.#running = [];
    this.#waiting = 0;
  }

  /** Promises settle between two commands. */
  settle(): void {
    this.#sending.settle();
  }

  note(kind: string, name: string, data?: unknown): void {
    const at = roundTime(this.now);
    this.#entries.push(data === undefined ? [at, kind, name] : [at, kind, name, data]);
  }

  running(): { readonly refcount: number; readonly active: Record<string, number> } {
    const active: Record<string, number> = {};
    for (const { reason } of this.#running) active[reason] = (active[reason] ?? 0) + 1;
    return { refcount: this.#running.length, active };
  }

  observe(): Observation {
    const entries = this.#entries;
    this.#entries = [];
    const oldest = this.#running[0];
    const beats = this.sender && oldest && this.#beatDue !== undefined;
    return {
      entries,
      snapshot: {
        tracking: this.sender !== undefined,
        ...this.running(),
        busyMs: oldest ? this.#age(this.#busySince) : null,
        oldestActivityMs: oldest ? this.#age(oldest.since) : null,
        nextHeartbeatMs: beats ? Math.max(0, Math.floor((this.#beatDue ?? 0) - this.now)) : null,
        overdue: this.#running.filter((activity) => this.#isOverdue(activity)).length,
        lateHeartbeats: this.#lateHeartbeats,
        keepalives: { ...this.#sending.counts },
      },
      isTrackingActive: this.sender !== undefined,
      aborted: [...this.#sending.aborted],
      waiting: this.#waiting,
      cleanups: { registered: this.#started ? 1 : 0, held: this.#cleanupHeld ? 1 : 0 },
    };
  }

  #end(ended: Running): void {
    this.#running = this.#running.filter((activity) => activity !== ended);
    if (this.#running.length > 0) return;
    this.#waiting = 0;
    if (!this.sender) return;
    this.#idleDue = this.now + this.#idleAfterMs;
    if (!this.#steady) this.#beatDue = undefined;
  }

  #nextDue(): number {
    const beat = this.#running.length > 0 ? this.#beatDue : undefined;
    const dues = [beat, this.#idleDue, this.#sending.deadline].filter((due) => due !== undefined);
    return Math.max(this.now, Math.min(...dues));
  }

  #doWhatIsDue(): void {
    this.#sending.expire();
    if (this.#idleDue !== undefined && this.#idleDue <= this.now) {
      this.#idleDue = undefined;
      this.#beatDue = undefined;
      this.note('info', this.#idleEvent());
    } else if (this.#running.length > 0 && this.#beatDue !== undefined && this.#beatDue <= this.now) {
      this.#beat(this.#beatDue);
    }
  }

  #beat(due: number): void {
    const lateMs = this.now - due;
    const missed = Math.floor(lateMs / this.#intervalMs);
    this.#beatDue = due + (missed + 1) * this.#intervalMs;
    const isLate = lateMs >= this.#intervalMs / 10;
    if (isLate) {
      this.#lateHeartbeats++;
      this.note('warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
    }
    this.note('debug', 'session_keepalive_heartbeat', { refcount: this.#running.length });
    for (const activity of this.#running) {
      if (!this.#isOverdue(activity) || activity.reported) continue;
      activity.reported = true;
      this.note('warn', 'session_activity_overdue', { reason: activity.reason, held_ms: this.#age(activity.since) });
    }
    if (this.#running.every((activity) => this.#isOverdue(activity))) {
      this.#sending.counts.withheld++;
    } else {
      // A send of a beat that is not late is over by the next beat.
      this.#sending.send('heartbeat', isLate ? Infinity : this.#beatDue);
    }
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    const age = this.#running.length > 0 ? this.#age(this.#busySince) : null;
    this.note('info', 'session_activity_at_shutdown', { ...this.running(), oldest_activity_ms: age });
  }

  #isOverdue(activity: Running): boolean {
    return this.now - activity.since > this.#maxActivityMs;
  }

  #age(since: number): number {
    return Math.floor(this.now - since);
  }

  #idleEvent(): string {
    const seconds = this.#idleAfterMs / 1000;
    return Number.isInteger(seconds) ? `session_idle_${seconds}s` : `session_idle_${this.#idleAfterMs}ms`;
  }
}
