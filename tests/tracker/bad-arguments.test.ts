import { describe, expect, it, jest } from '@jest/globals';
import { observeTracker } from '../support/observed-tracker.js';
import { thrownBy } from '../support/thrown-by.js';

const BAD_REASONS: [unknown, string][] = [
  [undefined, '`undefined`'],
  [null, '`null`'],
  ['', '`""` (string)'],
  [7, '`7` (number)'],
  [{}, 'a value of type object'],
];
const BAD_FUNCTIONS: [unknown, string][] = [
  [null, '`null`'],
  [undefined, '`undefined`'],
  ['ping', '`"ping"` (string)'],
  [{}, 'a value of type object'],
];

/** A tracker with work and a sender, and a check that nothing of it has changed. */
function untouched(): ReturnType<typeof observeTracker> & { expectUnchanged: () => void } {
  const kit = observeTracker();
  const before = kit.tracker.snapshot();
  return {
    ...kit,
    expectUnchanged: () => {
      expect(kit.tracker.snapshot()).toEqual(before);
      expect(kit.clock.pendingTimers).toBe(0);
      expect(kit.cleanup.size).toBe(0);
      expect(kit.log).toEqual([]);
    },
  };
}

describe('SessionActivityTracker', () => {
  describe('bad arguments', () => {
    it.each(BAD_REASONS)('start(%p) is a TypeError and counts nothing', (reason, shown) => {
      const { tracker, expectUnchanged } = untouched();
      const error = thrownBy(() => tracker.start(reason as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`reason\` to be a non-empty string, got ${shown}`);
      expectUnchanged();
    });

    it.each(BAD_REASONS)('stop(%p) is a TypeError and logs nothing', (reason, shown) => {
      const { tracker, expectUnchanged } = untouched();
      const error = thrownBy(() => {
        tracker.stop(reason as never);
      });
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`reason\` to be a non-empty string, got ${shown}`);
      expectUnchanged();
    });

    it.each(BAD_REASONS)('run(%p, work) is a TypeError and does not call work', (reason, shown) => {
      const { tracker, expectUnchanged } = untouched();
      const work = jest.fn();
      const error = thrownBy(() => tracker.run(reason as never, work));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`reason\` to be a non-empty string, got ${shown}`);
      expect(work).not.toHaveBeenCalled();
      expectUnchanged();
    });

    it.each(BAD_FUNCTIONS)('run(reason, %p) is a TypeError and counts nothing', (work, shown) => {
      const { tracker, expectUnchanged } = untouched();
      const error = thrownBy(() => tracker.run('api_call', work as () => void));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`work\` to be a function, got ${shown}`);
      expectUnchanged();
    });

    it.each(BAD_FUNCTIONS)('registerCallback(%p) is a TypeError and registers nothing', (send, shown) => {
      const { tracker, expectUnchanged } = untouched();
      const error = thrownBy(() => tracker.registerCallback(send as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`send\` to be a function, got ${shown}`);
      expectUnchanged();
    });

    it('registerCallback(null) leaves the sender that is registered', () => {
      const { tracker, send, sends } = observeTracker();
      tracker.registerCallback(send);
      expect(() => tracker.registerCallback(null as never)).toThrow(TypeError);
      tracker.sendSignal();
      expect(sends).toHaveLength(1);
    });

    const BAD_OPTIONS: [unknown, string][] = [
      [null, 'Expected `options` to be an object, got `null`'],
      [7, 'Expected `options` to be an object, got `7` (number)'],
      [{ sgnal: 1 }, 'Expected `options` to have no properties but signal, got `sgnal`'],
      [AbortSignal.abort(), 'Expected `options` to have no properties but signal, got `aborted`'],
      [[], 'Expected `options` to be an object, got a value of type object'],
      [{ signal: null }, 'Expected `signal` to be an AbortSignal, got `null`'],
      [{ signal: 'abort' }, 'Expected `signal` to be an AbortSignal, got `"abort"` (string)'],
      [
        { signal: { addEventListener: () => undefined } },
        'Expected `signal` to be an AbortSignal, got a value of type object',
      ],
      [{ signal: { aborted: false } }, 'Expected `signal` to be an AbortSignal, got a value of type object'],
    ];

    it.each(BAD_OPTIONS)('start(reason, %p) is a TypeError and counts nothing', (options, message) => {
      const { tracker, expectUnchanged } = untouched();
      expect(() => tracker.start('api_call', options as never)).toThrow(new TypeError(message));
      expectUnchanged();
    });

    it.each(BAD_OPTIONS)('whenIdle(%p) rejects with a TypeError, even while work runs', async (options, message) => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      await expect(tracker.whenIdle(options as never)).rejects.toThrow(new TypeError(message));
    });
  });
});
