import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type Activity,
  type Clock,
  type DiagnosticsData,
  type DiagnosticsLevel,
  type Keepalive,
  type KeepaliveRegistration,
  NOT_SENT,
  SessionActivityTracker,
} from '../../src/index.js';
import { ManualCleanupRegistry, ManualClock } from '../../src/testing/index.js';
import {
  type By,
  type Call,
  type Entry,
  type Failure,
  type GateState,
  type LoggerState,
  type Observation,
  type ObserverScript,
  type Reason,
  type Script,
  SIGNALS,
  type Setup,
  type State,
  type Subject,
  type WorkEnd,
  perform,
  pick,
  roundTime,
} from './subject.js';

/** More calls of a timer than any one `advance` can need. */
const MAX_TIMER_CALLS = 1000;

/** Deeper than the sends of a correct tracker can nest. */
const MAX_SEND_DEPTH = 5;

/** The tracker, with doubles that record what it does to them. */
export class Real implements Subject {
  readonly #clock = new ManualClock();
  readonly #cleanup = new ManualCleanupRegistry();
  readonly #tracker: SessionActivityTracker<Reason>;
  readonly #handles: Activity[] = [];
  readonly #registrations: KeepaliveRegistration[] = [];
  readonly #subscriptions: (() => void)[] = [];
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController());
  readonly #sends: Keepalive[] = [];
  #entries: Entry[] = [];
  #timerCalls = 0;
  #settlements: { readonly at: number; readonly settle: () => void }[] = [];
  #gate: GateState = 'open';
  #gateCalls: Call[] = [];
  #logger: LoggerState = 'works';
  #loggerCalls: Call[] = [];
  #loggerCallsAt = '';
  #waiting = 0;
  #depth = 0;
  #registered = 0;

  constructor({ options, registryThrows = false }: Setup) {
    const log = (...args: [DiagnosticsLevel, string, DiagnosticsData?]): void => {
      this.#note(...args);
      if (args[1].startsWith(this.#loggerCallsAt)) perform(this.#loggerCalls.splice(0), this);
      if (this.#logger === 'throws') throw new Error('The logger is broken.');
    };
    const isOpen = (): boolean => {
      perform(this.#gateCalls.splice(0), this);
      if (this.#gate === 'throws') throw new Error('The gate is broken.');
      return this.#gate === 'open';
    };
    const register = (cleanup: () => unknown): (() => void) => {
      this.#registered++;
      if (registryThrows) throw new Error('The registry is broken.');
      return this.#cleanup.register(cleanup);
    };
    const clock: Clock = {
      now: () => this.#clock.now(),
      createTimer: (callback) =>
        this.#clock.createTimer(() => {
          if (++this.#timerCalls > MAX_TIMER_CALLS) throw new Error('The timer fires for ever.');
          callback();
        }),
    };
    this.#tracker = new SessionActivityTracker(clock, { log }, { isOpen }, { register }, options);
  }

  /** How many timers the tracker has pending. */
  get pendingTimers(): number {
    return this.#clock.pendingTimers;
  }

  start(reason: Reason, signal?: number): void {
    const options = signal === undefined ? undefined : { signal: this.#controller(signal).signal };
    this.#handles.push(this.#tracker.start(reason, options));
  }

  stop(reason: Reason): void {
    this.#tracker.stop(reason);
  }

  stopHandle(ordinal: number, by: By): void {
    pick(this.#handles, ordinal)?.[by === 'method' ? 'stop' : Symbol.dispose]();
  }

  touch(ordinal: number): void {
    pick(this.#handles, ordinal)?.touch();
  }

  abort(signal: number): void {
    this.#controller(signal).abort();
  }

  run(reason: Reason, end: WorkEnd, calls: readonly Call[]): void {
    const outcome = new Error('The work is done.');
    const work = (activity: Activity): Error => {
      this.#handles.push(activity);
      const { refcount, active } = this.#tracker.snapshot();
      this.#note('work', reason, { refcount, active });
      perform(calls, this);
      if (end === 'throws') throw outcome;
      return outcome;
    };
    try {
      const returned = this.#tracker.run(reason, work);
      this.#note('work', returned === outcome ? 'returns' : 'returns something else');
    } catch (error) {
      this.#note('work', error === outcome ? 'throws' : 'throws something else');
    }
  }

  register(script: Script): void {
    const send = (keepalive: Keepalive): unknown => this.#send(script, keepalive);
    this.#registrations.push(this.#tracker.registerCallback(send));
  }

  unregister(ordinal: number, by: By): void {
    pick(this.#registrations, ordinal)?.[by === 'method' ? 'unregister' : Symbol.dispose]();
  }

  unregisterCurrent(): void {
    this.#tracker.unregisterCallback();
  }

  sendSignal(): void {
    this.#tracker.sendSignal();
  }

  subscribe({ at, ends, calls }: ObserverScript): void {
    const pending = [...calls];
    const ordinal = this.#subscriptions.length;
    const observer = (state: State): unknown => {
      const { state: now, refcount, nextHeartbeatMs } = this.#tracker.snapshot();
      this.#note('state', state, { observer: ordinal, now, refcount, nextHeartbeatMs });
      if (state === at) perform(pending.splice(0), this);
      if (ends === 'throws') throw new Error('The observer is broken.');
      return ends === 'rejects' ? Promise.reject(new Error('The observer is broken.')) : undefined;
    };
    this.#subscriptions.push(this.#tracker.observe(observer));
  }

  unsubscribe(ordinal: number): void {
    pick(this.#subscriptions, ordinal)?.();
  }

  whenIdle(): void {
    this.#waiting++;
    void this.#tracker.whenIdle().then(() => this.#waiting--);
  }

  setGate(state: GateState, calls: readonly Call[]): void {
    this.#gate = state;
    this.#gateCalls = [...calls];
  }

  setLogger(state: LoggerState, at: string, calls: readonly Call[]): void {
    this.#loggerCallsAt = at;
    this.#logger = state;
    this.#loggerCalls = [...calls];
  }

  advance(ms: number): void {
    this.#timerCalls = 0;
    this.#clock.advance(ms);
  }

  stall(ms: number): void {
    this.#clock.stall(ms);
  }

  runCleanups(): void {
    this.#cleanup.runAll();
  }

  dispose(by: By): void {
    this.#tracker[by === 'method' ? 'dispose' : Symbol.dispose]();
  }

  /** Settles the promises whose time has come and lets everything that waits for them run. */
  async settle(): Promise<void> {
    const now = this.#clock.now();
    const due = this.#settlements.filter(({ at }) => at <= now);
    this.#settlements = this.#settlements.filter(({ at }) => at > now);
    for (const { settle } of due) settle();
    await turn();
  }

  observe(): Observation {
    const entries = this.#entries;
    this.#entries = [];
    const snapshot = this.#tracker.snapshot();
    return {
      entries,
      snapshot: {
        ...snapshot,
        active: { ...snapshot.active },
        keepalives: { ...snapshot.keepalives },
      },
      isTrackingActive: this.#tracker.isTrackingActive,
      aborted: this.#sends.map(({ signal }) => signal.aborted && (signal.reason as DOMException).name),
      waiting: this.#waiting,
      cleanups: { registered: this.#registered, held: this.#cleanup.size },
      listeners: this.#controllers.map(({ signal }) => getEventListeners(signal, 'abort').length),
    };
  }

  #note(kind: string, name: string, ...rest: readonly unknown[]): void {
    this.#entries.push([roundTime(this.#clock.now()), kind, name, ...rest.map(plain)]);
  }

  #controller(signal: number): AbortController {
    const controller = this.#controllers[signal];
    if (!controller) throw new RangeError(`There is no abort signal ${signal}.`);
    return controller;
  }

  #send(script: Script, keepalive: Keepalive): unknown {
    const { trigger, refcount, active } = keepalive;
    this.#sends.push(keepalive);
    this.#note('send', trigger, { refcount, active });
    // Without a limit, a tracker that lets sends nest would hang instead of failing.
    if (this.#depth < MAX_SEND_DEPTH) {
      this.#depth++;
      perform(script.calls ?? [], this);
      this.#depth--;
    }
    switch (script.kind) {
      case 'return':
        return undefined;
      case 'return NOT_SENT':
        return NOT_SENT;
      case 'throw':
        throw thrown(script.failure);
      case 'hang':
        return new Promise(() => undefined);
      case 'reject when aborted':
        return new Promise((_, reject) => {
          keepalive.signal.addEventListener('abort', () => {
            perform(script.abortCalls ?? [], this);
            reject(new Error('The send was aborted.'));
          });
        });
      case 'resolve':
        return this.#later(script.afterMs, (resolve) => resolve(undefined));
      case 'resolve to NOT_SENT':
        return this.#later(script.afterMs, (resolve) => resolve(NOT_SENT));
      case 'reject':
        return this.#later(script.afterMs, (_, reject) => reject(thrown(script.failure)));
    }
  }

  #later(
    afterMs: number,
    settle: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#settlements.push({ at: this.#clock.now() + afterMs, settle: () => settle(resolve, reject) });
    });
  }
}

/** Copies the fields of an event, so that only their values are compared. */
function plain(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plain(value)]));
}

function thrown(failure: Failure): unknown {
  if (failure === 'not an error') return failure;
  const error = new Error('The transport is broken.');
  return failure === 'no code' ? error : Object.assign(error, { code: failure });
}
