import { describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { HEARTBEAT, observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('start', () => {
    it('returns a handle with its reason that stops the activity once', () => {
      const { tracker, log } = observeTracker();
      const activity = tracker.start('tool_exec');
      tracker.start('tool_exec');
      expect(activity.reason).toBe('tool_exec');
      activity.stop();
      activity.stop();
      expect(tracker.snapshot().refcount).toBe(1);
      expect(log).toEqual([]);
    });

    it('returns a handle that [Symbol.dispose] stops, and only once', () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      {
        using activity = tracker.start('api_call');
        expect(tracker.snapshot().refcount).toBe(2);
        activity.stop();
      }
      expect(tracker.snapshot().refcount).toBe(1);
      {
        using activity = tracker.start('api_call');
        expect(activity.reason).toBe('api_call');
      }
      expect(tracker.snapshot().refcount).toBe(1);
    });

    it('takes the reasons of the tracker alone, by default those of SessionActivityReason', () => {
      const { tracker } = observeTracker();
      // @ts-expect-error -- it is none of the default reasons.
      tracker.start('other').stop();
      observeTracker<'other'>().tracker.start('other').stop();
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('stops in any order, each handle its own activity', () => {
      const { tracker, clock } = observeTracker();
      const [first, second, third] = [0, 1, 2].map(() => {
        const activity = tracker.start('api_call');
        clock.advance(10);
        return activity;
      });
      second?.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 2, oldestActivityMs: 30 });
      first?.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, oldestActivityMs: 10 });
      third?.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, oldestActivityMs: null });
    });
  });

  describe('stop', () => {
    it('stops the oldest running activity with that reason', () => {
      const { tracker, clock } = observeTracker();
      tracker.start('tool_exec');
      clock.advance(10);
      tracker.start('api_call');
      clock.advance(10);
      tracker.start('tool_exec');
      tracker.stop('tool_exec');
      expect(tracker.snapshot()).toMatchObject({ active: { api_call: 1, tool_exec: 1 }, oldestActivityMs: 10 });
    });
  });

  describe('registerCallback', () => {
    it('makes send the sender in place of any other', () => {
      const { tracker, send, sends } = observeTracker();
      const earlier = jest.fn();
      tracker.registerCallback(earlier);
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(earlier).not.toHaveBeenCalled();
      expect(sends).toHaveLength(1);
    });

    it('returns a registration that removes only its own sender, once', () => {
      const { tracker, send } = observeTracker();
      const earlier = tracker.registerCallback(send);
      const current = tracker.registerCallback(send);
      earlier.unregister();
      expect(tracker.isTrackingActive).toBe(true);
      current.unregister();
      expect(tracker.isTrackingActive).toBe(false);
      tracker.registerCallback(send);
      current.unregister();
      expect(tracker.isTrackingActive).toBe(true);
    });

    it('returns a registration that [Symbol.dispose] removes', () => {
      const { tracker, send } = observeTracker();
      {
        using registration = tracker.registerCallback(send);
        expect(registration).toHaveProperty('unregister');
        expect(tracker.isTrackingActive).toBe(true);
      }
      expect(tracker.isTrackingActive).toBe(false);
    });
  });

  describe('unregisterCallback', () => {
    it('removes the current sender, whoever registered it', () => {
      const { tracker, send, sends } = observeTracker();
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      tracker.unregisterCallback();
      expect(tracker.isTrackingActive).toBe(false);
      tracker.sendSignal();
      expect(sends).toEqual([]);
    });
  });

  describe('isTrackingActive', () => {
    it('tells whether a sender is registered, whether or not work runs', () => {
      const { tracker, send } = observeTracker();
      expect(tracker.isTrackingActive).toBe(false);
      tracker.start('api_call');
      expect(tracker.isTrackingActive).toBe(false);
      tracker.registerCallback(send);
      expect(tracker.isTrackingActive).toBe(true);
    });
  });

  describe('sendSignal', () => {
    it('sends one keep-alive now, with or without work, and logs nothing', () => {
      const { tracker, send, sends, log, clock } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      tracker.start('api_call');
      clock.advance(10);
      tracker.sendSignal();
      expect(sends.map(({ atMs }) => atMs)).toEqual([0, 10]);
      expect(log).toEqual([]);
    });

    it('does nothing without a sender: not even ask the gate or count', () => {
      const { tracker, gate } = observeTracker();
      const isOpen = jest.spyOn(gate, 'isOpen');
      gate.close();
      tracker.sendSignal();
      expect(isOpen).not.toHaveBeenCalled();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('holds it back and counts it while the gate is closed', () => {
      const { tracker, gate, send, sends } = observeTracker();
      tracker.registerCallback(send);
      gate.close();
      tracker.sendSignal();
      expect(sends).toEqual([]);
      expect(tracker.snapshot().keepalives.withheld).toBe(1);
    });

    it('leaves the rhythm alone', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(400);
      tracker.sendSignal();
      clock.advance(600);
      expect(timesOf(HEARTBEAT)).toEqual([1000]);
    });

    it('arms no timer for a send that ends at once, and one for a send that does not', () => {
      const { tracker, clock, send } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(clock.pendingTimers).toBe(0);
      tracker.registerCallback(() => defer().promise);
      tracker.sendSignal();
      expect(clock.pendingTimers).toBe(1);
    });
  });
});
