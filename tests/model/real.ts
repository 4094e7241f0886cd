import { setImmediate as turn } from 'node:timers/promises';
import {
  type Activity,
  type Clock,
  type DiagnosticsData,
  type DiagnosticsLevel,
  type Keepalive,
  type KeepaliveRegistration,
  SessionActivityTracker,
} from '../../src/index.js';
import { ManualCleanupRegistry, ManualClock } from '../../src/testing/index.js';
import {
  type Entry,
  type Failure,
  type GateState,
  type Observation,
  type Reason,
  type Script,
  type Setup,
  type Subject,
  perform,
  pick,
  roundTime,
} from './subject.js';

/** More rings than any one `advance` can need, and deeper than sends can nest. */
const ENOUGH = 1000;
const DEEP = 5;

/** The tracker, with doubles that record what it does to them. */
export class Real implements Subject {
  readonly #clock = new ManualClock();
  readonly #cleanup = new ManualCleanupRegistry();
  readonly #tracker: SessionActivityTracker<Reason>;
  readonly #handles: Activity[] = [];
  readonly #registrations: KeepaliveRegistration[] = [];
  readonly #signals: AbortSignal[] = [];
  #entries: Entry[] = [];
  #rings = 0;
  #settlements: { readonly at: number; readonly settle: () => void }[] = [];
  #gate: GateState = 'open';
  #loggerThrows = false;
  #waiting = 0;
  #depth = 0;
  #registered = 0;

  constructor({ options, registryThrows = false }: Setup) {
    const log = (...args: [DiagnosticsLevel, string, DiagnosticsData?]): void => {
      this.#note(...args);
      if (this.#loggerThrows) throw new Error('The logger is broken.');
    };
    const isOpen = (): boolean => {
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
          if (++this.#rings > ENOUGH) throw new Error('The alarm rings for ever.');
          callback();
        }),
    };
    this.#tracker = new SessionActivityTracker(clock, { log }, { isOpen }, { register }, options);
  }

  /** How many timers the tracker has pending. */
  get pendingTimers(): number {
    return this.#clock.pendingTimers;
  }

  start(reason: Reason): void {
    this.#handles.push(this.#tracker.start(reason));
  }

  stop(reason: Reason): void {
    this.#tracker.stop(reason);
  }

  stopHandle(ordinal: number): void {
    pick(this.#handles, ordinal)?.stop();
  }

  register(script: Script): void {
    const send = (keepalive: Keepalive): unknown => this.#send(script, keepalive);
    this.#registrations.push(this.#tracker.registerCallback(send));
  }

  unregister(ordinal: number): void {
    pick(this.#registrations, ordinal)?.unregister();
  }

  unregisterCurrent(): void {
    this.#tracker.unregisterCallback();
  }

  signal(): void {
    this.#tracker.sendSignal();
  }

  whenIdle(): void {
    this.#waiting++;
    void this.#tracker.whenIdle().then(() => this.#waiting--);
  }

  setGate(state: GateState): void {
    this.#gate = state;
  }

  setLoggerThrows(throws: boolean): void {
    this.#loggerThrows = throws;
  }

  advance(ms: number): void {
    this.#rings = 0;
    this.#clock.advance(ms);
  }

  stall(ms: number): void {
    this.#clock.stall(ms);
  }

  runCleanups(): void {
    this.#cleanup.runAll();
  }

  dispose(): void {
    this.#tracker.dispose();
  }

  /** Settles the promises whose time has come and lets all that waits for them run. */
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
      aborted: this.#signals.map(({ aborted }) => aborted),
      waiting: this.#waiting,
      cleanups: { registered: this.#registered, held: this.#cleanup.size },
    };
  }

  #send(script: Script, { trigger, refcount, active, signal }: Keepalive): unknown {
    this.#signals.push(signal);
    this.#note('send', trigger, { refcount, active });
    // Unbounded, a tracker that lets sends nest would not fail but hang.
    if (this.#depth < DEEP) {
      this.#depth++;
      for (const call of script.calls ?? []) perform(call, this);
      this.#depth--;
    }
    switch (script.kind) {
      case 'return':
        return undefined;
      case 'throw':
        throw thrown(script.failure);
      case 'hang':
        return new Promise(() => undefined);
      case 'reject when aborted':
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('The send was aborted.')));
        });
      case 'resolve':
        return this.#later(script.afterMs, (resolve) => resolve());
      case 'reject':
        return this.#later(script.afterMs, (_, reject) => reject(thrown(script.failure)));
    }
  }

  #later(afterMs: number, settle: (resolve: () => void, reject: (error: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settlements.push({ at: this.#clock.now() + afterMs, settle: () => settle(resolve, reject) });
    });
  }

  #note(kind: string, name: string, ...rest: readonly unknown[]): void {
    this.#entries.push([roundTime(this.#clock.now()), kind, name, ...rest.map(plain)]);
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
