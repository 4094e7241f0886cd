import { CountingModel, type Handle } from './counting-model.js';
import { SendingModel } from './sending-model.js';
import {
  type Call,
  DRAW,
  type Entry,
  type GateState,
  type LoggerState,
  type Observation,
  type Reason,
  type Script,
  type Setup,
  type Subject,
  type WorkEnd,
  perform,
  pick,
  roundTime,
} from './subject.js';

/** The documented rules, written down a second time as plainly as they can be. It shares no code with the tracker. */
export class Model implements Subject {
  now = 0;
  isDisposed = false;
  sender: { readonly script: Script } | undefined;
  readonly #counting: CountingModel;
  readonly #sending: SendingModel;
  readonly #intervalMs: number;
  readonly #firstBeatMs: number;
  readonly #idleAfterMs: number;
  readonly #steady: boolean;
  readonly #handles: Handle[] = [];
  readonly #registrations: ({ readonly script: Script } | undefined)[] = [];
  readonly #registryThrows: boolean;
  #entries: Entry[] = [];
  #told: [busy: boolean, refcount: number][] = [];
  /** A run of beats, from its first to where it ends. Begun anew, it is another one. */
  #rhythm: { due: number } | undefined;
  #idleDue: number | undefined;
  #lateHeartbeats = 0;
  #gate: GateState = 'open';
  #gateCalls: Call[] = [];
  #loggerCalls: Call[] = [];
  #loggerCallsAt = '';
  #waiting = 0;
  #started = false;
  #cleanupHeld = false;
  #reported = false;

  constructor({ options, registryThrows = false }: Setup) {
    const { intervalMs = 30_000, idleAfterMs = intervalMs, cadence = 'restart', jitter = 0 } = options;
    this.#intervalMs = intervalMs;
    this.#firstBeatMs = intervalMs - intervalMs * jitter * DRAW;
    this.#idleAfterMs = idleAfterMs;
    this.#steady = cadence === 'steady';
    this.#registryThrows = registryThrows;
    this.#counting = new CountingModel(this, options.maxActivityMs ?? Infinity);
    this.#sending = new SendingModel(this, options.sendTimeoutMs ?? Math.max(1, intervalMs / 3));
  }

  get timersAllowed(): number {
    return this.sender ? 1 : 0;
  }

  start(reason: Reason): void {
    this.#handles.push(this.#begin(reason));
  }

  stop(reason: Reason): void {
    this.#counting.stop(reason);
  }

