import { describe, expect, it, jest } from '@jest/globals';
import type { SessionActivityReason, SessionActivityTracker } from '../../src/index.js';
import { defer } from '../support/deferred.js';
import { observeTracker, type ObservedTracker, REPORT } from '../support/observed-tracker.js';

type Kit = ObservedTracker<SessionActivityReason>;
type Act = (tracker: SessionActivityTracker, kit: Kit) => void;

const ACTS: Record<string, Act> = {
  start: (tracker) => tracker.start('tool_exec'),
  stop: (tracker) => {
    tracker.stop('api_call');
  },
  register: (tracker, kit) => tracker.registerCallback(kit.send),
  unregister: (tracker) => {
    tracker.unregisterCallback();
  },
  signal: (tracker) => {
    tracker.sendSignal();
  },
  dispose: (tracker) => {
    tracker.dispose();
  },
};

/** Where the outside gets control: each installs `act` to be done there, the first time only. */
const CALLERS: Record<string, (kit: Kit, act: () => void) => void> = {
  logger: ({ diagnostics, log, clock }, act) => {
    jest.spyOn(diagnostics, 'log').mockImplementation((...args) => {
      log.push([clock.now(), ...args]);
      act();
    });
  },
  gate: ({ gate }, act) => {
    jest.spyOn(gate, 'isOpen').mockImplementation(() => {
      act();
      return true;
    });
  },
  sender: ({ tracker }, act) => {
    tracker.registerCallback(act);
  },
  registry: ({ cleanup }, act) => {
    jest.spyOn(cleanup, 'register').mockImplementation(() => {
      act();
      return () => undefined;
    });
  },
  'abort listener': ({ tracker }, act) => {
    tracker.registerCallback(({ signal }) => {
      signal.addEventListener('abort', act);
      return defer().promise;
    });
    tracker.sendSignal();
  },
};

interface Outcome {
  readonly acts: number;
  readonly state: unknown;
}

/** Work runs at 100 ms a beat for 150 ms, then every activity stops and 300 ms pass. */
function outcomeOf(caller: string, name: string): Outcome {
  const kit = observeTracker({ intervalMs: 100, sendTimeoutMs: 50 });
  const { tracker, clock } = kit;
  let acts = 0;
  tracker.registerCallback(kit.send);
  CALLERS[caller]?.(kit, () => {
    if (acts++ === 0) ACTS[name]?.(tracker, kit);
  });
  tracker.start('api_call');
  clock.advance(150);
  const { refcount, active, tracking, keepalives } = tracker.snapshot();
  expect(Object.values<number>(active).reduce((sum, count) => sum + count, 0)).toBe(refcount);
  expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  for (const reason of ['api_call', 'tool_exec'] as const) if (active[reason]) tracker.stop(reason);
  clock.advance(300);
  tracker.dispose();
  expect(clock.pendingTimers).toBe(0);
  expect(kit.timesOf(REPORT)).toHaveLength(1);
  return { acts: Math.min(acts, 1), state: [refcount, tracking, keepalives.sent, keepalives.skipped] };
}

describe('SessionActivityTracker', () => {
  describe('re-entrancy', () => {
    // refcount, tracking, sent and skipped after one beat during which the outside called back.
    it.each<[string, string, [number, boolean, number, number]]>([
      ['logger', 'start', [2, true, 1, 0]],
      ['logger', 'stop', [0, true, 0, 0]],
      ['logger', 'register', [1, true, 1, 0]],
      ['logger', 'unregister', [1, false, 0, 0]],
      ['logger', 'signal', [1, true, 2, 0]],
      ['logger', 'dispose', [0, false, 0, 0]],
      ['gate', 'start', [2, true, 1, 0]],
      ['gate', 'stop', [0, true, 0, 0]],
      ['gate', 'register', [1, true, 1, 0]],
      ['gate', 'unregister', [1, false, 0, 0]],
      ['gate', 'signal', [1, true, 2, 0]],
      ['gate', 'dispose', [0, false, 0, 0]],
      ['sender', 'start', [2, true, 1, 0]],
      ['sender', 'stop', [0, true, 1, 0]],
      ['sender', 'register', [1, true, 0, 0]],
      ['sender', 'unregister', [1, false, 0, 0]],
      ['sender', 'signal', [1, true, 1, 1]],
      ['sender', 'dispose', [0, false, 0, 0]],
      ['registry', 'start', [2, true, 1, 0]],
      ['registry', 'stop', [0, true, 0, 0]],
      ['registry', 'register', [1, true, 1, 0]],
      ['registry', 'unregister', [1, false, 0, 0]],
      ['registry', 'signal', [1, true, 2, 0]],
      ['registry', 'dispose', [0, false, 0, 0]],
      ['abort listener', 'start', [2, true, 0, 0]],
      ['abort listener', 'stop', [0, true, 0, 0]],
      ['abort listener', 'register', [1, true, 1, 0]],
      ['abort listener', 'unregister', [1, false, 0, 0]],
      ['abort listener', 'signal', [1, true, 0, 0]],
      ['abort listener', 'dispose', [0, false, 0, 0]],
    ])('a %s may call %s', (caller, act, state) => {
      expect(outcomeOf(caller, act)).toEqual({ acts: 1, state });
    });
  });
});
