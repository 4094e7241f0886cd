import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { createClockedTracker } from './clocked-tracker.js';

const FAKES: [string, Parameters<typeof jest.useFakeTimers>[0]][] = [
  ["jest's modern fake timers", {}],
  ["jest's modern fake timers without `performance`", { doNotFake: ['performance'] }],
  ["jest's modern fake timers without anything but `setTimeout`", { doNotFake: ['performance', 'clearTimeout'] }],
  ["jest's legacy fake timers", { legacyFakeTimers: true }],
];

describe('SystemClock', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  describe.each(FAKES)('under %s', (_, options) => {
    it('beats through an hour, advanced in steps or at once', () => {
      jest.useFakeTimers(options);
      const { tracker, send } = createClockedTracker(30_000);
      tracker.start('tool_exec');
      for (let i = 0; i < 1800; i++) jest.advanceTimersByTime(1000);
      jest.advanceTimersByTime(1_800_000);
      expect(send).toHaveBeenCalledTimes(120);
      expect(tracker.snapshot().lateHeartbeats).toBe(0);
      tracker.dispose();
      jest.advanceTimersByTime(60_000);
      expect(send).toHaveBeenCalledTimes(120);
    });

    it('beats in a tracker that was made before the fakes came', () => {
      const { tracker, send } = createClockedTracker(30_000);
      tracker.start('tool_exec').stop();
      jest.useFakeTimers(options);
      jest.advanceTimersByTime(2000);
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      tracker.start('tool_exec');
      jest.advanceTimersByTime(60_000);
      expect(send).toHaveBeenCalledTimes(2);
      tracker.dispose();
    });

    it('beats again in a tracker that outlives the fakes, once work begins', async () => {
      jest.useFakeTimers(options);
      const { tracker, beat } = createClockedTracker(20);
      tracker.start('tool_exec').stop(); // The idle event is pending on a fake timer.
      jest.useRealTimers();
      await sleep(30); // Past the deadline of the timer that was lost.
      tracker.start('tool_exec');
      await beat();
      await beat();
      expect(tracker.snapshot().keepalives.sent).toBe(2);
      tracker.dispose();
    });

    it('beats again in a tracker that outlives the fakes, once a sender is registered', async () => {
      jest.useFakeTimers(options);
      const { tracker } = createClockedTracker(20);
      tracker.start('tool_exec');
      jest.useRealTimers();
      await sleep(30);
      const { promise, resolve } = defer();
      tracker.registerCallback(() => resolve());
      await promise;
      expect(tracker.snapshot().state).toBe('busy');
      tracker.dispose();
    });
  });
});
