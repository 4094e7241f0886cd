/** @jest-environment jsdom */
import { describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '../../src/index.js';
import { createClockedTracker } from './clocked-tracker.js';

describe('SystemClock', () => {
  describe('in jsdom, where timers are numbers', () => {
    it('runs the work, leaves nothing counted and beats meanwhile', async () => {
      expect(typeof setTimeout(() => undefined, 0)).toBe('number');
      const { tracker, beat } = createClockedTracker(10);
      await tracker.run('tool_exec', () => beat());
      await tracker.run('tool_exec', () => beat());
      expect(tracker.snapshot().refcount).toBe(0);
      tracker.dispose();
    });

    it('cancels for good', async () => {
      const onFire = jest.fn();
      const clock = new SystemClock();
      const timer = clock.createTimer(onFire);
      timer.schedule(1);
      timer.schedule(2);
      timer.cancel();
      await new Promise<void>((resolve) => {
        clock.createTimer(resolve).schedule(5);
      });
      expect(onFire).not.toHaveBeenCalled();
    });

    it('beats under fake timers', () => {
      jest.useFakeTimers({ doNotFake: ['performance'] });
      const { tracker, send } = createClockedTracker(30_000);
      tracker.start('tool_exec');
      jest.advanceTimersByTime(300_000);
      jest.useRealTimers();
      expect(send).toHaveBeenCalledTimes(10);
      tracker.dispose();
    });
  });
});
