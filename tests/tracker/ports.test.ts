import { describe, expect, it, jest } from '@jest/globals';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { HEARTBEAT, observeTracker, REPORT, SUMMARY } from '../support/observed-tracker.js';

function fail(): never {
  throw new Error('port');
}

function rejecting(): Promise<never> {
  return Promise.reject(new Error('port'));
}

describe('SessionActivityTracker', () => {
  describe('ports, however they misbehave,', () => {
    it.each([
      ['throws', fail],
      ['returns a promise that rejects', rejecting],
      ['returns a thenable whose then throws', () => ({ then: fail })],
      ['returns an object whose then getter throws', () => Object.defineProperty({}, 'then', { get: fail })],
    ])('keep the tracked work and the schedule with a logger that %s', async (_, log) => {
      const { tracker, clock, diagnostics, send, sends } = observeTracker({ intervalMs: 1000 });
      const spy = jest.spyOn(diagnostics, 'log').mockImplementation(log);
      tracker.registerCallback(send);
      tracker.stop('api_call');
      expect(tracker.run('api_call', () => 7)).toBe(7);
      const activity = tracker.start('tool_exec');
      clock.stall(1500);
      clock.advance(1000);
      activity.stop();
      clock.advance(1000);
      tracker.dispose();
      await eventLoopTurn();
      expect(sends.map(({ atMs }) => atMs)).toEqual([1500, 2500]);
      expect(spy.mock.calls.map(([, event]) => event)).toEqual([
        'session_activity_unmatched_stop',
        'session_keepalive_late',
        HEARTBEAT,
        HEARTBEAT,
        'session_idle_1s',
        REPORT,
        SUMMARY,
      ]);
    });

    it.each([
      ['throws', fail],
      ['returns a promise', () => Promise.resolve(true)],
      ['returns a promise that rejects', rejecting],
      ['returns an object whose then getter throws', () => Object.defineProperty({}, 'then', { get: fail })],
      ['returns 1', () => 1],
      ["returns 'true'", () => 'true'],
      ['returns nothing', () => undefined],
    ])('count as a closed gate and do not change the schedule if the gate %s', async (_, isOpen) => {
      const { tracker, clock, gate, send, sends, timesOf } = observeTracker({ intervalMs: 1000 });
      const spy = jest.spyOn(gate, 'isOpen').mockImplementation(isOpen as () => boolean);
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      tracker.sendSignal();
      await eventLoopTurn();
      expect(sends).toEqual([]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 2, unsent: 0 });
      spy.mockReturnValue(true);
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2000]);
      expect(sends.map(({ atMs }) => atMs)).toEqual([2000]);
    });

    it.each([
      ['throws', fail],
      ['returns a promise that rejects', rejecting],
      ['returns nothing', () => undefined],
    ])('keep the tracked work and the schedule with a registry that %s', async (_, register) => {
      const { tracker, clock, cleanup, send, sends } = observeTracker({ intervalMs: 1000 });
      jest.spyOn(cleanup, 'register').mockImplementation(register as () => never);
      tracker.registerCallback(send);
      expect(tracker.run('api_call', () => 7)).toBe(7);
      tracker.start('api_call');
      clock.advance(1000);
      await eventLoopTurn();
      expect(sends).toHaveLength(1);
    });

    it.each<[string, () => unknown]>([
      ['throws', fail],
      ['rejects', rejecting],
    ])('leave dispose undisturbed by an unregister function that %s', async (_, undo) => {
      const { tracker, cleanup, timesOf } = observeTracker();
      jest.spyOn(cleanup, 'register').mockReturnValue(undo);
      tracker.start('api_call');
      expect(() => {
        tracker.dispose();
      }).not.toThrow();
      await eventLoopTurn();
      expect(timesOf(REPORT)).toEqual([0]);
    });

    it('are called as methods of their objects', () => {
      const { tracker, clock, diagnostics, gate, cleanup, send } = observeTracker({ intervalMs: 1000 });
      const spies = [
        jest.spyOn(diagnostics, 'log'),
        jest.spyOn(gate, 'isOpen'),
        jest.spyOn(cleanup, 'register'),
        jest.spyOn(clock, 'now'),
      ];
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      expect(spies.map(({ mock }) => mock.contexts[0])).toEqual([diagnostics, gate, cleanup, clock]);
    });
  });
});
