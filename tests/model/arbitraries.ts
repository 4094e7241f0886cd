import fc from 'fast-check';
import * as steps from './steps.js';
import {
  type By,
  type Call,
  type Failure,
  type GateState,
  type LoggerState,
  type ObserverScript,
  type Outcome,
  type Reason,
  SIGNALS,
  type Setup,
  type State,
  type WorkEnd,
} from './subject.js';

const reasons = fc.constantFrom<Reason>('api_call', 'tool_exec');
const states = fc.constantFrom<State>('busy', 'busy', 'quiet', 'idle', 'disposed');
const failures = fc.constantFrom<Failure>('ECONNRESET', 'lower_case', 'no code', 'not an error');
const gates = fc.constantFrom<GateState>('open', 'open', 'open', 'closed', 'throws');
const loggers = fc.constantFrom<LoggerState>('works', 'works', 'throws');
const workEnds = fc.constantFrom<WorkEnd>('returns', 'throws');
const observerEnds = fc.constantFrom<ObserverScript['ends']>('returns', 'returns', 'throws', 'rejects');
const ordinals = fc.nat({ max: 7 });
const signals = fc.nat({ max: SIGNALS - 1 });
const ways = fc.constantFrom<By>('method', 'using');

/** Prefixes of event names: of every event, or of one that is rare or never comes first. */
const events = fc.oneof(
  fc.constant('session_'),
  fc.constantFrom(
    'session_activity_at_shutdown',
    'session_activity_overdue',
    'session_activity_started',
    'session_activity_stopped',
    'session_idle',
    'session_keepalive_failed',
    'session_keepalive_late',
    'session_keepalive_not_sent',
    'session_keepalive_recovered',
    'session_keepalive_sent',
    'session_sender',
    'session_tracker_configured',
  ),
);

const anyCalls = fc.array(
  fc.oneof(
    {
      arbitrary: fc.constantFrom<Call>('start', 'stop', 'stop last handle', 'send', 'touch last handle'),
      weight: 30,
    },
    {
      arbitrary: fc.constantFrom<Call>(
        'unregister',
        'register',
        'subscribe',
        'unsubscribe first',
        'start with signal 0',
      ),
      weight: 10,
    },
    { arbitrary: fc.constantFrom<Call>('dispose', 'abort signal 0'), weight: 3 },
  ),
  { minLength: 1, maxLength: 3 },
);
/** They restart the heartbeat, which random calls rarely do. */
const restarts = fc.constantFrom<Call[]>(
  ['unregister', 'register'],
  ['stop', 'stop last handle', 'start'],
  ['stop last handle', 'start'],
);
const calls = fc.oneof({ arbitrary: anyCalls, weight: 4 }, { arbitrary: restarts, weight: 1 });
const callsOrNone = fc.oneof(fc.constant<Call[]>([]), calls);

/** What `fc.commands` generates. It prints itself as the steps that ran. */
export interface Sequence extends Iterable<steps.AnyStep> {
  toString(): string;
}

/** Sequences whose times suit `setup`: they hit its deadlines or miss them by a little. */
export function sequences(setup: Setup): fc.Arbitrary<Sequence> {
  const durations = durationsFor(setup);
  const advance = durations.map((ms) => steps.advance(ms));
  const scripts = scriptsFor(durations);
  const common = [
    reasons.map(steps.start),
    reasons.map(steps.stop),
    fc.tuple(ordinals, ways).map((args) => steps.stopHandle(...args)),
    scripts.map(steps.register),
    fc.constant(steps.sendSignal()),
    durations.map(steps.stall),
    fc.tuple(gates, callsOrNone).map((args) => steps.gate(...args)),
    fc.tuple(loggers, events, callsOrNone).map((args) => steps.logger(...args)),
    ordinals.map(steps.touch),
  ];
  const rare = [
    fc.tuple(reasons, signals).map((args) => steps.startWithSignal(...args)),
    fc.tuple(observerEnds, states, callsOrNone).map((args) => steps.subscribe(...args)),
    ordinals.map(steps.unsubscribe),
    fc.tuple(ordinals, ways).map((args) => steps.unregister(...args)),
    fc.constant(steps.unregisterCurrent()),
    fc.constant(steps.whenIdle()),
    fc.tuple(reasons, workEnds, callsOrNone).map((args) => steps.run(...args)),
  ];
  const last = fc.oneof(
    { arbitrary: fc.oneof(...rare), weight: 6 },
    { arbitrary: signals.map(steps.abort), weight: 3 },
    { arbitrary: fc.constant(steps.runCleanups()), weight: 1 },
    { arbitrary: ways.map(steps.dispose), weight: 1 },
  );
  return fc.commands([...common, ...common, ...rare, last, ...Array.from({ length: 8 }, () => advance)], {
    maxCommands: 150,
    size: 'max',
    // It would end up in the printed code, which repeats the sequence by itself.
    disableReplayLog: true,
  });
}

function scriptsFor(durations: fc.Arbitrary<number>): fc.Arbitrary<Outcome & { calls?: Call[] }> {
  const outcomes = fc.oneof(
    fc.constantFrom<Outcome>({ kind: 'return' }, { kind: 'return NOT_SENT' }, { kind: 'hang' }),
    fc.record({ kind: fc.constant('reject when aborted' as const), abortCalls: callsOrNone }),
    fc.record({ kind: fc.constant('throw' as const), failure: failures }),
    fc.record({ kind: fc.constantFrom('resolve' as const, 'resolve to NOT_SENT' as const), afterMs: durations }),
    fc.record({ kind: fc.constant('reject' as const), afterMs: durations, failure: failures }),
  );
  const reentrant = fc.tuple(outcomes, calls).map(([outcome, made]) => ({ ...outcome, calls: made }));
  return fc.oneof({ arbitrary: outcomes, weight: 3 }, { arbitrary: reentrant, weight: 1 });
}

function durationsFor({ options, fractions = [] }: Setup): fc.Arbitrary<number> {
  const { intervalMs = 30_000, idleAfterMs = intervalMs, sendTimeoutMs = intervalMs / 3 } = options;
  const { maxActivityMs = 0, maxSilenceMs = 0 } = options;
  const deadlines = [intervalMs, idleAfterMs, sendTimeoutMs, maxActivityMs, maxSilenceMs, intervalMs / 2];
  const near = [...deadlines, intervalMs / 10].flatMap((ms) => {
    return [Math.floor(ms), Math.ceil(ms), Math.floor(ms) + 1, Math.floor(ms) - 1];
  });
  const far = [2 * intervalMs, 3 * intervalMs, intervalMs + idleAfterMs, 3 * intervalMs + 1].map(Math.floor);
  const all = new Set([0, 1, 2, ...near, ...far].filter((ms) => ms >= 0));
  return fc.constantFrom(...all, ...fractions, ...fractions);
}
