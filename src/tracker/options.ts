import type { InjectionToken } from 'tsyringe';
import { assertDuration, assertKnownNames, assertWithin, invalid } from '../validate.js';

/** The options of a tracker. All durations are milliseconds, finite and from 1 to 2 147 483 647. */
export interface TrackerOptions {
  /**
   * Time between heartbeats while work runs, in ms.
   *
   * @default 30_000
   */
  readonly intervalMs?: number | undefined;

  /**
   * Time from the last stop to the idle event, if no work begins meanwhile, in ms.
   *
   * @default `intervalMs`
   */
  readonly idleAfterMs?: number | undefined;

  /**
   * When the first heartbeat of a busy period is due. `'restart'`: one interval after work resumed, so work that always
   * ends sooner never beats. `'steady'`: one interval after the last heartbeat over this sender, or at once if that
   * has passed or there was none, so that the transport is never silent for longer than an interval while work runs.
   *
   * @default 'restart'
   */
  readonly cadence?: 'restart' | 'steady' | undefined;

  /**
   * 0 to 1: each time the heartbeat starts anew, its first interval is shortened by a random part of this share.
   *
   * @default 0
   */
  readonly jitter?: number | undefined;

  /**
   * How long one asynchronous send may take, in ms; at most `intervalMs`. In any case, a heartbeat's send is given up
   * when the next heartbeat comes on time.
   *
   * @default `intervalMs / 3`, at least 1
   */
  readonly sendTimeoutMs?: number | undefined;

  /**
   * An activity that has run for longer than this no longer justifies a keep-alive, in ms.
   *
   * @default none
   */
  readonly maxActivityMs?: number | undefined;

  /**
   * An activity that shows its progress (a tracked stream, or one that was ever touched) and has shown none for longer
   * than this no longer justifies a keep-alive, in ms. An activity that never showed any is not affected.
   *
   * @default none
   */
  readonly maxSilenceMs?: number | undefined;

  /**
   * Also log each start, stop and successful send, and each sender that is registered or removed, at debug level.
   *
   * @default false
   */
  readonly trace?: boolean | undefined;
}

/** The container's token for {@link TrackerOptions}. A registered symbol, so that two copies of this package agree. */
export const TRACKER_OPTIONS: InjectionToken<TrackerOptions> = Symbol.for('session-activity-tracker/tracker-options');

/** Options with every default filled in. A limit that is not set is `Infinity`. */
export type ResolvedOptions = { readonly [Name in keyof TrackerOptions]-?: NonNullable<TrackerOptions[Name]> };

const CADENCES = ['restart', 'steady'] as const;

const NAMES: readonly (keyof TrackerOptions)[] = [
  'intervalMs',
  'idleAfterMs',
  'cadence',
  'jitter',
  'sendTimeoutMs',
  'maxActivityMs',
  'maxSilenceMs',
  'trace',
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
    jitter: jitter(options.jitter),
    sendTimeoutMs: duration('sendTimeoutMs', options.sendTimeoutMs, Math.max(1, intervalMs / 3), intervalMs),
    maxActivityMs: duration('maxActivityMs', options.maxActivityMs, Infinity),
    maxSilenceMs: duration('maxSilenceMs', options.maxSilenceMs, Infinity),
    trace: flag('trace', options.trace),
  };
}

function duration(name: string, given: unknown, fallback: number, longest?: number): number {
  if (given === undefined) return fallback;
  assertDuration(name, given, longest);
  return given;
}

function jitter(given: unknown): number {
  if (given === undefined) return 0;
  assertWithin('jitter', given, 0, 1, 'a number from 0 to 1');
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

function flag(name: string, given: unknown): boolean {
  if (given === undefined) return false;
  if (typeof given !== 'boolean') throw invalid(TypeError, name, 'a boolean', given);
  return given;
}
