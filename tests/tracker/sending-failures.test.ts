import { describe, expect, it } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { FAILED, HEARTBEAT, observeTracker, RECOVERED } from '../support/observed-tracker.js';

function thrower(value: unknown): () => never {
  return () => {
    throw value as Error; // Anything may be thrown.
  };
}

const HOSTILE = {
  get code(): unknown {
    throw new Error('from the getter');
  },
};

/** What a sender throws or rejects with, and the code that is logged. */
const ERRORS: [string, unknown, string | null][] = [
  ['an error without a code', new Error('secret'), null],
  ['an error with a code', Object.assign(new Error('secret'), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['an object with a code', { code: 'E_2' }, 'E_2'],
  ['a code of one letter', { code: 'E' }, 'E'],
  ['a code of 64 characters', { code: 'E'.repeat(64) }, 'E'.repeat(64)],
  ['a code of 65 characters', { code: 'E'.repeat(65) }, null],
  ['a code in lower case', { code: 'econnreset' }, null],
  ['a code that begins with a digit', { code: '1E' }, null],
  ['a code that begins with an underscore', { code: '_E' }, null],
  ['a code that is a path', { code: 'E /home/me' }, null],
  ['a code with a line after it', { code: 'E\n' }, null],
  ['a code that is a number', { code: 401 }, null],
  ['a code that is an object', { code: { toString: () => 'EVIL' } }, null],
  ['a code whose getter throws', HOSTILE, null],
  ['undefined', undefined, null],
  ['null', null, null],
  ['a string', 'ECONNRESET', null],
  ['a symbol', Symbol('ECONNRESET'), null],
];

const FOREIGN: [string, () => unknown][] = [
  ['throws', thrower(new Error('thrown'))],
  ['rejects', () => Promise.reject(new Error('rejected'))],
  ['returns an object whose then getter throws', () => Object.defineProperty({}, 'then', { get: thrower('getter') })],
  ['returns a thenable whose then throws', () => ({ then: thrower('then') })],
  ['returns a thenable that rejects', () => ({ then: (_: unknown, reject: (reason: unknown) => void) => reject(1) })],
  [
    'returns a promise whose constructor getter throws',
    () => Object.defineProperty(Promise.resolve(), 'constructor', { get: thrower('constructor') }),
  ],
];

describe('SessionActivityTracker', () => {
  describe('failures of senders', () => {
    it.each(FOREIGN)('do not escape sendSignal when a sender %s', async (_, send) => {
      const { tracker, named } = observeTracker();
      tracker.registerCallback(send);
      expect(() => {
        tracker.sendSignal();
      }).not.toThrow();
      await eventLoopTurn();
      expect(named(FAILED)).toEqual([[0, 'warn', FAILED, { outcome: 'error', error_code: null }]]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 1, skipped: 0, withheld: 0, unsent: 0 });
    });

    it.each(FOREIGN)('do not stop the heartbeat when a sender %s', async (_, send) => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      for (let i = 0; i < 3; i++) {
        clock.advance(1000);
        await eventLoopTurn();
      }
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2000, 3000]);
      expect(timesOf(FAILED)).toEqual([1000]);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 0, failed: 3, skipped: 0 });
    });

    it.each(ERRORS)('log the outcome error and only a safe code: %s, thrown', (_, error, code) => {
      const { tracker, log } = observeTracker();
      tracker.registerCallback(thrower(error));
      tracker.sendSignal();
      expect(log).toEqual([[0, 'warn', FAILED, { outcome: 'error', error_code: code }]]);
    });

    it.each(ERRORS)('log the outcome error and only a safe code: %s, rejected', async (_, error, code) => {
      const { tracker, log } = observeTracker();
      const { promise, reject } = defer();
      tracker.registerCallback(() => promise);
      reject(error);
      tracker.sendSignal();
      await eventLoopTurn();
      expect(log).toEqual([[0, 'warn', FAILED, { outcome: 'error', error_code: code }]]);
    });

    it('do not include a thenable that resolves', async () => {
      const { tracker } = observeTracker();
      tracker.registerCallback(() => ({
        then: (resolve: () => void) => {
          resolve();
        },
      }));
      tracker.sendSignal();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives.sent).toBe(1);
    });

    it('include a thenable that resolves with a promise that rejects', async () => {
      const { tracker } = observeTracker();
      tracker.registerCallback(() => ({
        then: (resolve: (value: unknown) => void) => {
          resolve(Promise.reject(new Error('in the end')));
        },
      }));
      tracker.sendSignal();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 1, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('do not include a thenable that rejects after it resolved', async () => {
      const { tracker } = observeTracker();
      tracker.registerCallback(() => ({
        then: (resolve: () => void, reject: (reason: unknown) => void) => {
          resolve();
          reject(new Error('too late'));
          resolve();
        },
      }));
      tracker.sendSignal();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('are logged once in a row, with their number at the first success after it', () => {
      const { tracker, clock, log } = observeTracker();
      const answers = [true, false, false, false, true, true, false, true];
      tracker.registerCallback(() => {
        if (answers.shift() !== true) throw Object.assign(new Error('secret'), { code: 'EPIPE' });
      });
      while (answers.length > 0) {
        tracker.sendSignal();
        clock.advance(1);
      }
      expect(log).toEqual([
        [1, 'warn', FAILED, { outcome: 'error', error_code: 'EPIPE' }],
        [4, 'info', RECOVERED, { failures: 3 }],
        [6, 'warn', FAILED, { outcome: 'error', error_code: 'EPIPE' }],
        [7, 'info', RECOVERED, { failures: 1 }],
      ]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 4, failed: 4, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('include timeouts in the same row', async () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 10 });
      const answers = [() => Promise.reject(new Error('1')), () => new Promise(() => undefined), () => undefined];
      tracker.registerCallback(() => answers.shift()?.());
      tracker.sendSignal();
      await eventLoopTurn();
      tracker.sendSignal();
      clock.advance(10);
      tracker.sendSignal();
      expect(log).toEqual([
        [0, 'warn', FAILED, { outcome: 'error', error_code: null }],
        [10, 'info', RECOVERED, { failures: 2 }],
      ]);
    });
  });
});
