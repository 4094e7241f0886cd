import { describe, expect, it, jest } from '@jest/globals';
import { type KeepaliveSend, NOT_SENT, type SessionActivityReason } from '../../src/index.js';
import { combineSenders, holdLease, type Lease, type LeaseOptions } from '../../src/senders/index.js';
import { createTestTracker, type TestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { abortedSignal, keepalive } from './keepalive.js';

interface LeasedSession extends TestTracker<SessionActivityReason> {
  readonly lease: Lease;
  /** What was called, in order. */
  readonly calls: string[];
}

/** A session with a lease that is its sender. It beats when work begins. */
function leasedSession({ renew, release }: Partial<LeaseOptions> = {}): LeasedSession {
  const test = createTestTracker({ cadence: 'steady' });
  const calls: string[] = [];
  const lease = holdLease(test.tracker, {
    renew: (given) => {
      calls.push('renew');
      return renew?.(given);
    },
    release: () => {
      calls.push('release');
      return release?.();
    },
  });
  test.tracker.registerCallback(lease.send);
  return { ...test, lease, calls };
}

/** Lets the session work for a beat. */
async function work({ tracker, clock }: LeasedSession): Promise<void> {
  const activity = tracker.start('tool_exec');
  clock.advance(1);
  await eventLoopTurn();
  activity.stop();
}

/** Lets the session work for a beat, then become idle. */
async function workThenIdle(session: LeasedSession): Promise<void> {
  await work(session);
  session.clock.advance(30_000);
}

describe('holdLease', () => {
  describe('renew', () => {
    it('is called for each keep-alive, and its outcome is that of the send', async () => {
      const outcomes = [Promise.resolve(), Promise.resolve(NOT_SENT), Promise.reject(new Error('no'))];
      const triggers: string[] = [];
      const { tracker, clock } = leasedSession({ renew: ({ trigger }) => (triggers.push(trigger), outcomes.shift()) });
      tracker.start('tool_exec');
      for (const ms of [1, 30_000, 30_000]) {
        clock.advance(ms);
        await eventLoopTurn();
      }
      expect(triggers).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 1, unsent: 1, failed: 1 });
      tracker.dispose();
    });

    it('is called when work begins with the cadence steady', () => {
      const { tracker, clock, calls } = leasedSession();
      tracker.start('tool_exec');
      clock.advance(0);
      expect(calls).toEqual(['renew']);
      tracker.dispose();
    });

    it('is not called while an earlier one is pending, even one that ignores the abort', async () => {
      const pending = defer();
      const session = leasedSession({ renew: () => pending.promise });
      const { tracker, clock, calls, diagnostics } = session;
      tracker.start('tool_exec');
      for (let beats = 0; beats < 3; beats++) {
        clock.advance(30_000);
        await eventLoopTurn();
      }
      expect(calls).toEqual(['renew']);
      await expect(session.lease.send(keepalive())).rejects.toMatchObject({
        code: 'BACKPRESSURE',
        message: 'An earlier renewal is still pending',
      });
      expect(diagnostics.events).toContainEqual({
        level: 'warn',
        event: 'session_keepalive_failed',
        data: { outcome: 'timeout', error_code: null },
      });
      pending.resolve();
      await eventLoopTurn();
      clock.advance(30_000);
      expect(calls).toEqual(['renew', 'renew']);
      tracker.dispose();
    });
  });

  describe('release', () => {
    it('is called once when the session becomes idle, and again only after another renewal', async () => {
      const session = leasedSession();
      await workThenIdle(session);
      expect(session.calls).toEqual(['renew', 'release']);
      session.clock.advance(300_000);
      await workThenIdle(session);
      expect(session.calls).toEqual(['renew', 'release', 'renew', 'release']);
      session.tracker.dispose();
      await eventLoopTurn();
      expect(session.calls).toHaveLength(4);
    });

    it('is not called while the idle event is pending', async () => {
      const session = leasedSession();
      await work(session);
      session.clock.advance(29_999);
      expect(session.calls).toEqual(['renew']);
      session.clock.advance(1);
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('is called when the session is disposed', async () => {
      const session = leasedSession();
      await work(session);
      session.tracker.dispose();
      expect(session.calls).toEqual(['renew', 'release']);
      await expect(session.lease.send(keepalive())).resolves.toBe(NOT_SENT);
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('is called when work ends after the sender was removed', async () => {
      const session = leasedSession();
      const activity = session.tracker.start('tool_exec');
      session.clock.advance(1);
      await eventLoopTurn();
      session.tracker.unregisterCallback();
      expect(session.calls).toEqual(['renew']);
      activity.stop();
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('is not called where nothing was renewed', async () => {
      const session = leasedSession();
      session.gate.close();
      await workThenIdle(session);
      session.tracker.dispose();
      await session.lease.release();
      expect(session.calls).toEqual([]);
    });

    it.each<[string, KeepaliveSend, string[]]>([
      ['failed: it may have reached the platform', () => Promise.reject(new Error('no answer')), ['renew', 'release']],
      [
        'threw',
        () => {
          throw new Error('no answer');
        },
        ['renew', 'release'],
      ],
      ['gave NOT_SENT does not count', () => NOT_SENT, ['renew']],
    ])('after a renewal that %s', async (_which, renew, expected) => {
      const session = leasedSession({ renew });
      await workThenIdle(session);
      expect(session.calls).toEqual(expected);
    });

    it('is still owed where a later renewal gave NOT_SENT', async () => {
      const outcomes = [undefined, NOT_SENT];
      const session = leasedSession({ renew: () => outcomes.shift() });
      await work(session);
      session.clock.advance(29_000);
      await work(session);
      session.clock.advance(1_000);
      expect(outcomes).toEqual([NOT_SENT]);
      session.tracker.start('tool_exec');
      session.clock.advance(30_000);
      await eventLoopTurn();
      expect(outcomes).toEqual([]);
      session.tracker.dispose();
      expect(session.calls).toEqual(['renew', 'renew', 'release']);
    });

    it.each<[string, () => unknown]>([
      ['rejects', () => Promise.reject(new Error('no'))],
      [
        'throws',
        () => {
          throw new Error('no');
        },
      ],
    ])('that %s disturbs nothing and is not repeated', async (_how, release) => {
      const session = leasedSession({ release });
      await workThenIdle(session);
      await eventLoopTurn();
      session.tracker.dispose();
      await session.lease.release();
      expect(session.calls).toEqual(['renew', 'release']);
    });
  });

  describe('renewals and releases never overlap', () => {
    it('a release waits for a pending renewal', async () => {
      const renewal = defer();
      const session = leasedSession({ renew: () => renewal.promise });
      await workThenIdle(session);
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew']);
      renewal.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('a release waits for the renewal that dispose aborts', async () => {
      const session = leasedSession({
        renew: ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')));
          }),
      });
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      session.tracker.dispose();
      expect(session.calls).toEqual(['renew']);
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('a release waits for a renewal that disposes the tracker itself', async () => {
      const session = leasedSession({ renew: () => session.tracker.dispose() });
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      expect(session.calls).toEqual(['renew']);
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('a release is postponed if work has begun again while it waited', async () => {
      const renewals = [defer(), defer()];
      const pending = [...renewals];
      const session = leasedSession({ renew: () => pending.shift()?.promise });
      await workThenIdle(session);
      const activity = session.tracker.start('tool_exec');
      renewals[0]?.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew']);
      renewals[1]?.resolve();
      await eventLoopTurn();
      activity.stop();
      session.clock.advance(30_000);
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('a renewal waits for a pending release', async () => {
      const release = defer();
      const session = leasedSession({ release: () => release.promise });
      await workThenIdle(session);
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
      release.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release', 'renew']);
      expect(session.tracker.snapshot().keepalives.sent).toBe(2);
      session.tracker.dispose();
    });

    it('a renewal waits for a release that has waited itself', async () => {
      const renewal = defer();
      const release = defer();
      const session = leasedSession({ renew: () => renewal.promise, release: () => release.promise });
      await workThenIdle(session);
      renewal.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
      release.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release', 'renew']);
      session.tracker.dispose();
    });

    it('a renewal that was aborted while it waited is not made', async () => {
      const release = defer();
      const session = leasedSession({ release: () => release.promise });
      await workThenIdle(session);
      session.tracker.start('tool_exec');
      session.clock.advance(30_000);
      session.tracker.unregisterCallback();
      release.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
      await expect(session.lease.send(keepalive(abortedSignal('over')))).resolves.toBe(NOT_SENT);
      session.tracker.dispose();
    });

    it('a release waits for another, so that the order is that of the session', async () => {
      const releases = [defer(), defer()];
      const pending = [...releases];
      const session = leasedSession({ release: () => pending.shift()?.promise });
      await workThenIdle(session);
      const activity = session.tracker.start('tool_exec');
      session.clock.advance(1);
      activity.stop();
      session.clock.advance(9_000);
      releases[0]?.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release', 'renew']);
      session.tracker.dispose();
      expect(session.calls).toEqual(['renew', 'release', 'renew', 'release']);
    });
  });

  describe('lease.release()', () => {
    it('gives the lease back while work runs, and ends the renewals', async () => {
      const session = leasedSession();
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      await session.lease.release();
      expect(session.calls).toEqual(['renew', 'release']);
      await expect(session.lease.send(keepalive())).resolves.toBe(NOT_SENT);
      session.clock.advance(30_000);
      await eventLoopTurn();
      expect(session.tracker.snapshot().keepalives).toMatchObject({ sent: 1, unsent: 1 });
      session.tracker.dispose();
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('ends the renewals at once, even while one is pending', async () => {
      const renewal = defer();
      const session = leasedSession({ renew: () => renewal.promise });
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      const ending = session.lease.release();
      await expect(session.lease.send(keepalive())).resolves.toBe(NOT_SENT);
      renewal.resolve();
      await ending;
      session.tracker.dispose();
    });

    it('ends the observation of the tracker', async () => {
      const unsubscribe = jest.fn();
      const lease = holdLease({ observe: () => unsubscribe }, { renew: jest.fn(), release: jest.fn() });
      expect(unsubscribe).not.toHaveBeenCalled();
      await lease.release();
      expect(unsubscribe).toHaveBeenCalledTimes(1);
    });

    it('gives the same promise each time, which waits for a pending renewal and for the release', async () => {
      const renewal = defer();
      const release = defer();
      const session = leasedSession({ renew: () => renewal.promise, release: () => release.promise });
      session.tracker.start('tool_exec');
      session.clock.advance(1);
      const ending = session.lease.release();
      const settled = jest.fn();
      void ending.then(settled);
      expect(session.lease.release()).toBe(ending);
      renewal.resolve();
      await eventLoopTurn();
      expect(session.calls).toEqual(['renew', 'release']);
      expect(settled).not.toHaveBeenCalled();
      release.resolve();
      await ending;
      expect(session.lease.release()).toBe(ending);
      session.tracker.dispose();
    });

    it('waits for a release that runs already', async () => {
      const release = defer();
      const session = leasedSession({ release: () => release.promise });
      await workThenIdle(session);
      const settled = jest.fn();
      const ending = session.lease.release().then(settled);
      await eventLoopTurn();
      expect(settled).not.toHaveBeenCalled();
      release.resolve();
      await ending;
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('rejects with what the release that it makes fails with', async () => {
      const session = leasedSession({ release: () => Promise.reject(new Error('no')) });
      await work(session);
      await expect(session.lease.release()).rejects.toThrow('no');
    });

    it('keeps a renewal that waits for a release from being made', async () => {
      const release = defer();
      const session = leasedSession({ release: () => release.promise });
      await workThenIdle(session);
      const sending = session.lease.send(keepalive());
      const ending = session.lease.release();
      release.resolve();
      await expect(sending).resolves.toBe(NOT_SENT);
      await ending;
      expect(session.calls).toEqual(['renew', 'release']);
    });

    it('is called at the end of a block with `await using`', async () => {
      const session = leasedSession();
      await work(session);
      {
        await using lease = session.lease;
        expect(lease.send).toBe(session.lease.send);
      }
      expect(session.calls).toEqual(['renew', 'release']);
    });
  });

  describe('beside a transport', () => {
    it('is renewed with each beat of both', async () => {
      const session = leasedSession();
      const ping = jest.fn();
      session.tracker.registerCallback(combineSenders(ping, session.lease.send));
      await workThenIdle(session);
      expect(ping).toHaveBeenCalledTimes(1);
      expect(session.calls).toEqual(['renew', 'release']);
      expect(session.tracker.snapshot().keepalives.sent).toBe(1);
    });
  });
});
