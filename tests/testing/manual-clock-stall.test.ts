import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../src/testing/index.js';
import { createRecordingClock } from './recording-clock.js';

describe('ManualClock', () => {
  describe('stall', () => {
    it('lets time pass without firing anything', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('a', 10);
      clock.stall(25);
      expect(clock.now()).toBe(25);
      expect(fired).toEqual([]);
      expect(clock.pendingTimers).toBe(1);
    });

    it('makes what fell due fire late at the next advance, in order of time and before the rest', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('c', 27);
      schedule('b', 20);
      schedule('a', 10);
      clock.stall(25);
      clock.advance(5);
      expect(fired).toEqual([
        ['a', 25],
        ['b', 25],
        ['c', 27],
      ]);
      expect(clock.now()).toBe(30);
    });

    it('is over with advance(0)', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('a', 10);
      clock.stall(25);
      clock.advance(0);
      expect(fired).toEqual([['a', 25]]);
    });
  });

  describe('time', () => {
    it.each(['advance', 'stall'] as const)('is not moved back, nor by what is no number: %s', (move) => {
      const clock = new ManualClock();
      clock.advance(10);
      for (const ms of [-1, -Infinity, NaN, Infinity]) {
        expect(() => clock[move](ms)).toThrow(
          new RangeError(
            `Expected \`ms\` to be a finite number of milliseconds, 0 or more, got \`${String(ms)}\` (number)`,
          ),
        );
      }
      expect(() => clock[move]('5' as never)).toThrow(
        new TypeError('Expected `ms` to be a finite number of milliseconds, 0 or more, got `"5"` (string)'),
      );
      expect(clock.now()).toBe(10);
    });
  });
});
