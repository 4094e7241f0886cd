import { describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/testing/index.js';
import { createRecordingClock } from './recording-clock.js';

describe('ManualClock', () => {
  describe('advance', () => {
    it('fires in order of time also what was set again for a later time than another', () => {
      const clock = new ManualClock();
      const fired: string[] = [];
      const moved = clock.createTimer(() => fired.push('moved'));
      moved.schedule(5);
      clock.createTimer(() => fired.push('other')).schedule(20);
      moved.schedule(10);
      clock.advance(30);
      expect(fired).toEqual(['moved', 'other']);
    });

    it('moves time by what it is told, from 0', () => {
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
});
