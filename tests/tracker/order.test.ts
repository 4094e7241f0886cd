import { describe, expect, it, jest } from '@jest/globals';
import type { SessionActivityTracker } from '../../src/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { observeTracker, type ObservedTracker } from '../support/observed-tracker.js';

/** A traced tracker whose every step towards the outside is written down, with the timers that are pending by then. */
function withSteps(): ObservedTracker<string> & { steps: [step: string, refcount: number, timers: number][] } {
  const kit = observeTracker<string>({ trace: true });
  const steps: [string, number, number][] = [];
  const note = (step: string): void =>
    void steps.push([step, kit.tracker.snapshot().refcount, kit.clock.pendingTimers]);
  jest.spyOn(kit.diagnostics, 'log').mockImplementation((_, event) => note(event));
  const register = kit.cleanup.register.bind(kit.cleanup);
  jest.spyOn(kit.cleanup, 'register').mockImplementation((cleanup) => {
    note('registry');
    return register(cleanup);
  });
  kit.tracker.observe((state) => note(state));
  kit.tracker.registerCallback(({ signal }) => {
    signal.addEventListener('abort', () => note('abort'));
    return new Promise(() => undefined);
  });
  steps.length = 0;
  return { ...kit, steps };
}

describe('SessionActivityTracker', () => {
  describe('order', () => {
    it('of a start is state, timer, trace events, observers, registry', () => {
      const { tracker, steps } = withSteps();
      tracker.start('api_call');
      expect(steps).toEqual([
        ['session_tracker_configured', 1, 1],
        ['session_activity_started', 1, 1],
        ['busy', 1, 1],
        ['registry', 1, 1],
      ]);
    });

    it('of a stop is state, timer, trace event, observers, waiters', async () => {
      const { tracker, clock, steps } = withSteps();
      const activity = tracker.start('api_call');
      const waiting = tracker.whenIdle().then(() => void steps.push(['waiter', 0, clock.pendingTimers]));
      steps.length = 0;
      activity.stop();
      await waiting;
      expect(steps).toEqual([
        ['session_activity_stopped', 0, 1],
        ['quiet', 0, 1],
        ['waiter', 0, 1],
      ]);
    });

    it('of dispose is state, abort, sender removed, report, summary, observers, waiters', async () => {
      const { tracker, clock, steps } = withSteps();
      tracker.start('api_call');
      tracker.sendSignal();
      const waiting = tracker.whenIdle().then(() => void steps.push(['waiter', 0, clock.pendingTimers]));
      steps.length = 0;
      tracker.dispose();
      await waiting;
      expect(steps).toEqual([
        ['abort', 0, 0],
        ['session_sender_removed', 0, 0],
        ['session_activity_at_shutdown', 0, 0],
        ['session_keepalive_summary', 0, 0],
        ['disposed', 0, 0],
        ['waiter', 0, 0],
      ]);
    });

    it.each<[string, (tracker: SessionActivityTracker) => void]>([
      ['begun new work', () => undefined],
      ['started and stopped other work, and then begun new', (tracker) => tracker.start('tool_exec').stop()],
    ])('leaves the waiters waiting if an observer has %s by then', async (_, before) => {
      const { tracker } = observeTracker();
      const onIdle = jest.fn();
      tracker.start('api_call');
      void tracker.whenIdle().then(onIdle);
      const unsubscribe = tracker.observe(() => {
        unsubscribe();
        before(tracker);
        tracker.start('api_call');
      });
      tracker.stop('api_call');
      await eventLoopTurn();
      expect(onIdle).not.toHaveBeenCalled();
      tracker.stop('api_call');
      await eventLoopTurn();
      expect(onIdle).toHaveBeenCalledTimes(1);
    });

    it('stays the same when a logger removes a sender that is not there', () => {
      const { tracker, diagnostics } = observeTracker({ trace: true });
      const steps: string[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        tracker.unregisterCallback();
        steps.push(event);
      });
      tracker.observe((state) => steps.push(state));
      tracker.start('api_call');
      expect(steps).toEqual(['session_tracker_configured', 'session_activity_started', 'busy']);
    });

    it('registers nothing if an observer of the first start has disposed the tracker by then', () => {
      const { tracker, cleanup, log } = observeTracker();
      const register = jest.spyOn(cleanup, 'register');
      tracker.observe((state) => state === 'busy' && tracker.dispose());
      tracker.start('api_call').stop();
      expect(register).not.toHaveBeenCalled();
      const active = { api_call: 1 };
      expect(log).toEqual([
        [0, 'info', 'session_activity_at_shutdown', { refcount: 1, active, oldest_activity_ms: 0 }],
      ]);
    });
  });
});
