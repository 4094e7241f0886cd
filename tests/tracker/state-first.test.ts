import { describe, expect, it, jest } from '@jest/globals';
import type { SessionActivitySnapshot } from '../../src/index.js';
import { defer } from '../support/deferred.js';
import {
  FAILED,
  HEARTBEAT,
  LATE,
  observeTracker,
  type ObservedTracker,
  OVERDUE,
  RECOVERED,
  REPORT,
  UNMATCHED,
} from '../support/observed-tracker.js';

/** What the logger finds in the tracker while it is told of the first event of that name. */
function seenAt(event: string, act: (kit: ObservedTracker<string>) => void): SessionActivitySnapshot | undefined {
  const kit = observeTracker<string>({ intervalMs: 1000, sendTimeoutMs: 100, maxActivityMs: 1500 });
  let seen: SessionActivitySnapshot | undefined;
  jest.spyOn(kit.diagnostics, 'log').mockImplementation((_, name) => {
    if (name === event) seen ??= kit.tracker.snapshot();
  });
  act(kit);
  return seen;
}

function throwOnce(): () => void {
  const failures = [new Error('failed')];
  return () => {
    const error = failures.shift();
    if (error) throw error;
  };
}

describe('SessionActivityTracker', () => {
  describe('state is updated before anything outside is called', () => {
    it.each<[string, (kit: ObservedTracker<string>) => void, object]>([
      [
        HEARTBEAT,
        ({ tracker, clock, send }) => {
          tracker.registerCallback(send);
          tracker.start('a');
          clock.advance(1000);
        },
        { refcount: 1, nextHeartbeatMs: 1000 },
      ],
      [
        LATE,
        ({ tracker, clock, send }) => {
          tracker.registerCallback(send);
          tracker.start('a');
          clock.stall(1200);
          clock.advance(0);
        },
        { lateHeartbeats: 1, nextHeartbeatMs: 800 },
      ],
      [
        OVERDUE,
        ({ tracker, clock, send }) => {
          tracker.registerCallback(send);
          tracker.start('a');
          clock.advance(2000);
        },
        { refcount: 1, overdue: 1, nextHeartbeatMs: 1000 },
      ],
      [
        'session_idle_1s',
        ({ tracker, clock, send }) => {
          tracker.registerCallback(send);
          tracker.start('a').stop();
          clock.advance(1000);
        },
        { refcount: 0, busyMs: null, nextHeartbeatMs: null },
      ],
      [
        FAILED,
        ({ tracker }) => {
          tracker.registerCallback(throwOnce());
          tracker.sendSignal();
        },
        { keepalives: { sent: 0, failed: 1, skipped: 0, withheld: 0 } },
      ],
      [
        RECOVERED,
        ({ tracker }) => {
          tracker.registerCallback(throwOnce());
          tracker.sendSignal();
          tracker.sendSignal();
        },
        { keepalives: { sent: 1, failed: 1, skipped: 0, withheld: 0 } },
      ],
      [
        REPORT,
        ({ tracker, send }) => {
          tracker.registerCallback(send);
          tracker.start('a');
          tracker.dispose();
        },
        { tracking: false, refcount: 0, active: {}, nextHeartbeatMs: null },
      ],
      [
        UNMATCHED,
        ({ tracker }) => {
          const activity = tracker.start('a');
          tracker.stop('a');
          activity.stop();
        },
        { refcount: 0, active: {} },
      ],
    ])('as the logger sees it at %s', (event, act, state) => {
      expect(seenAt(event, act)).toMatchObject(state);
    });

    it('as the registry sees it at the first start', () => {
      const { tracker, cleanup, send } = observeTracker({ intervalMs: 1000 });
      const seen: unknown[] = [];
      jest.spyOn(cleanup, 'register').mockImplementation(() => {
        seen.push(tracker.snapshot());
        return () => undefined;
      });
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(seen).toMatchObject([{ refcount: 1, active: { api_call: 1 }, nextHeartbeatMs: 1000 }]);
    });

    it.each<[string, (kit: ObservedTracker<string>) => void, object]>([
      ['is replaced', ({ tracker, send }) => tracker.registerCallback(send), { tracking: true }],
      [
        'is removed',
        ({ tracker }) => {
          tracker.unregisterCallback();
        },
        { tracking: false, nextHeartbeatMs: null },
      ],
      [
        'takes too long',
        ({ clock }) => {
          clock.advance(100);
        },
        { tracking: true, keepalives: { sent: 0, failed: 1, skipped: 0, withheld: 0 } },
      ],
      [
        'is disposed with its tracker',
        ({ tracker }) => {
          tracker.dispose();
        },
        { tracking: false, refcount: 0, nextHeartbeatMs: null },
      ],
    ])('as an abort listener sees it when its sender %s', (_, act, state) => {
      const kit = observeTracker<string>({ intervalMs: 1000, sendTimeoutMs: 100 });
      const { tracker } = kit;
      const seen: SessionActivitySnapshot[] = [];
      tracker.registerCallback(({ signal }) => {
        signal.addEventListener('abort', () => seen.push(tracker.snapshot()));
        return defer().promise;
      });
      tracker.start('a');
      tracker.sendSignal();
      act(kit);
      expect(seen).toMatchObject([state]);
    });
  });
});