  stopHandle(ordinal: number): void {
    const handle = pick(this.#handles, ordinal);
    if (handle) this.#counting.stopHandle(handle);
  }

  run(reason: Reason, end: WorkEnd, calls: readonly Call[]): void {
    const handle = this.#begin(reason);
    this.note('work', reason, this.running());
    this.#make(calls);
    this.#counting.stopHandle(handle);
    this.note('work', end);
  }

  register(script: Script): void {
    const registered = this.isDisposed ? undefined : { script };
    this.#registrations.push(registered);
    if (!registered) return;
    this.sender = registered;
    if (this.#counting.running.length > 0) this.#keepRhythm();
    this.#sending.abort('AbortError');
  }

  unregister(ordinal: number): void {
    const registered = pick(this.#registrations, ordinal);
    if (registered && registered === this.sender) this.unregisterCurrent();
  }

  unregisterCurrent(): void {
    this.sender = undefined;
    this.#rhythm = undefined;
    this.#idleDue = undefined;
    this.#sending.abort('AbortError');
  }

  signal(): void {
    this.#sending.send('signal');
  }

  whenIdle(): void {
    if (this.#counting.running.length > 0) this.#waiting++;
  }

  setGate(state: GateState, calls: readonly Call[]): void {
    this.#gate = state;
    this.#gateCalls = [...calls];
  }

  /** That a logger throws changes nothing. */
  setLogger(_: LoggerState, at: string, calls: readonly Call[]): void {
    this.#loggerCallsAt = at;
    this.#loggerCalls = [...calls];
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
    const isHeld = this.#cleanupHeld;
    this.#cleanupHeld = false;
    if (isHeld) this.#report();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.#cleanupHeld = false;
    const last = this.#lastWords();
    const wasBusy = this.#counting.running.length > 0;
    this.#counting.running = [];
    this.#waiting = 0;
    this.unregisterCurrent();
    if (wasBusy) this.#tell(false);
    if (this.#started) this.#report(last);
  }

  /** Promises settle between two commands. */
  settle(): void {
    this.#sending.settle();
  }

  becameBusy(): void {
    if (this.sender) this.#keepRhythm();
    this.#tell(true);
  }

  becameIdle(): void {
    this.#waiting = 0;
    if (this.sender) {
      this.#idleDue = this.now + this.#idleAfterMs;
      if (!this.#steady) this.#rhythm = undefined;
    }
    this.#tell(false);
  }

  askGate(): boolean {
    this.#make(this.#gateCalls.splice(0));
    return this.#gate === 'open';
  }

  log(level: string, event: string, data?: object): void {
    this.note(level, event, data);
    if (event.startsWith(this.#loggerCallsAt)) this.#make(this.#loggerCalls.splice(0));
  }

  note(kind: string, name: string, data?: object): void {
    const at = roundTime(this.now);
    this.#entries.push(data === undefined ? [at, kind, name] : [at, kind, name, data]);
  }

  running(): { readonly refcount: number; readonly active: Record<string, number> } {
    return this.#counting.counts();
  }

  observe(): Observation {
    const [entries, told] = [this.#entries, this.#told];
    this.#entries = [];
    this.#told = [];
    const { running, busyMs, oldestMs } = this.#counting;
    const rhythm = running.length > 0 ? this.#rhythm : undefined;
    return {
      entries,
      told,
      snapshot: {
        tracking: this.sender !== undefined,
        ...this.running(),
        busyMs,
        oldestActivityMs: oldestMs,
        nextHeartbeatMs: rhythm ? Math.max(0, Math.floor(rhythm.due - this.now)) : null,
        overdue: running.filter((activity) => this.#counting.isOverdue(activity)).length,
        lateHeartbeats: this.#lateHeartbeats,
        keepalives: { ...this.#sending.counts },
      },
      isTrackingActive: this.sender !== undefined,
      aborted: [...this.#sending.aborted],
      waiting: this.#waiting,
      cleanups: { registered: this.#started ? 1 : 0, held: this.#cleanupHeld ? 1 : 0 },
    };
  }

  #begin(reason: Reason): Handle {
    if (!this.#started && !this.isDisposed) {
      this.#started = true;
      this.#cleanupHeld = !this.#registryThrows;
    }
    return this.#counting.start(reason);
  }

  /** The rhythm goes on, or begins. */
  #keepRhythm(): void {
    this.#idleDue = undefined;
    this.#rhythm ??= { due: this.now + this.#firstBeatMs };
  }

  #make(calls: readonly Call[]): void {
    for (const call of calls) perform(call, this);
  }

  #tell(busy: boolean): void {
    this.#told.push([busy, this.#counting.running.length]);
  }

  #nextDue(): number {
    const beat = this.#counting.running.length > 0 ? this.#rhythm?.due : undefined;
    const dues = [beat, this.#idleDue, this.#sending.deadline].filter((due) => due !== undefined);
    return Math.max(this.now, Math.min(...dues));
  }

  #doWhatIsDue(): void {
    this.#sending.expire();
    if (this.#idleDue !== undefined && this.#idleDue <= this.now) {
      this.#idleDue = undefined;
      this.#rhythm = undefined;
      this.log('info', this.#idleEvent());
    } else if (this.#counting.running.length > 0 && this.#rhythm && this.#rhythm.due <= this.now) {
      this.#beat(this.#rhythm);
    }
  }

  /** Whatever it calls may end its run. Then the rest of it is left out, even if another run has begun. */
  #beat(rhythm: { due: number }): void {
    const goesOn = (): boolean => this.#rhythm === rhythm && this.#counting.running.length > 0;
    const lateMs = this.now - rhythm.due;
    const missed = Math.floor(lateMs / this.#intervalMs);
    rhythm.due += (missed + 1) * this.#intervalMs;
    const isLate = lateMs >= this.#intervalMs / 10;
    if (isLate) {
      this.#lateHeartbeats++;
      this.log('warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
    }
    if (goesOn()) this.log('debug', 'session_keepalive_heartbeat', { refcount: this.#counting.running.length });
    if (goesOn()) this.#reportOverdue(goesOn);
    if (!goesOn()) return;
    if (this.#counting.running.every((activity) => this.#counting.isOverdue(activity))) {
      this.#sending.counts.withheld++;
    } else {
      // A send of a beat that is not late is over by the next beat.
      this.#sending.send('heartbeat', isLate ? Infinity : rhythm.due, goesOn);
    }
  }

  #reportOverdue(goesOn: () => boolean): void {
    for (const activity of this.#counting.running) {
      const isToReport = this.#counting.isOverdue(activity) && !activity.reported;
      if (!isToReport || !goesOn() || !this.#counting.running.includes(activity)) continue;
      activity.reported = true;
      const { reason, since } = activity;
      this.log('warn', 'session_activity_overdue', { reason, held_ms: this.#counting.age(since) });
    }
  }

  #lastWords(): object {
    return { ...this.running(), oldest_activity_ms: this.#counting.busyMs };
  }

  #report(last = this.#lastWords()): void {
    if (this.#reported) return;
    this.#reported = true;
    this.log('info', 'session_activity_at_shutdown', last);
  }

  #idleEvent(): string {
    const seconds = this.#idleAfterMs / 1000;
    return Number.isInteger(seconds) ? `session_idle_${seconds}s` : `session_idle_${this.#idleAfterMs}ms`;
  }
}
