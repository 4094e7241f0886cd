import { assertKnownNames, invalid } from '../validate.js';

/** The options of a tracker. All durations are milliseconds, finite and from 1 to 2 147 483 647. */
export interface TrackerOptions {
  /**
   * Time between heartbeats while work runs, in ms.
   *
   * @default 30_000
   */
  readonly intervalMs?: number | undefined;

  /**
   * Silence after the last stop before the idle event, in ms.
   *
   * @default `intervalMs`
   */
  readonly idleAfterMs?: number | undefined;

  /**
   * `'restart'`: work that resumes waits a full interval for its first heartbeat. `'steady'`: a pause shorter than
   * the idle time does not restart the rhythm.
   *
   * @default 'restart'
   */
  readonly cadence?: 'restart' | 'steady' | undefined;

  /**
   * 0 to 1: the first heartbeat of a run comes earlier by a random part of this share of the interval.
   *
   * @default 0
   */
  readonly jitter?: number | undefined;

  /**
   * How long one asynchronous send may take, in ms; at most `intervalMs`. The send of a heartbeat that is not late is
   * over by the next heartbeat in any case.
   *
   * @default `intervalMs / 3`, at least 1
   */
  readonly sendTimeoutMs?: number | undefined;

  /**
   * An activity older than this no longer justifies a keep-alive, in ms.
   *
   * @default none
   */
  readonly maxActivityMs?: number | undefined;
}

/** Options with every default filled in. `maxActivityMs` is `Infinity` when there is none. */
export type ResolvedOptions = { readonly [Name in keyof TrackerOptions]-?: NonNullable<TrackerOptions[Name]> };

/** The longest delay a Node timer takes: a longer one fires after 1 ms. */
const MAX_DURATION_MS = 2_147_483_647;

const CADENCES = ['restart', 'steady'] as const;

const NAMES: readonly (keyof TrackerOptions)[] = [
  'intervalMs',
  'idleAfterMs',
  'cadence',
  'jitter',
  'sendTimeoutMs',
  'maxActivityMs',
];

/**
 * Checks options and fills in the defaults. An option that is `undefined` counts as left out.
 *
 * @throws TypeError for an unknown name or a value of the wrong type.
 * @throws RangeError for a value out of range.
 */
export function resolveOptions(options: TrackerOptions = {}): ResolvedOptions {
  assertKnownNames('options', options, NAMES);
  return NAMES.every((name) => options[name] === undefined) ? DEFAULTS : withDefaults(options);
}

/** Shared by all trackers that leave the options alone. */
const DEFAULTS = withDefaults({});

function withDefaults(options: TrackerOptions): ResolvedOptions {
  const intervalMs = duration('intervalMs', options.intervalMs, 30_000);
  return {
    intervalMs,
    idleAfterMs: duration('idleAfterMs', options.idleAfterMs, intervalMs),
    cadence: cadence(options.cadence),
    jitter: within('jitter', options.jitter, 0, 0, 1, 'a number from 0 to 1'),
    sendTimeoutMs: duration('sendTimeoutMs', options.sendTimeoutMs, Math.max(1, intervalMs / 3), intervalMs),
    maxActivityMs: duration('maxActivityMs', options.maxActivityMs, Infinity),
  };
}

function duration(name: string, given: unknown, fallback: number, longest = MAX_DURATION_MS): number {
  return within(name, given, fallback, 1, longest, `a number of milliseconds from 1 to ${String(longest)}`);
}

function within(name: string, given: unknown, fallback: number, from: number, to: number, expected: string): number {
  if (given === undefined) return fallback;
  if (typeof given !== 'number') throw invalid(TypeError, name, expected, given);
  // Written so that NaN fails it.
  if (!(given >= from && given <= to)) throw invalid(RangeError, name, expected, given);
  return given;
}

function cadence(given: unknown): 'restart' | 'steady' {
  if (given === undefined) return 'restart';
  const known = CADENCES.find((each) => each === given);
  if (known === undefined) {
    throw invalid(typeof given === 'string' ? RangeError : TypeError, 'cadence', "'restart' or 'steady'", given);
  }
  return known;
}
