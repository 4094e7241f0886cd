import { describe, expect, it } from '@jest/globals';
import { type Clock, SessionActivityTracker } from '../../src/index.js';
import {
  createTestTracker,
  ManualCleanupRegistry,
  ManualClock,
  RecordingDiagnosticsLogger,
  SwitchableKeepaliveGate,
} from '../../src/testing/index.js';
import { resolveOptions } from '../../src/tracker/options.js';
import { thrownBy } from '../support/thrown-by.js';

const DURATIONS = ['intervalMs', 'idleAfterMs', 'sendTimeoutMs', 'maxActivityMs', 'maxSilenceMs'] as const;
const LONGEST_MS = 2_147_483_647;
const PORTS = ['clock', 'diagnostics', 'gate', 'cleanup'] as const;

/** Constructs a tracker that must not come to be, and shows that its ports were left alone. */
function refusalOf(options: unknown): unknown {
  let timers = 0;
  const clock: Clock = {
    now: () => 0,
    createTimer: () => {
      timers++;
      return { schedule: () => undefined, cancel: () => undefined };
    },
  };
  const diagnostics = new RecordingDiagnosticsLogger();
  const cleanup = new ManualCleanupRegistry();
  const error = thrownBy(
    () => new SessionActivityTracker(clock, diagnostics, new SwitchableKeepaliveGate(), cleanup, options as never),
  );
  expect({ timers, cleanups: cleanup.size, events: diagnostics.events }).toEqual({
    timers: 0,
    cleanups: 0,
    events: [],
  });
  return error;
}

