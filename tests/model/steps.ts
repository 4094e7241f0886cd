import { inspect, isDeepStrictEqual } from 'node:util';
import type { AsyncCommand } from 'fast-check';
import type { Model } from './model.js';
import type { Real } from './real.js';
import type {
  By,
  Call,
  GateState,
  LoggerState,
  Observation,
  ObserverScript,
  Reason,
  Script,
  State,
  Subject,
  WorkEnd,
} from './subject.js';

/** A step as the runner sees it. */
export type AnyStep = AsyncCommand<Model, Real>;

/** Does the same to the model and to the tracker, and compares what can be observed. Prints itself as code. */
export class Step implements AnyStep {
  constructor(
    private readonly name: string,
    private readonly args: readonly unknown[],
    private readonly act: (subject: Subject) => void,
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    this.act(real);
    this.act(model);
    model.settle();
    await real.settle();
    const expected = model.observe();
    const actual = real.observe();
    if (!isDeepStrictEqual(actual, expected)) {
      const [says, does] = [differing(expected, actual), differing(actual, expected)].map(show);
      throw new Error(`After ${this.toString().trim()}\nthe model says ${says}\nthe tracker says ${does}`);
    }
    if (real.pendingTimers > model.timersAllowed) {
      throw new Error(`After ${this.toString().trim()}, ${real.pendingTimers} timers are pending.`);
    }
  }

  toString(): string {
    return `\n    steps.${this.name}(${this.args.map((arg) => inspect(arg, { depth: null, breakLength: Infinity })).join(', ')})`;
  }
}

/** The fields of `one` that differ in `other`. */
function differing(one: Observation, other: Observation): object {
  const others = Object.entries(other);
  return Object.fromEntries(Object.entries(one).filter((entry) => !others.some((e) => isDeepStrictEqual(e, entry))));
}

function show(value: unknown): string {
  return inspect(value, { depth: null, breakLength: 120 });
}

export const start = (reason: Reason): Step => new Step('start', [reason], (s) => s.start(reason));

export const startWithSignal = (reason: Reason, signal: number): Step =>
  new Step('startWithSignal', [reason, signal], (s) => s.start(reason, signal));

export const stop = (reason: Reason): Step => new Step('stop', [reason], (s) => s.stop(reason));

export const stopHandle = (ordinal: number, by: By): Step =>
  new Step('stopHandle', [ordinal, by], (s) => s.stopHandle(ordinal, by));

export const touch = (ordinal: number): Step => new Step('touch', [ordinal], (s) => s.touch(ordinal));

export const abort = (signal: number): Step => new Step('abort', [signal], (s) => s.abort(signal));

export const run = (reason: Reason, end: WorkEnd, calls: readonly Call[]): Step =>
  new Step('run', [reason, end, calls], (s) => s.run(reason, end, calls));

export const register = (script: Script): Step => new Step('register', [script], (s) => s.register(script));

export const unregister = (ordinal: number, by: By): Step =>
  new Step('unregister', [ordinal, by], (s) => s.unregister(ordinal, by));

export const unregisterCurrent = (): Step => new Step('unregisterCurrent', [], (s) => s.unregisterCurrent());

export const sendSignal = (): Step => new Step('sendSignal', [], (s) => s.sendSignal());

export const subscribe = (ends: ObserverScript['ends'], at: State, calls: readonly Call[]): Step =>
  new Step('subscribe', [ends, at, calls], (s) => s.subscribe({ ends, at, calls }));

export const unsubscribe = (ordinal: number): Step => new Step('unsubscribe', [ordinal], (s) => s.unsubscribe(ordinal));

export const whenIdle = (): Step => new Step('whenIdle', [], (s) => s.whenIdle());

export const gate = (state: GateState, calls: readonly Call[]): Step =>
  new Step('gate', [state, calls], (s) => s.setGate(state, calls));

export const logger = (state: LoggerState, at: string, calls: readonly Call[]): Step =>
  new Step('logger', [state, at, calls], (s) => s.setLogger(state, at, calls));

export const advance = (ms: number): Step => new Step('advance', [ms], (s) => s.advance(ms));

export const stall = (ms: number): Step => new Step('stall', [ms], (s) => s.stall(ms));

export const runCleanups = (): Step => new Step('runCleanups', [], (s) => s.runCleanups());

export const dispose = (by: By): Step => new Step('dispose', [by], (s) => s.dispose(by));
