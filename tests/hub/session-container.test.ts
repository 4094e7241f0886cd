import { describe, expect, it, jest } from '@jest/globals';
import { container, type DependencyContainer } from 'tsyringe';
import { SessionActivityHub } from '../../src/hub/index.js';
import {
  CLOCK,
  createSessionContainer,
  DIAGNOSTICS_LOGGER,
  registerSessionActivity,
  SESSION_ACTIVITY_HUB,
  SessionActivityTracker,
} from '../../src/index.js';
import { ManualCleanupRegistry, ManualClock, RecordingDiagnosticsLogger } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown-by.js';
import { idsOf } from './hub-session.js';

/** A host's container with a hub, on doubles. */
function createHost() {
  const parent = container.createChildContainer();
  const [hub, clock] = [new SessionActivityHub(), new ManualClock()];
  const [diagnostics, cleanup] = [new RecordingDiagnosticsLogger(), new ManualCleanupRegistry()];
  registerSessionActivity(parent, { clock, diagnostics, cleanup });
  parent.registerInstance(SESSION_ACTIVITY_HUB, hub);
  return { parent, hub, clock, diagnostics, cleanup };
}

function trackerOf(session: DependencyContainer): SessionActivityTracker {
  return session.resolve<SessionActivityTracker>(SessionActivityTracker);
}

const REPORT = 'session_activity_at_shutdown';

