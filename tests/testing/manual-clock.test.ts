import { describe, expect, it, jest } from '@jest/globals';
import { createTestTracker, ManualClock } from '../../src/testing/index.js';

/** A clock whose named timers record name and time when they fire. */
function createRecordingClock(): {
  clock: ManualClock;
  fired: [name: string, atMs: number][];
  schedule: (name: string, delayMs: number) => void;
} {
  const clock = new ManualClock();
  const fired: [string, number][] = [];
  const schedule = (name: string, delayMs: number): void => {
    clock.createTimer(() => fired.push([name, clock.now()])).schedule(delayMs);
  };
  return { clock, fired, schedule };
}

/** Waits for a chain of that many promises. */
async function chain(length: number): Promise<void> {
  for (let i = 0; i < length; i++) await Promise.resolve();
}

describe('ManualClock', () => {
  describe('advance', () => {
    it('fires a timer that was rescheduled for later at its new time, in order', () => {
      const clock = new ManualClock();
      const fired: string[] = [];
      const moved = clock.createTimer(() => fired.push('moved'));
      moved.schedule(5);
      clock.createTimer(() => fired.push('other')).schedule(20);
      moved.schedule(10);
      clock.advance(30);
      expect(fired).toEqual(['moved', 'other']);
    });

    it('moves time forward from 0', () => {
      const clock = new ManualClock();
      expect(clock.now()).toBe(0);
      clock.advance(1500);
      clock.advance(0.5);
      expect(clock.now()).toBe(1500.5);
    });

    it('fires in order of time, each timer at its own', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('c', 30);
      schedule('a', 10);
      schedule('b', 20);
      clock.advance(30);
      expect(fired).toEqual([
        ['a', 10],
        ['b', 20],
        ['c', 30],
      ]);
      expect(clock.now()).toBe(30);
    });

    it('fires what is due at the same time in the order in which it was scheduled', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('a', 20);
      clock.advance(10);
      schedule('b', 10);
      schedule('c', 10);
      clock.advance(10);
      expect(fired.map(([name]) => name)).toEqual(['a', 'b', 'c']);
    });

    it('counts a timer that is scheduled again as scheduled last', () => {
      const clock = new ManualClock();
      const fired: string[] = [];
      const a = clock.createTimer(() => fired.push('a'));
      const b = clock.createTimer(() => fired.push('b'));
      a.schedule(10);
      b.schedule(10);
      a.schedule(10);
      clock.advance(10);
      expect(fired).toEqual(['b', 'a']);
    });

    it('fires neither what is due later nor what fired already', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('a', 10);
      schedule('b', 11);
      clock.advance(10);
      clock.advance(0);
      expect(fired).toEqual([['a', 10]]);
    });

    it('fires a timer of 0 ms at the next advance, even of 0', () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('a', 0);
      expect(fired).toEqual([]);
      clock.advance(0);
      expect(fired).toEqual([['a', 0]]);
    });

    it('takes a negative delay for 0', () => {
      const { clock, fired, schedule } = createRecordingClock();
      clock.advance(10);
      schedule('a', 0);
      schedule('b', -5);
      clock.advance(0);
      expect(fired).toEqual([
        ['a', 10],
        ['b', 10],
      ]);
    });

    it('fires timers that callbacks schedule, as far as they fall due', () => {
      const clock = new ManualClock();
      const firedAtMs: number[] = [];
      const timer = clock.createTimer(() => {
        firedAtMs.push(clock.now());
        timer.schedule(10);
      });
      timer.schedule(10);
      clock.advance(35);
      expect(firedAtMs).toEqual([10, 20, 30]);
      expect(clock.pendingTimers).toBe(1);
    });

    it('does not fire what a callback cancels', () => {
      const { clock, fired, schedule } = createRecordingClock();
      const cancelled = jest.fn();
      const timer = clock.createTimer(cancelled);
      clock
        .createTimer(() => {
          timer.cancel();
        })
        .schedule(5);
      timer.schedule(5);
      schedule('after', 5);
      clock.advance(5);
      expect(cancelled).not.toHaveBeenCalled();
      expect(fired).toEqual([['after', 5]]);
    });

    it('may be called from a callback, and time still never goes back', () => {
      const { clock, fired, schedule } = createRecordingClock();
      clock
        .createTimer(() => {
          clock.advance(100);
        })
        .schedule(10);
      schedule('b', 50);
      clock.advance(20);
      expect(fired).toEqual([['b', 50]]);
      expect(clock.now()).toBe(110);
    });

    it('lets an error of a callback out and can go on afterwards', () => {
      const { clock, fired, schedule } = createRecordingClock();
      clock
        .createTimer(() => {
          throw new Error('from the callback');
        })
        .schedule(5);
      schedule('b', 10);
      expect(() => clock.advance(20)).toThrow('from the callback');
      expect(clock.now()).toBe(5);
      clock.advance(5);
      expect(fired).toEqual([['b', 10]]);
    });
  });

  describe('pendingTimers', () => {
    it('counts the timers that are scheduled and have not fired', () => {
      const clock = new ManualClock();
      const timers = [clock.createTimer(jest.fn()), clock.createTimer(jest.fn()), clock.createTimer(jest.fn())];
      expect(clock.pendingTimers).toBe(0);
      for (const [index, timer] of timers.entries()) timer.schedule(10 * (index + 1));
      expect(clock.pendingTimers).toBe(3);
      timers[0]?.schedule(15);
      expect(clock.pendingTimers).toBe(3);
      timers[2]?.cancel();
      timers[2]?.cancel();
      expect(clock.pendingTimers).toBe(2);
      clock.advance(15);
      expect(clock.pendingTimers).toBe(1);
      clock.advance(5);
      expect(clock.pendingTimers).toBe(0);
    });

    it('does not count a timer while its callback runs', () => {
      const clock = new ManualClock();
      const pending: number[] = [];
      clock.createTimer(() => pending.push(clock.pendingTimers)).schedule(1);
      clock.advance(1);
      expect(pending).toEqual([0]);
    });
  });

  describe('advanceAsync', () => {
    it('fires in order of time, each timer at its own, and ends at the end', async () => {
      const { clock, fired, schedule } = createRecordingClock();
      schedule('b', 20);
      schedule('a', 10);
      schedule('c', 31);
      await clock.advanceAsync(30);
      expect(fired).toEqual([
        ['a', 10],
        ['b', 20],
      ]);
      expect(clock.now()).toBe(30);
    });

    it.each([1, 900])('lets a chain of %i promises settle between timers', async (length) => {
      const { clock, fired, schedule } = createRecordingClock();
      clock.createTimer(() => void chain(length).then(() => fired.push(['settled', clock.now()]))).schedule(10);
      schedule('next', 11);
      await clock.advanceAsync(20);
      expect(fired).toEqual([
        ['settled', 10],
        ['next', 11],
      ]);
    });

    it('fires what promises schedule, before the first timer and after the last one', async () => {
      const { clock, fired, schedule } = createRecordingClock();
      void chain(3).then(() => schedule('before', 5));
      clock.createTimer(() => void chain(3).then(() => schedule('after', 10))).schedule(10);
      await clock.advanceAsync(20);
      expect(fired).toEqual([
        ['before', 5],
        ['after', 20],
      ]);
    });

    it('lets promises settle though nothing is due', async () => {
      const settled = jest.fn();
      void chain(900).then(settled);
      await new ManualClock().advanceAsync(0);
      expect(settled).toHaveBeenCalledTimes(1);
    });

    it('works under fake timers', async () => {
      jest.useFakeTimers();
      const { clock, fired, schedule } = createRecordingClock();
      schedule('a', 10);
      await clock.advanceAsync(10);
      jest.useRealTimers();
      expect(fired).toEqual([['a', 10]]);
    });

    it('gives an asynchronous sender its answer before the next heartbeat', async () => {
      const { tracker, clock } = createTestTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(() => chain(10));
      tracker.start('api_call');
      await clock.advanceAsync(5000);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 5, failed: 0, skipped: 0 });
    });

    it('rejects with what a callback throws, and can go on afterwards', async () => {
      const { clock, fired, schedule } = createRecordingClock();
      clock
        .createTimer(() => {
          throw new Error('from the callback');
        })
        .schedule(5);
      schedule('b', 10);
      await expect(clock.advanceAsync(20)).rejects.toThrow('from the callback');
      expect(clock.now()).toBe(5);
      await clock.advanceAsync(5);
      expect(fired).toEqual([['b', 10]]);
    });

    it.each([-1, NaN, Infinity])('rejects for %p ms and does not move', async (ms) => {
      const clock = new ManualClock();
      await expect(clock.advanceAsync(ms)).rejects.toThrow(RangeError);
      await expect(clock.advanceAsync('5' as never)).rejects.toThrow(TypeError);
      expect(clock.now()).toBe(0);
    });
  });

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
    it.each(['advance', 'stall'] as const)('never moves back, and rejects what is not a number: %s', (move) => {
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
