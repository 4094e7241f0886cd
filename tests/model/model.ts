import { CountingModel, type ModelActivity } from './counting-model.js';
import { HeartbeatModel, type Schedule } from './heartbeat-model.js';
import { ObserversModel } from './observers-model.js';
import { type ModelSender, SendingModel, type SendingWorld } from './sending-model.js';
import {
  type Call,
  type Entry,
  type GateState,
  type LoggerState,
  type Observation,
  type ObserverScript,
  type Reason,
  type Script,
  SIGNALS,
  type Setup,
  type State,
  type WorkEnd,
  perform,
  pick,
  roundTime,
} from './subject.js';

/** The documented rules, implemented a second time as plainly as possible. It shares no code with the tracker. */
export class Model implements SendingWorld {
  now = 0;
  sender: ModelSender | undefined;
  readonly #intervalMs: number;
  readonly #idleAfterMs: number;
  readonly #cadence: 'restart' | 'steady';
  readonly #isTracing: boolean;
  readonly #registryThrows: boolean;
  readonly #counting: CountingModel;
  readonly #heartbeat: HeartbeatModel;
  readonly #sending: SendingModel;
  readonly #observers = new ObserversModel();
  readonly #handles: ModelActivity[] = [];
  readonly #registrations: (ModelSender | undefined)[] = [];
  readonly #subscriptions: (() => void)[] = [];
  readonly #abortedSignals = new Set<number>();
  #entries: Entry[] = [];
  #busySince = 0;
  #idleSince = 0;
  #idleDueAt = Infinity;
  #lateHeartbeats = 0;
  #wasKeepaliveDue = false;
  #gate: GateState = 'open';
  #gateCalls: Call[] = [];
  #loggerCalls: Call[] = [];
  #loggerCallsAt = '';
  #waiting = 0;
  #isStarted = false;
  #cleanups = { registered: 0, held: 0 };
  #isReported = false;

  constructor({ options, registryThrows = false }: Setup) {
    const { intervalMs = 30_000, idleAfterMs = intervalMs, cadence = 'restart', jitter = 0 } = options;
    const { maxActivityMs = Infinity, maxSilenceMs = Infinity } = options;
    this.#intervalMs = intervalMs;
    this.#idleAfterMs = idleAfterMs;
    this.#cadence = cadence;
    this.#isTracing = options.trace ?? false;
    this.#registryThrows = registryThrows;
    this.#counting = new CountingModel({ maxActivityMs, maxSilenceMs });
    this.#heartbeat = new HeartbeatModel({ intervalMs, jitter, cadence });
    this.#sending = new SendingModel(this, options.sendTimeoutMs ?? Math.max(1, intervalMs / 3));
  }

  get timersAllowed(): number {
    return this.sender ? 1 : 0;
  }

  start(reason: Reason, signal?: number): void {
    this.#handles.push(this.#start(reason, signal));
  }

