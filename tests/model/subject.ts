import type { SessionActivitySnapshot, TrackerOptions } from '../../src/index.js';

export type Reason = 'api_call' | 'tool_exec';

export type State = 'busy' | 'quiet' | 'idle' | 'disposed';

export type GateState = 'open' | 'closed' | 'throws';

export type LoggerState = 'works' | 'throws';

/** How work passed to `run` ends. */
export type WorkEnd = 'returns' | 'throws';

/** How something is ended: by its method, or at the end of a block with `using`. */
export type By = 'method' | 'using';

/** What `Math.random` returns while a tracker is tested. */
export const DRAW = 0.25;

/** How many abort signals there are for activities to share. */
export const SIGNALS = 4;

/** What a sender throws or rejects with: an error with this code, one without a code, or no error at all. */
export type Failure = 'ECONNRESET' | 'lower_case' | 'no code' | 'not an error';

/**
 * A call that a sender, work, a gate, a logger or an observer makes back into the tracker. A gate, logger or observer
 * makes its calls only once, because they could go on for ever.
 */
export type Call =
  | 'start'
  | 'start with signal 0'
  | 'stop'
  | 'stop last handle'
  | 'touch last handle'
  | 'abort signal 0'
  | 'send'
  | 'unregister'
  | 'register'
  | 'subscribe'
  | 'unsubscribe first'
  | 'dispose';

/**
 * How a send ends. It makes `abortCalls` when it is aborted while pending. `afterMs` is checked between steps: a
 * promise cannot settle inside an `advance`.
 */
export type Outcome =
  | { readonly kind: 'return' | 'return NOT_SENT' | 'hang' }
  | { readonly kind: 'reject when aborted'; readonly abortCalls?: readonly Call[] }
  | { readonly kind: 'throw'; readonly failure: Failure }
  | { readonly kind: 'resolve' | 'resolve to NOT_SENT'; readonly afterMs: number }
  | { readonly kind: 'reject'; readonly afterMs: number; readonly failure: Failure };

export type Script = Outcome & { readonly calls?: readonly Call[] };

/** What an observer does. It makes its calls the first time it sees the state `at`. */
export interface ObserverScript {
  readonly ends: 'returns' | 'throws' | 'rejects';
  readonly at: State;
  readonly calls: readonly Call[];
}

/** The world that one sequence runs in. */
export interface Setup {
  readonly options: TrackerOptions;
  readonly registryThrows?: boolean;
  /** Durations that are not whole milliseconds. */
  readonly fractions?: readonly number[];
}

/**
 * Something that happened, with its time: `[level, event, data?]` is a diagnostic event, `['send', trigger, data]` a
 * call of a sender, `['work', reason, data]` and `['work', end]` work passed to `run`, `['state', state, data]` a call
 * of an observer.
 */
export type Entry = readonly [at: number, kind: string, name: string, ...data: readonly unknown[]];

/** All that can be seen after a step. */
export interface Observation {
  /** What happened since the last observation, in order. */
  readonly entries: readonly Entry[];
  readonly snapshot: SessionActivitySnapshot;
  readonly isTrackingActive: boolean;
  /** For each send so far, the name of the error its signal was aborted with, if it was. */
  readonly aborted: readonly (string | false)[];
  /** How many `whenIdle` promises are unsettled. */
  readonly waiting: number;
  /** How often the tracker registered a cleanup, and how many the registry holds. */
  readonly cleanups: { readonly registered: number; readonly held: number };
  /** How many listeners each abort signal has. */
  readonly listeners: readonly number[];
}

/**
 * What a step acts on: the model, or the tracker with its doubles. Handles, registrations, observers and abort signals
 * are numbered from 0.
 */
export interface Subject {
  start(reason: Reason, signal?: number): void;
  stop(reason: Reason): void;
  stopHandle(ordinal: number, by: By): void;
  touch(ordinal: number): void;
  abort(signal: number): void;
  run(reason: Reason, end: WorkEnd, calls: readonly Call[]): void;
  register(script: Script): void;
  unregister(ordinal: number, by: By): void;
  unregisterCurrent(): void;
  sendSignal(): void;
  subscribe(script: ObserverScript): void;
  unsubscribe(ordinal: number): void;
  whenIdle(): void;
  setGate(state: GateState, calls: readonly Call[]): void;
  /** Its calls are made at an event whose name starts with `at`. */
  setLogger(state: LoggerState, at: string, calls: readonly Call[]): void;
  advance(ms: number): void;
  stall(ms: number): void;
  runCleanups(): void;
  dispose(by: By): void;
}

/** Stands for the last element of a list. */
const LAST = -1;

/** Makes these calls. */
export function perform(calls: readonly Call[], subject: Subject): void {
  const made: Record<Call, () => void> = {
    start: () => subject.start('tool_exec'),
    'start with signal 0': () => subject.start('api_call', 0),
    stop: () => subject.stop('api_call'),
    'stop last handle': () => subject.stopHandle(LAST, 'method'),
    'touch last handle': () => subject.touch(LAST),
    'abort signal 0': () => subject.abort(0),
    send: () => subject.sendSignal(),
    unregister: () => subject.unregisterCurrent(),
    register: () => subject.register({ kind: 'return' }),
    subscribe: () => subject.subscribe({ ends: 'returns', at: 'busy', calls: [] }),
    'unsubscribe first': () => subject.unsubscribe(0),
    dispose: () => subject.dispose('method'),
  };
  for (const call of calls) made[call]();
}

/** The element with that ordinal. Wraps around, so that a shrunk sequence still means something. */
export function pick<T>(list: readonly T[], ordinal: number): T | undefined {
  return ordinal === LAST ? list.at(-1) : list[ordinal % list.length];
}

/** Hides rounding errors of times that were added up in another order. */
export function roundTime(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
