import type { SessionActivitySnapshot, TrackerOptions } from '../../src/index.js';

export type Reason = 'api_call' | 'tool_exec';

export type GateState = 'open' | 'closed' | 'throws';

export type LoggerState = 'works' | 'throws';

/** How work that is run ends. */
export type WorkEnd = 'returns' | 'throws';

/** How something is ended: by the method for it, or at the end of a block with `using`. */
export type By = 'method' | 'using';

/** What every random draw gives while a tracker is tested. */
export const DRAW = 0.25;

/** What a sender throws or rejects with: an error with this code, one without a code, or no error at all. */
export type Failure = 'ECONNRESET' | 'lower_case' | 'no code' | 'not an error';

/**
 * What the outside calls on the tracker from inside: a sender or work before its outcome, a gate the next time that it
 * is asked, a logger at the next event of a kind. Gate and logger do so once: it could go on for ever.
 */
export type Call = 'start' | 'stop' | 'stop handle 0' | 'signal' | 'unregister' | 'register' | 'dispose';

/** How a sender ends. `afterMs` is looked at between commands: a promise cannot settle inside an `advance`. */
export type Outcome =
  | { readonly kind: 'return' | 'hang' | 'reject when aborted' }
  | { readonly kind: 'throw'; readonly failure: Failure }
  | { readonly kind: 'resolve'; readonly afterMs: number }
  | { readonly kind: 'reject'; readonly afterMs: number; readonly failure: Failure };

export type Script = Outcome & { readonly calls?: readonly Call[] };

/** The world that one sequence runs in. */
export interface Setup {
  readonly options: TrackerOptions;
  readonly registryThrows?: boolean;
  /** Steps that are no whole number of milliseconds. */
  readonly fractions?: readonly number[];
}

/**
 * `[time, level, event, data?]` of a diagnostic event, `[time, 'send', trigger, data]` of a call of a sender, or
 * `[time, 'work', reason, data]` and `[time, 'work', end]` of work that is run.
 */
export type Entry = readonly [at: number, kind: string, name: string, ...data: readonly unknown[]];

/** All that can be seen after a command. */
export interface Observation {
  /** What happened since the last observation. */
  readonly entries: readonly Entry[];
  /** What the observer was told since then, each time with the refcount at that moment. */
  readonly told: readonly (readonly [busy: boolean, refcount: number])[];
  readonly snapshot: SessionActivitySnapshot;
  readonly isTrackingActive: boolean;
  /** For each send so far, the name of what its signal was aborted with, if it was. */
  readonly aborted: readonly (string | false)[];
  /** How many `whenIdle` promises are unsettled. */
  readonly waiting: number;
  /** How often the tracker registered a cleanup, and how many the registry holds. */
  readonly cleanups: { readonly registered: number; readonly held: number };
}

/** What a command acts on: the model, or the tracker in its doubles. Handles and registrations are numbered from 0. */
export interface Subject {
  start(reason: Reason): void;
  stop(reason: Reason): void;
  stopHandle(ordinal: number, by: By): void;
  run(reason: Reason, end: WorkEnd, calls: readonly Call[]): void;
  register(script: Script): void;
  unregister(ordinal: number, by: By): void;
  unregisterCurrent(): void;
  signal(): void;
  whenIdle(): void;
  setGate(state: GateState, calls: readonly Call[]): void;
  /** Its calls are made at an event whose name starts with `at`. */
  setLogger(state: LoggerState, at: string, calls: readonly Call[]): void;
  advance(ms: number): void;
  stall(ms: number): void;
  runCleanups(): void;
  dispose(by: By): void;
}

/** Makes one call from inside. */
export function perform(call: Call, subject: Subject): void {
  const made: Record<Call, () => void> = {
    start: () => subject.start('tool_exec'),
    stop: () => subject.stop('api_call'),
    'stop handle 0': () => subject.stopHandle(0, 'method'),
    signal: () => subject.signal(),
    unregister: () => subject.unregisterCurrent(),
    register: () => subject.register({ kind: 'return' }),
    dispose: () => subject.dispose('method'),
  };
  made[call]();
}

/** The element that `ordinal` stands for, counted round the list, so that a shrunk sequence still means something. */
export function pick<T>(list: readonly T[], ordinal: number): T | undefined {
  return list[ordinal % list.length];
}

/** Hides the rounding of a time that was added up in another order. */
export function roundTime(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