describe('options', () => {
  describe('defaults', () => {
    it('fill in what is left out', () => {
      expect(resolveOptions({})).toEqual({
        intervalMs: 30_000,
        idleAfterMs: 30_000,
        cadence: 'restart',
        jitter: 0,
        sendTimeoutMs: 10_000,
        maxActivityMs: Infinity,
        maxSilenceMs: Infinity,
        trace: false,
      });
    });

    it('fill in an option that is undefined', () => {
      const left = { intervalMs: undefined, cadence: undefined, jitter: undefined } as never;
      expect(resolveOptions(left)).toEqual(resolveOptions({}));
    });

    it('derive idleAfterMs and sendTimeoutMs from intervalMs, the latter at least 1', () => {
      expect(resolveOptions({ intervalMs: 900 })).toMatchObject({ idleAfterMs: 900, sendTimeoutMs: 300 });
      expect(resolveOptions({ intervalMs: 2 })).toMatchObject({ idleAfterMs: 2, sendTimeoutMs: 1 });
    });

    it('are shared by all trackers that leave the options alone', () => {
      expect(resolveOptions({ intervalMs: undefined })).toBe(resolveOptions());
      expect(resolveOptions({ intervalMs: 30_000 })).not.toBe(resolveOptions());
    });

    it('do not replace an option that is inherited, which is checked', () => {
      class Host {
        get intervalMs(): number {
          return -1;
        }
      }
      expect(refusalOf(new Host())).toHaveProperty(
        'message',
        'Expected `intervalMs` to be a number of milliseconds from 1 to 2147483647, got `-1` (number)',
      );
    });

    it('make the options of the constructor optional', () => {
      expect(createTestTracker().tracker.snapshot().refcount).toBe(0);
    });
  });

  describe('bounds', () => {
    it.each(DURATIONS)('let %s be 1 and 2 147 483 647', (name) => {
      expect(resolveOptions({ intervalMs: LONGEST_MS, [name]: LONGEST_MS })[name]).toBe(LONGEST_MS);
      expect(resolveOptions({ [name]: 1 })[name]).toBe(1);
    });

    it('let sendTimeoutMs be as long as intervalMs', () => {
      expect(resolveOptions({ intervalMs: 50, sendTimeoutMs: 50 }).sendTimeoutMs).toBe(50);
    });

    it.each([0, 1])('let jitter be %p', (jitter) => {
      expect(resolveOptions({ jitter }).jitter).toBe(jitter);
    });

    it.each(['restart', 'steady'] as const)('let cadence be %p', (cadence) => {
      expect(resolveOptions({ cadence }).cadence).toBe(cadence);
    });

    it.each([false, true])('let trace be %p', (trace) => {
      expect(resolveOptions({ trace }).trace).toBe(trace);
    });
  });

  describe('bad values', () => {
    const bound = 'a number of milliseconds from 1 to 2147483647';
    const share = 'a number from 0 to 1';
    const cadence = "'restart' or 'steady'";

    it.each(
      DURATIONS.filter((name) => name !== 'sendTimeoutMs').flatMap((name): [string, unknown, string][] =>
        [0, -1, 0.4, NaN, Infinity, -Infinity, 2 ** 31].map((given) => [name, given, String(given)]),
      ),
    )('throw a RangeError for %s: %p that names option, expectation and value', (name, given, shown) => {
      const error = refusalOf({ [name]: given });
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toHaveProperty('message', `Expected \`${name}\` to be ${bound}, got \`${shown}\` (number)`);
    });

    it.each(
      DURATIONS.flatMap((name): [string, unknown, string][] => [
        [name, '30000', '`"30000"` (string)'],
        [name, null, '`null`'],
        [name, true, '`true` (boolean)'],
        [name, 30n, '`30` (bigint)'],
        [name, Symbol('x'), '`Symbol(x)` (symbol)'],
        [name, {}, 'a value of type object'],
        [name, () => 1, 'a value of type function'],
      ]),
    )('throw a TypeError for %s: %p that names option, expectation and value', (name, given, shown) => {
      const error = refusalOf({ [name]: given });
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', expect.stringContaining(`Expected \`${name}\` to be a number of`));
      expect(error).toHaveProperty('message', expect.stringContaining(`got ${shown}`));
    });

    it.each([
      [{ intervalMs: 100, sendTimeoutMs: 101 }, 'sendTimeoutMs', bound.replace('2147483647', '100'), '`101` (number)'],
      [{ intervalMs: 100, sendTimeoutMs: 0 }, 'sendTimeoutMs', bound.replace('2147483647', '100'), '`0` (number)'],
      [{ sendTimeoutMs: NaN }, 'sendTimeoutMs', bound.replace('2147483647', '30000'), '`NaN` (number)'],
      [{ jitter: 1.1 }, 'jitter', share, '`1.1` (number)'],
      [{ jitter: -0.1 }, 'jitter', share, '`-0.1` (number)'],
      [{ jitter: NaN }, 'jitter', share, '`NaN` (number)'],
      [{ cadence: 'other' }, 'cadence', cadence, '`"other"` (string)'],
    ])('throw a RangeError for %p', (options, name, expected, shown) => {
      const error = refusalOf(options);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toHaveProperty('message', `Expected \`${name}\` to be ${expected}, got ${shown}`);
    });

    it.each([
      [{ jitter: '0.1' }, 'jitter', share, '`"0.1"` (string)'],
      [{ trace: 1 }, 'trace', 'a boolean', '`1` (number)'],
      [{ cadence: 1 }, 'cadence', cadence, '`1` (number)'],
      [{ cadence: null }, 'cadence', cadence, '`null`'],
      [null, 'options', 'an object', '`null`'],
      [7, 'options', 'an object', '`7` (number)'],
    ])('throw a TypeError for %p', (options, name, expected, shown) => {
      const error = refusalOf(options);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`${name}\` to be ${expected}, got ${shown}`);
    });

    it('throw a TypeError for an unknown option that names it and the known ones', () => {
      const error = refusalOf({ interval: 1000 });
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        'Expected `options` to have no properties but intervalMs, idleAfterMs, cadence, jitter, ' +
          'sendTimeoutMs, maxActivityMs, maxSilenceMs, trace, got `interval`',
      );
    });

    it('do not include what somebody has added to every object', () => {
      Object.assign(Object.prototype, { polluted: true });
      let intervalMs: number | undefined;
      try {
        ({ intervalMs } = resolveOptions({ intervalMs: 1000 }));
      } finally {
        Reflect.deleteProperty(Object.prototype, 'polluted');
      }
      expect(intervalMs).toBe(1000);
    });

    it('are never called, not even to name them', () => {
      const hostile = {
        toString: () => {
          throw new Error('called');
        },
      };
      expect(refusalOf({ intervalMs: hostile })).toBeInstanceOf(TypeError);
    });
  });

  describe('ports', () => {
    it.each(PORTS.flatMap((name) => [undefined, null, 7, {}].map((given): [string, unknown] => [name, given])))(
      'cause a TypeError for a %s that is %p, which names the port and its methods',
      (name, given) => {
        const { clock, diagnostics, gate, cleanup } = createTestTracker();
        const ports: Record<string, unknown> = { clock, diagnostics, gate, cleanup, [name]: given };
        const [first, second, third, fourth] = PORTS.map((port) => ports[port] as never);
        const error = thrownBy(
          () => new SessionActivityTracker(first as never, second as never, third as never, fourth as never),
        );
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toHaveProperty(
          'message',
          expect.stringContaining(`Expected \`${name}\` to be an object with the methods `),
        );
        expect(cleanup.size).toBe(0);
        expect(clock.pendingTimers).toBe(0);
      },
    );

    it('cause a TypeError for a clock that lacks one of its two methods', () => {
      const half = { now: () => 0 } as never;
      const { diagnostics, gate, cleanup } = createTestTracker();
      expect(() => new SessionActivityTracker(half, diagnostics, gate, cleanup)).toThrow('now, createTimer');
    });

    it('may have inherited methods', () => {
      class Inherited extends ManualClock {}
      const { diagnostics, gate, cleanup } = createTestTracker();
      expect(new SessionActivityTracker(new Inherited(), diagnostics, gate, cleanup).isTrackingActive).toBe(false);
    });
  });
});
