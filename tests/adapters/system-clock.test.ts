import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NullDiagnosticsLogger, SessionActivityTracker, StaticKeepaliveGate, SystemClock } from '../../src/index.js';
import { ManualCleanupRegistry } from '../../src/testing/index.js';

const LONGEST_DELAY_MS = 2_147_483_647;

describe('SystemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  describe("under jest's fake timers", () => {
    it('reads the replaced `performance`', () => {
      const clock = new SystemClock();
      const beforeMs = clock.now();
      jest.advanceTimersByTime(1234);
      expect(clock.now() - beforeMs).toBe(1234);
    });

    it('arms the replaced `setTimeout`, also with a clock made before', () => {
      jest.useRealTimers();
      const onFire = jest.fn();
      const timer = new SystemClock().createTimer(onFire);
      jest.useFakeTimers();
      timer.schedule(1000);
      jest.advanceTimersByTime(999);
      expect(onFire).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(onFire).toHaveBeenCalledTimes(1);
    });

    it('leaves no timer pending after a cancel', () => {
      const timer = new SystemClock().createTimer(jest.fn());
      timer.schedule(1000);
      timer.schedule(2000);
      expect(jest.getTimerCount()).toBe(1);
      timer.cancel();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('is cancelled for good, also where the fake timer could not be cleared', () => {
      const onFire = jest.fn();
      const timer = new SystemClock().createTimer(onFire);
      timer.schedule(5);
      jest.spyOn(globalThis, 'clearTimeout').mockReturnValue(undefined);
      timer.cancel();
      expect(() => jest.advanceTimersByTime(5)).not.toThrow();
      expect(onFire).not.toHaveBeenCalled();
    });

    it('drives a tracker', () => {
      const send = jest.fn();
      const tracker = new SessionActivityTracker(
        new SystemClock(),
        new NullDiagnosticsLogger(),
        new StaticKeepaliveGate(true),
        new ManualCleanupRegistry(),
      );
      tracker.registerCallback(send);
      tracker.start('tool_exec');
      jest.advanceTimersByTime(29_999);
      expect(send).not.toHaveBeenCalled();
      jest.advanceTimersByTime(60_001);
      expect(send).toHaveBeenCalledTimes(3);
      tracker.dispose();
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('now', () => {
    it('is `performance.now()` while timers are real', () => {
      jest.useRealTimers();
      const clock = new SystemClock();
      const readings = [performance.now(), clock.now(), performance.now()];
      expect(readings).toEqual([...readings].sort((a, b) => a - b));
      jest.spyOn(performance, 'now').mockReturnValueOnce(1234.5);
      expect(clock.now()).toBe(1234.5);
    });

    it('does not move when the wall clock is set', () => {
      const clock = new SystemClock();
      const beforeMs = clock.now();
      jest.setSystemTime(0);
      expect(clock.now()).toBe(beforeMs);
    });
  });

  describe('a delay', () => {
    it('that is fractional is rounded up', () => {
      const onFire = jest.fn();
      const timer = new SystemClock().createTimer(onFire);
      timer.schedule(10.2);
      jest.advanceTimersByTime(10);
      expect(onFire).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(onFire).toHaveBeenCalledTimes(1);
    });

    it.each([LONGEST_DELAY_MS, LONGEST_DELAY_MS + 1, 1e12, Infinity])(
      'of %p ms fires after 2^31-1 ms, the longest that Node can wait, and not at once',
      (delayMs) => {
        const onFire = jest.fn();
        new SystemClock().createTimer(onFire).schedule(delayMs);
        jest.advanceTimersByTime(LONGEST_DELAY_MS - 1);
        expect(onFire).not.toHaveBeenCalled();
        jest.advanceTimersByTime(1);
        expect(onFire).toHaveBeenCalledTimes(1);
      },
    );
  });
});
