import { describe, expect, it, jest } from '@jest/globals';
import { type DependencyContainer, Lifecycle } from 'tsyringe';
import { SessionActivityHub } from '../../src/hub/index.js';
import {
  CLOCK,
  createSessionContainer,
  DIAGNOSTICS_LOGGER,
  KEEPALIVE_GATE,
  registerSessionActivity,
  SESSION_ACTIVITY_HUB,
  SessionActivityTracker,
  SystemClock,
} from '../../src/index.js';
import {
  ManualCleanupRegistry,
  ManualClock,
  RecordingDiagnosticsLogger,
  SwitchableKeepaliveGate,
} from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { createParent, portsOf, registeredWith, trackerOf } from './parent-container.js';

/** A host's container on doubles that all its sessions share. */
function createHost(): {
  parent: DependencyContainer;
  clock: ManualClock;
  diagnostics: RecordingDiagnosticsLogger;
  cleanup: ManualCleanupRegistry;
} {
  const parent = createParent();
  const clock = new ManualClock();
  const diagnostics = new RecordingDiagnosticsLogger();
  const cleanup = new ManualCleanupRegistry();
  registerSessionActivity(parent, { clock, diagnostics, gate: new SwitchableKeepaliveGate(), cleanup });
  return { parent, clock, diagnostics, cleanup };
}