  stop(reason: Reason): void {
    if (this.#isDisposed()) return;
    const oldest = this.#counting.oldestOf(reason);
    if (oldest) {
      this.#end(oldest);
    } else {
      this.log('warn', 'session_activity_unmatched_stop', { reason });
    }
  }

  stopHandle(ordinal: number): void {
    const handle = pick(this.#handles, ordinal);
    if (handle) this.#stopHandle(handle);
  }

  touch(ordinal: number): void {
    const handle = pick(this.#handles, ordinal);
    if (handle) this.#counting.touch(handle, this.now);
  }

  abort(signal: number): void {
    if (this.#abortedSignals.has(signal)) return;
    this.#abortedSignals.add(signal);
    for (const activity of this.#counting.running) {
      if (activity.signal === signal && this.#counting.isRunning(activity)) this.#stopHandle(activity);
    }
  }

  run(reason: Reason, end: WorkEnd, calls: readonly Call[]): void {
    const handle = this.#start(reason);
    this.#handles.push(handle);
    this.note('work', reason, this.running());
    perform(calls, this);
    this.#stopHandle(handle);
    this.note('work', end);
  }

  register(script: Script): void {
    const registered = this.#isDisposed() ? undefined : { script, hasFailed: false };
    if (registered) this.#register(registered);
    this.#registrations.push(registered);
  }

  unregister(ordinal: number): void {
    const registered = pick(this.#registrations, ordinal);
    if (registered && registered === this.sender) this.unregisterCurrent();
  }

  unregisterCurrent(): void {
    if (!this.sender) return;
    this.#removeSender();
    if (!this.#counting.isBusy) this.#observers.change('idle');
    this.#sending.abandon();
    this.trace('session_sender_removed');
    this.#notify();
  }

  sendSignal(): void {
    if (!this.sender) return;
    this.#wasKeepaliveDue = true;
    this.#sending.send('signal');
  }

  subscribe({ at, calls }: ObserverScript): void {
    const pending = [...calls];
    const ordinal = this.#subscriptions.length;
    const observe = (state: State): void => {
      const { refcount } = this.running();
      const nextHeartbeatMs = this.#nextHeartbeatMs;
      this.note('state', state, { observer: ordinal, now: this.#observers.state, refcount, nextHeartbeatMs });
      if (state === at) perform(pending.splice(0), this);
    };
    this.#subscriptions.push(this.#observers.subscribe(observe));
  }

  unsubscribe(ordinal: number): void {
    pick(this.#subscriptions, ordinal)?.();
  }

  whenIdle(): void {
    if (this.#counting.isBusy) this.#waiting++;
  }

  setGate(state: GateState, calls: readonly Call[]): void {
    this.#gate = state;
    this.#gateCalls = [...calls];
  }

  /** A logger that throws changes nothing. */
  setLogger(_: LoggerState, at: string, calls: readonly Call[]): void {
    this.#loggerCallsAt = at;
    this.#loggerCalls = [...calls];
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (let at = this.#nextDueAt(); at <= end; at = this.#nextDueAt()) {
      this.now = at;
      this.#doWhatIsDue();
    }
    this.now = end;
  }

  stall(ms: number): void {
    this.now += ms;
  }

  runCleanups(): void {
    const isHeld = this.#cleanups.held > 0;
    this.#cleanups.held = 0;
    if (isHeld) this.#report(this.#shutdownData(), this.#summaryData());
  }

  dispose(): void {
    if (this.#isDisposed()) return;
    const wasTracking = this.sender !== undefined;
    const [shutdownData, summaryData] = [this.#shutdownData(), this.#summaryData()];
    this.#counting.running = [];
    this.#cleanups.held = 0;
    this.#removeSender();
    this.#observers.change('disposed');
    this.#sending.abandon();
    if (wasTracking) this.trace('session_sender_removed');
    if (this.#isStarted) this.#report(shutdownData, summaryData);
    this.#notify();
  }

  /** Promises settle between two steps. */
  settle(): void {
    this.#sending.settle();
  }

  askGate(): boolean {
    perform(this.#gateCalls.splice(0), this);
    return this.#gate === 'open';
  }

  log(level: string, event: string, data?: object): void {
    this.note(level, event, data);
    if (event.startsWith(this.#loggerCallsAt)) perform(this.#loggerCalls.splice(0), this);
  }

  trace(event: string, data?: object): void {
    if (this.#isTracing) this.log('debug', event, data);
  }

  note(kind: string, name: string, data?: object): void {
    const at = roundTime(this.now);
    this.#entries.push(data === undefined ? [at, kind, name] : [at, kind, name, data]);
  }

  running(): { readonly refcount: number; readonly active: Record<string, number> } {
    return this.#counting.counts();
  }

  observe(): Observation {
    const entries = this.#entries;
    this.#entries = [];
    const { running, isBusy } = this.#counting;
    return {
      entries,
      snapshot: {
        state: this.#observers.state,
        tracking: this.sender !== undefined,
        ...this.running(),
        busyMs: isBusy ? this.#age(this.#busySince) : null,
        idleMs: isBusy || this.#isDisposed() ? null : this.#age(this.#idleSince),
        oldestActivityMs: running[0] ? this.#age(running[0].since) : null,
        nextHeartbeatMs: this.#nextHeartbeatMs,
        overdue: running.filter((activity) => this.#counting.isOverdue(activity, this.now)).length,
        lateHeartbeats: this.#lateHeartbeats,
        keepalives: { ...this.#sending.counts },
      },
      isTrackingActive: this.sender !== undefined,
      aborted: [...this.#sending.aborted],
      waiting: this.#waiting,
      cleanups: { ...this.#cleanups },
      listeners: Array.from({ length: SIGNALS }, (_, signal) => (running.some((a) => a.signal === signal) ? 1 : 0)),
    };
  }

  get #nextHeartbeatMs(): number | null {
    return this.#schedule ? Math.max(0, Math.floor(this.#schedule.dueAt - this.now)) : null;
  }

  /** A method, since whatever is called may dispose the tracker. */
  #isDisposed(): boolean {
    return this.#observers.state === 'disposed';
  }

  /** The schedule while the heartbeat runs, that is, while there is work and a sender. */
  get #schedule(): Schedule | undefined {
    return this.#counting.isBusy ? this.#heartbeat.schedule : undefined;
  }

  #start(reason: Reason, signal?: number): ModelActivity {
    const isStopped = signal !== undefined && this.#abortedSignals.has(signal);
    const activity = { reason, since: this.now, signal, touchedAt: undefined, isReported: false, isStopped };
    if (isStopped || this.#isDisposed()) return activity;
    const isFirst = !this.#isStarted;
    this.#isStarted = true;
    this.#counting.add(activity);
    const { refcount } = this.running();
    if (refcount === 1) this.#becomeBusy();
    if (isFirst) this.#traceConfiguration();
    if (!this.#isDisposed()) this.trace('session_activity_started', { reason, refcount });
    this.#notify();
    if (isFirst && !this.#isDisposed()) this.#registerReport();
    return activity;
  }

  #becomeBusy(): void {
    this.#busySince = this.now;
    if (this.sender) {
      this.#idleDueAt = Infinity;
      this.#heartbeat.resume(this.now);
    }
    this.#observers.change('busy');
  }

  #traceConfiguration(): void {
    const [interval_ms, idle_after_ms, cadence] = [this.#intervalMs, this.#idleAfterMs, this.#cadence];
    this.trace('session_tracker_configured', { interval_ms, idle_after_ms, cadence });
  }

  #registerReport(): void {
    this.#cleanups = { registered: 1, held: this.#registryThrows ? 0 : 1 };
  }

  /** Works once. If its activity was taken, this takes the oldest other one of its reason. */
  #stopHandle(handle: ModelActivity): void {
    if (handle.isStopped) return;
    handle.isStopped = true;
    if (this.#counting.isRunning(handle)) {
      this.#end(handle);
    } else {
      this.stop(handle.reason);
    }
  }

  #end(activity: ModelActivity): void {
    const { reason, since } = activity;
    this.#counting.remove(activity);
    if (!this.#counting.isBusy) this.#becomeQuiet();
    const { refcount } = this.running();
    this.trace('session_activity_stopped', { reason, refcount, held_ms: this.#age(since) });
    this.#notify();
  }

  /** Observers come first. Waiters follow, if nothing runs by then. */
  #notify(): void {
    this.#observers.deliver(() => {
      if (!this.#counting.isBusy) this.#waiting = 0;
    });
  }

  #becomeQuiet(): void {
    this.#idleSince = this.now;
    this.#heartbeat.pause();
    if (this.sender) this.#idleDueAt = this.now + this.#idleAfterMs;
    this.#observers.change(this.sender ? 'quiet' : 'idle');
  }

  #register(registered: ModelSender): void {
    const isReplacing = this.sender !== undefined;
    this.sender = registered;
    this.#sending.forgetCause();
    if (this.#counting.isBusy) {
      this.#heartbeat.replaceSender(this.now);
    } else {
      this.#heartbeat.schedule = undefined;
    }
    this.#sending.abandon();
    if (isReplacing) this.trace('session_sender_removed');
    if (this.sender === registered) this.trace('session_sender_registered');
  }

  #removeSender(): void {
    this.sender = undefined;
    this.#heartbeat.schedule = undefined;
    this.#idleDueAt = Infinity;
    this.#sending.forgetCause();
  }

  #nextDueAt(): number {
    return Math.max(this.now, Math.min(this.#schedule?.dueAt ?? Infinity, this.#idleDueAt, this.#sending.deadline));
  }

  #doWhatIsDue(): void {
    this.#sending.expire(this.#schedule !== undefined && this.#heartbeat.isOnTime(this.#schedule, this.now));
    if (this.#idleDueAt <= this.now) {
      this.#becomeIdle();
    } else if (this.#schedule && this.#schedule.dueAt <= this.now) {
      this.#beat(this.#schedule);
    }
  }

  #becomeIdle(): void {
    this.#idleDueAt = Infinity;
    this.#sending.forgetCause();
    this.#observers.change('idle');
    this.log('info', this.#idleEvent());
    this.#notify();
  }

  /** Whatever a beat calls may end its schedule. The rest of the beat is then skipped, even if another has begun. */
  #beat(schedule: Schedule): void {
    const isStillDue = (): boolean => this.#schedule === schedule;
    const lateMs = this.#heartbeat.consumeDueHeartbeat(schedule, this.now);
    this.#wasKeepaliveDue = true;
    if (lateMs !== undefined) {
      this.#lateHeartbeats++;
      this.log('warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
    }
    if (isStillDue()) this.log('debug', 'session_keepalive_heartbeat', { refcount: this.running().refcount });
    if (isStillDue()) this.#reportOverdue(isStillDue);
    if (!isStillDue()) return;
    if (this.#counting.running.every((activity) => this.#counting.isOverdue(activity, this.now))) {
      this.#sending.withhold('overdue');
    } else {
      this.#sending.send('heartbeat', isStillDue);
    }
  }

  #reportOverdue(isStillDue: () => boolean): void {
    for (const activity of this.#counting.running) {
      const isToReport = !activity.isReported && this.#counting.isOverdue(activity, this.now);
      if (!isToReport || !isStillDue() || !this.#counting.isRunning(activity)) continue;
      activity.isReported = true;
      const { reason, since, touchedAt = 0 } = activity;
      const silence = this.#counting.isTooSilent(activity, this.now) ? { silent_ms: this.#age(touchedAt) } : {};
      this.log('warn', 'session_activity_overdue', { reason, held_ms: this.#age(since), ...silence });
    }
  }

  #shutdownData(): object {
    return { ...this.running(), oldest_activity_ms: this.#counting.isBusy ? this.#age(this.#busySince) : null };
  }

  /** There is none if no keep-alive was ever due. */
  #summaryData(): object | undefined {
    return this.#wasKeepaliveDue ? { ...this.#sending.counts, late: this.#lateHeartbeats } : undefined;
  }

  /** Logs the shutdown report and the summary, once. */
  #report(shutdownData: object, summaryData: object | undefined): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.log('info', 'session_activity_at_shutdown', shutdownData);
    if (summaryData) this.log('info', 'session_keepalive_summary', summaryData);
  }

  #idleEvent(): string {
    const seconds = this.#idleAfterMs / 1000;
    return Number.isInteger(seconds) ? `session_idle_${seconds}s` : `session_idle_${this.#idleAfterMs}ms`;
  }

  #age(since: number): number {
    return Math.floor(this.now - since);
  }
}