describe('createSessionContainer', () => {
  describe('with a hub and a session id', () => {
    it("adds the session's tracker at once", () => {
      const { parent, hub } = createHost();
      const session = createSessionContainer(parent, { sessionId: 'one' });
      expect(idsOf(hub)).toEqual(['one']);
      trackerOf(session).start('api_call');
      expect(hub.busyCount).toBe(1);
      expect(hub.sessions()[0]?.snapshot.active).toEqual({ api_call: 1 });
    });

    it('removes the session when its container is disposed, and no other', async () => {
      const { parent, hub } = createHost();
      const one = createSessionContainer(parent, { sessionId: 'one' });
      const two = createSessionContainer(parent, { sessionId: 'two' });
      for (const session of [one, two]) trackerOf(session).start('api_call');
      await one.dispose();
      expect(idsOf(hub)).toEqual(['two']);
      expect(hub.busyCount).toBe(1);
      const idle = hub.whenIdle();
      await two.dispose();
      await expect(idle).resolves.toBeUndefined();
      expect(hub.size).toBe(0);
    });

    it('removes the session at once when an observer of its tracker disposes the container: its id is free', () => {
      const { parent, hub } = createHost();
      const session = createSessionContainer(parent, { sessionId: 'one' });
      const ids: string[][] = [];
      trackerOf(session).observe((state) => {
        if (state !== 'idle') return;
        void session.dispose();
        ids.push(idsOf(hub));
        createSessionContainer(parent, { sessionId: 'one' });
        ids.push(idsOf(hub));
      });
      trackerOf(session).start('api_call').stop();
      expect(ids).toEqual([[], ['one']]);
    });

    it('removes a session of which nothing was ever resolved', async () => {
      const { parent, hub } = createHost();
      await createSessionContainer(parent, { sessionId: 'one' }).dispose();
      expect(hub.size).toBe(0);
    });

    it('keeps what it sent in the totals of the hub', async () => {
      const { parent, hub } = createHost();
      const session = createSessionContainer(parent, { sessionId: 'one', gate: { isOpen: () => true } });
      const tracker = trackerOf(session);
      tracker.registerCallback(() => undefined);
      tracker.sendSignal();
      await session.dispose();
      expect(hub.totals().keepalives.sent).toBe(1);
    });

    it('counts a container within a session as a session of its own', async () => {
      const { parent, hub, diagnostics } = createHost();
      const outer = createSessionContainer(parent, { sessionId: 'outer' });
      const inner = createSessionContainer(outer, { sessionId: 'inner' });
      expect(idsOf(hub)).toEqual(['outer', 'inner']);
      trackerOf(inner).start('api_call');
      await inner.dispose();
      expect(idsOf(hub)).toEqual(['outer']);
      expect(diagnostics.events).toMatchObject([{ event: REPORT, data: { session_id: 'inner' } }]);
    });
  });

  describe('an id in use', () => {
    it('throws an Error that names it, leaves nothing behind, and can be used once it is free', async () => {
      const { parent, hub, clock, cleanup } = createHost();
      const first = createSessionContainer(parent, { sessionId: 'one' });
      const createSecond = (): DependencyContainer => createSessionContainer(parent, { sessionId: 'one' });
      expect(thrownBy(createSecond)).toEqual(new Error('Session id "one" is in use'));
      expect([idsOf(hub), clock.pendingTimers, cleanup.size]).toEqual([['one'], 0, 0]);
      trackerOf(first).start('api_call');
      expect(hub.busyCount).toBe(1);
      await first.dispose();
      const second = createSecond();
      expect(idsOf(hub)).toEqual(['one']);
      trackerOf(second).start('tool_exec');
      expect(hub.sessions()[0]?.snapshot.active).toEqual({ tool_exec: 1 });
    });
  });

  describe('a session id', () => {
    it("is bound as session_id to the events of the container's tracker, and of no other", async () => {
      const { parent, diagnostics } = createHost();
      const session = createSessionContainer(parent, { sessionId: 'one' });
      const other = createSessionContainer(parent);
      trackerOf(session).stop('api_call');
      trackerOf(other).stop('api_call');
      trackerOf(session).start('api_call');
      await session.dispose();
      expect(diagnostics.events).toEqual([
        {
          level: 'warn',
          event: 'session_activity_unmatched_stop',
          data: { session_id: 'one', reason: 'api_call' },
        },
        { level: 'warn', event: 'session_activity_unmatched_stop', data: { reason: 'api_call' } },
        {
          level: 'info',
          event: REPORT,
          data: { session_id: 'one', refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 0 },
        },
      ]);
    });

    it("is bound to the session's own logger", () => {
      const { parent, diagnostics } = createHost();
      const own = new RecordingDiagnosticsLogger();
      const session = createSessionContainer(parent, { sessionId: 'one', diagnostics: own });
      session.resolve(DIAGNOSTICS_LOGGER).log('info', 'hello');
      expect(own.events).toEqual([{ level: 'info', event: 'hello', data: { session_id: 'one' } }]);
      expect(diagnostics.events).toEqual([]);
    });

    it('is bound without a hub too', async () => {
      const parent = container.createChildContainer();
      const diagnostics = new RecordingDiagnosticsLogger();
      registerSessionActivity(parent, { diagnostics });
      const session = createSessionContainer(parent, { sessionId: 'one' });
      trackerOf(session).start('api_call');
      await session.dispose();
      expect(diagnostics.events).toMatchObject([{ event: REPORT, data: { session_id: 'one' } }]);
    });

    it.each([null, '', 7])('throws a TypeError for %p, and no container is made', (sessionId) => {
      const { parent, hub } = createHost();
      const createChild = jest.spyOn(parent, 'createChildContainer');
      const error = thrownBy(() => createSessionContainer(parent, { sessionId: sessionId as string }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', expect.stringContaining('`sessionId` to be a non-empty string'));
      expect(createChild).not.toHaveBeenCalled();
      expect(hub.size).toBe(0);
    });

    it('is not added to the hub when an override is bad', () => {
      const { parent, hub } = createHost();
      const overrides = { sessionId: 'one', options: { jitter: 2 } };
      expect(() => createSessionContainer(parent, overrides)).toThrow(RangeError);
      expect(hub.size).toBe(0);
    });
  });

  describe('without a session id', () => {
    it('adds no session to the hub and binds no id', () => {
      const { parent, hub, diagnostics, clock } = createHost();
      const session = createSessionContainer(parent);
      trackerOf(session).start('api_call');
      expect(hub.size).toBe(0);
      expect(session.resolve(DIAGNOSTICS_LOGGER)).toBe(diagnostics);
      expect(session.resolve(CLOCK)).toBe(clock);
    });
  });
});