describe('createSessionContainer', () => {
  describe('two sessions', () => {
    it('have each their own tracker, which is also not that of the parent', () => {
      const { parent } = createHost();
      const [one, other] = [createSessionContainer(parent), createSessionContainer(parent)];
      expect(trackerOf(one)).toBe(trackerOf(one));
      expect(new Set([trackerOf(one), trackerOf(other), trackerOf(parent)]).size).toBe(3);
    });

    it('count and send each for itself', () => {
      const { parent, clock } = createHost();
      const [one, other] = [trackerOf(createSessionContainer(parent)), trackerOf(createSessionContainer(parent))];
      const sends = [jest.fn(), jest.fn()] as const;
      one.registerCallback(sends[0]);
      other.registerCallback(sends[1]);
      one.start('tool_exec');
      clock.advance(30_000);
      expect(sends[0]).toHaveBeenCalledTimes(1);
      expect(sends[1]).not.toHaveBeenCalled();
      expect([one, other, trackerOf(parent)].map((tracker) => tracker.snapshot().refcount)).toEqual([1, 0, 0]);
    });

    it('share the ports of the parent', () => {
      const { parent } = createHost();
      const [one, other] = [createSessionContainer(parent), createSessionContainer(parent)];
      for (const [index, port] of portsOf(parent).entries()) {
        expect(portsOf(one)[index]).toBe(port);
        expect(portsOf(other)[index]).toBe(port);
      }
    });

    it('work from a parent that nothing was registered with, on defaults of their own', () => {
      const parent = createParent();
      const session = createSessionContainer(parent);
      expect(session.resolve(CLOCK)).toBeInstanceOf(SystemClock);
      expect(trackerOf(session).snapshot().refcount).toBe(0);
      expect(registeredWith(parent)).toEqual([]);
    });
  });

  describe('dispose of a session', () => {
    it('disposes its tracker and leaves the other sessions and the parent as they are', async () => {
      const { parent, clock, diagnostics, cleanup } = createHost();
      const [one, other] = [createSessionContainer(parent), createSessionContainer(parent)];
      const send = jest.fn();
      for (const session of [one, other, parent]) {
        trackerOf(session).registerCallback(send);
        trackerOf(session).start('tool_exec');
      }
      await one.dispose();
      expect(cleanup.size).toBe(2);
      expect(clock.pendingTimers).toBe(2);
      clock.advance(30_000);
      expect(send).toHaveBeenCalledTimes(2);
      expect(diagnostics.events.map(({ event }) => event)).toEqual([
        'session_activity_at_shutdown',
        'session_keepalive_heartbeat',
        'session_keepalive_heartbeat',
      ]);
      expect(trackerOf(parent).snapshot().refcount).toBe(1);
      expect(trackerOf(createSessionContainer(parent)).isTrackingActive).toBe(false);
    });

    it('may come twice, and after the tracker was disposed by hand', async () => {
      const { parent, diagnostics } = createHost();
      const session = createSessionContainer(parent);
      const tracker = trackerOf(session);
      tracker.start('api_call');
      tracker.dispose();
      await session.dispose();
      await session.dispose();
      expect(diagnostics.events.map(({ event }) => event)).toEqual(['session_activity_at_shutdown']);
    });

    it('is harmless when no tracker was ever resolved', async () => {
      const { parent, diagnostics } = createHost();
      await createSessionContainer(parent).dispose();
      expect(diagnostics.events).toEqual([]);
    });

    it('never disposes a shared port, nor one given to the session', async () => {
      const dispose = jest.fn();
      const disposable = <T extends object>(port: T): T & { dispose: () => void } => Object.assign(port, { dispose });
      const parent = createParent();
      registerSessionActivity(parent, {
        clock: disposable(new ManualClock()),
        diagnostics: disposable(new RecordingDiagnosticsLogger()),
        cleanup: disposable(new ManualCleanupRegistry()),
      });
      parent.register(KEEPALIVE_GATE, { useFactory: () => disposable(new SwitchableKeepaliveGate()) });
      const session = createSessionContainer(parent, { cleanup: disposable(new ManualCleanupRegistry()) });
      trackerOf(session).start('api_call');
      await session.dispose();
      expect(dispose).not.toHaveBeenCalled();
    });
  });

  describe('overrides', () => {
    it('hold for that session alone', () => {
      const { parent, clock, diagnostics } = createHost();
      const own = new RecordingDiagnosticsLogger();
      const faster = createSessionContainer(parent, { diagnostics: own, options: { intervalMs: 1000 } });
      const usual = createSessionContainer(parent);
      for (const session of [faster, usual, parent]) {
        trackerOf(session).registerCallback(jest.fn());
        trackerOf(session).start('tool_exec');
      }
      clock.advance(29_000);
      expect(own.events).toHaveLength(29);
      expect(diagnostics.events).toEqual([]);
      clock.advance(1000);
      expect(diagnostics.events).toHaveLength(2);
    });

    it.each([
      ['an unknown name', { interval: 1 }, TypeError],
      ['a bad port', { gate: {} }, TypeError],
      ['a bad option', { options: { jitter: 1.1 } }, RangeError],
    ])('with %s are an error, and the parent is as it was', (_, overrides, ErrorType) => {
      const parent = createParent();
      expect(() => createSessionContainer(parent, overrides as never)).toThrow(ErrorType);
      expect(registeredWith(parent)).toEqual([]);
    });
  });

  describe('a failure half way', () => {
    /** A host whose every session container makes a port that holds something until it is disposed. */
    function createHoldingHost(dispose: (port: object) => unknown): {
      parent: DependencyContainer;
      hub: SessionActivityHub;
    } {
      class Port extends RecordingDiagnosticsLogger {
        dispose(): unknown {
          return dispose(this);
        }
      }
      const parent = createParent();
      const hub = new SessionActivityHub();
      parent.register(DIAGNOSTICS_LOGGER, { useClass: Port }, { lifecycle: Lifecycle.ContainerScoped });
      registerSessionActivity(parent, { hub });
      createSessionContainer(parent, { sessionId: 'taken' });
      return { parent, hub };
    }

    it.each<[string, () => unknown]>([
      ['returns', () => undefined],
      [
        'throws',
        () => {
          throw new Error('dispose threw');
        },
      ],
      ['rejects', () => Promise.reject(new Error('dispose rejected'))],
    ])('disposes what the child had made, whose dispose %s, and throws the first error', async (_, end) => {
      const disposed = jest.fn(end);
      const { parent, hub } = createHoldingHost(disposed);
      expect(() => createSessionContainer(parent, { sessionId: 'taken' })).toThrow(/taken/);
      await eventLoopTurn();
      expect(disposed).toHaveBeenCalledTimes(1);
      expect(hub.size).toBe(1);
    });

    it('leaves no session in the hub when a port of the host could not be made', () => {
      const parent = createParent();
      registerSessionActivity(parent, { hub: new SessionActivityHub() });
      parent.register(CLOCK, {
        useFactory: () => {
          throw new Error('no clock');
        },
      });
      expect(() => createSessionContainer(parent, { sessionId: 's-1' })).toThrow('no clock');
      expect(parent.resolve(SESSION_ACTIVITY_HUB).size).toBe(0);
    });
  });

  describe('clearInstances', () => {
    it('leaves ports, options and a hub given as override to sessions that are made afterwards', () => {
      const parent = createParent();
      const [hub, cleanup, clock] = [new SessionActivityHub(), new ManualCleanupRegistry(), new ManualClock()];
      const [gate, options] = [new SwitchableKeepaliveGate(), { intervalMs: 1000 }];
      registerSessionActivity(parent, { clock, gate, cleanup, hub, options });
      parent.clearInstances();
      const session = createSessionContainer(parent, { sessionId: 's-1' });
      const tracker = trackerOf(session);
      const send = jest.fn();
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      expect(send).toHaveBeenCalledTimes(1);
      expect([cleanup.size, hub.size]).toEqual([1, 1]);
    });

    it('leaves the defaults to them as well', () => {
      const parent = createParent();
      registerSessionActivity(parent);
      const before = portsOf(parent);
      parent.clearInstances();
      for (const [index, port] of portsOf(createSessionContainer(parent)).entries()) expect(port).toBe(before[index]);
    });

    it('takes away a hub that the host registered as an instance', () => {
      const parent = createParent();
      const hub = new SessionActivityHub();
      parent.registerInstance(SESSION_ACTIVITY_HUB, hub);
      registerSessionActivity(parent);
      parent.clearInstances();
      createSessionContainer(parent, { sessionId: 's-1' });
      expect(hub.size).toBe(0);
    });

    it('does not dispose trackers already made', () => {
      const parent = createParent();
      registerSessionActivity(parent);
      const session = createSessionContainer(parent);
      const tracker = trackerOf(session);
      tracker.start('api_call');
      session.clearInstances();
      expect(tracker.snapshot().state).toBe('busy');
      tracker.dispose();
    });
  });

  describe('a hub', () => {
    it('of the session itself takes the place of the one that is registered', async () => {
      const parent = createParent();
      const [shared, own] = [new SessionActivityHub(), new SessionActivityHub()];
      registerSessionActivity(parent, { hub: shared });
      const session = createSessionContainer(parent, { sessionId: 's-1', hub: own });
      expect([shared.size, own.size]).toEqual([0, 1]);
      await session.dispose();
      expect(own.size).toBe(0);
    });

    it('has the tracker that the class and the token resolve to', () => {
      const parent = createParent();
      const hub = new SessionActivityHub();
      registerSessionActivity(parent, { hub });
      const session = createSessionContainer(parent, { sessionId: 's-1' });
      session.resolve<SessionActivityTracker>(SessionActivityTracker).start('api_call');
      expect(hub.busyCount).toBe(1);
    });
  });

  describe('bad arguments', () => {
    it('names the overrides that it knows', () => {
      const parent = createParent();
      expect(() => createSessionContainer(parent, { sesionId: 's-1' } as never)).toThrow(
        'Expected `overrides` to have no properties but clock, diagnostics, gate, cleanup, hub, options, sessionId, got `sesionId`',
      );
    });

    it('throw a TypeError for anything but a container', () => {
      expect(() => createSessionContainer(undefined as never)).toThrow(
        new TypeError('Expected `parent` to be an object with the methods createChildContainer, got `undefined`'),
      );
    });
  });
});
