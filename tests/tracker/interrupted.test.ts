import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityTracker, StaticKeepaliveGate } from '../../src/index.js';
import { createTestTracker, ManualCleanupRegistry, RecordingDiagnosticsLogger } from '../../src/testing/index.js';
import { FAILED, HEARTBEAT, LATE, observeTracker, OVERDUE, REPORT } from '../support/observed-tracker.js';
import { SpyClock } from '../support/spy-clock.js';

describe('SessionActivityTracker', () => {
  describe('interrupted by what it calls', () => {
    it('sending 6: an activity whose report was cut short is reported on a later beat', () => {
      const { tracker, clock, diagnostics } = createTestTracker({ intervalMs: 1000, maxActivityMs: 1500 });
      const reported: unknown[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_level, event, data) => {
        if (event !== OVERDUE) return;
        reported.push([clock.now(), data?.['reason']]);
        if (reported.length === 1) tracker.unregisterCallback();
      });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      tracker.start('tool_exec');
      clock.advance(2000);
      tracker.registerCallback(() => undefined);
      clock.advance(1000);
      expect(reported).toEqual([
        [2000, 'api_call'],
        [3000, 'tool_exec'],
      ]);
      expect(tracker.snapshot().keepalives.withheld).toBe(1);
    });

    it('sending 6: an activity that the report of another one stopped is not reported', () => {
      const { tracker, clock, diagnostics } = createTestTracker({ intervalMs: 1000, maxActivityMs: 1500 });
      const log = jest.spyOn(diagnostics, 'log').mockImplementation((_level, event) => {
        if (event === OVERDUE) tracker.stop('tool_exec');
      });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      tracker.start('tool_exec');
      clock.advance(2000);
      expect(log.mock.calls.filter(([, event]) => event === OVERDUE)).toHaveLength(1);
    });

    it('dispose: an abort listener that runs the cleanups does not empty the shutdown report', () => {
      const { tracker, cleanup, diagnostics } = createTestTracker();
      tracker.registerCallback(({ signal }) => {
        signal.addEventListener('abort', () => cleanup.runAll());
        return new Promise(() => undefined);
      });
      tracker.start('api_call');
      tracker.sendSignal();
      tracker.dispose();
      expect(diagnostics.events).toEqual([
        { level: 'info', event: REPORT, data: { refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 0 } },
      ]);
    });

    it('sending 1: a send is told the counts of its moment, though the failure before it started work', () => {
      const { tracker, clock, diagnostics } = createTestTracker();
      const seen: unknown[] = [];
      tracker.registerCallback(({ refcount, active }) => {
        seen.push([refcount, active]);
        return new Promise(() => undefined);
      });
      jest.spyOn(diagnostics, 'log').mockImplementation((_level, event) => {
        if (event === FAILED) tracker.start('api_call');
      });
      tracker.sendSignal();
      clock.stall(15_000);
      tracker.sendSignal();
      expect(seen).toEqual([
        [0, {}],
        [1, { api_call: 1 }],
      ]);
    });

    it('heartbeat 1: a logger that unregisters on the late event gets no heartbeat event', () => {
      const { tracker, clock, diagnostics } = createTestTracker();
      const log = jest.spyOn(diagnostics, 'log').mockImplementation(() => tracker.unregisterCallback());
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      clock.stall(60_000);
      clock.advance(60_000);
      expect(log.mock.calls.map(([, event]) => event)).toEqual([LATE]);
    });

    it('sending 3 and 5: the signal tells why it was aborted', () => {
      const { tracker, clock } = createTestTracker();
      const signals: { readonly reason: unknown }[] = [];
      const hang = ({ signal }: { signal: AbortSignal }): Promise<never> => {
        signals.push(signal);
        return new Promise(() => undefined);
      };
      tracker.registerCallback(hang);
      tracker.sendSignal();
      clock.advance(10_000);
      tracker.sendSignal();
      tracker.unregisterCallback();
      expect(signals.map(({ reason }) => reason)).toMatchObject([
        { name: 'TimeoutError', message: 'The keep-alive took longer than sendTimeoutMs' },
        { name: 'AbortError', message: 'The keep-alive sender was replaced or removed' },
      ]);
    });

    it('dispose: at the end of a block with `using` as by its name', () => {
      const { tracker } = createTestTracker();
      tracker.registerCallback(() => undefined);
      tracker[Symbol.dispose]();
      expect(tracker.isTrackingActive).toBe(false);
    });

    it('dispose: an observer that disposes on the first start still gets the one shutdown report', () => {
      const { tracker, cleanup, diagnostics } = createTestTracker();
      tracker.observe((busy) => busy && tracker.dispose());
      tracker.start('api_call').stop();
      expect(diagnostics.events).toEqual([
        { level: 'info', event: REPORT, data: { refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 0 } },
      ]);
      expect(cleanup.size).toBe(0);
    });

    it('heartbeat 3: a logger that takes long over a timeout does not delay the next beat', () => {
      const { tracker, clock, diagnostics } = createTestTracker({ intervalMs: 1000, sendTimeoutMs: 200 });
      const beatsAt: number[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_level, event) => {
        if (event === FAILED) clock.stall(500);
        if (event === HEARTBEAT) beatsAt.push(clock.now());
      });
      tracker.registerCallback(() => new Promise(() => undefined));
      tracker.start('api_call');
      clock.advance(3000);
      expect(beatsAt).toEqual([1000, 2000, 3000]);
    });

    it('heartbeat 3: a sender that blocks does not delay the next beat', () => {
      const { tracker, clock, diagnostics } = createTestTracker({ intervalMs: 1000 });
      tracker.registerCallback(() => clock.stall(500));
      tracker.start('api_call');
      clock.advance(3000);
      expect(diagnostics.events.map(({ event }) => event)).toEqual([HEARTBEAT, HEARTBEAT, HEARTBEAT]);
    });

    it('whenIdle: a signal that starts work when it is let go of does not stop the heartbeat', async () => {
      const { tracker } = observeTracker();
      const { signal } = new AbortController();
      jest.spyOn(signal, 'removeEventListener').mockImplementation(() => {
        tracker.start('api_call');
      });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      const idle = tracker.whenIdle({ signal });
      tracker.stop('api_call');
      await idle;
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, nextHeartbeatMs: 30_000 });
    });

    it('whenIdle: a signal that breaks when it is let go of breaks nothing else', async () => {
      const { tracker, clock, timesOf } = observeTracker();
      const signal = Object.assign(new EventTarget(), {
        aborted: false,
        reason: undefined,
        onabort: null,
        throwIfAborted: () => undefined,
        removeEventListener: () => {
          throw new Error('broken');
        },
      });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      const idle = tracker.whenIdle({ signal });
      tracker.stop('api_call');
      await idle;
      clock.advance(60_000);
      tracker.dispose();
      expect(timesOf(HEARTBEAT)).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
    });
  });

  describe('a timer that fires a fraction early', () => {
    it('sending 3: a deadline that falls on the beat is handled before it all the same', () => {
      const clock = new SpyClock();
      const diagnostics = new RecordingDiagnosticsLogger();
      const options = { intervalMs: 1000, sendTimeoutMs: 1000 };
      const gate = new StaticKeepaliveGate(true);
      const tracker = new SessionActivityTracker(clock, diagnostics, gate, new ManualCleanupRegistry(), options);
      tracker.registerCallback(() => new Promise(() => undefined));
      tracker.start('api_call');
      for (const atMs of [999.5, 1999.2, 1999.9, 2999.3, 2999.9]) clock.fireAt(atMs);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 2, skipped: 0 });
    });
  });
});
