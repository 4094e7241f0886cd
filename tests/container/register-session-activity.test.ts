import { describe, expect, it, jest } from '@jest/globals';
import { container as root } from 'tsyringe';
import {
  ChannelDiagnosticsLogger,
  CLEANUP_REGISTRY,
  CLOCK,
  DIAGNOSTICS_LOGGER,
  EnvKeepaliveGate,
  InProcessCleanupRegistry,
  KEEPALIVE_GATE,
  registerSessionActivity,
  SESSION_ACTIVITY_HUB,
  SESSION_ACTIVITY_TRACKER,
  SessionActivityTracker,
  SystemClock,
  TRACKER_OPTIONS,
} from '../../src/index.js';
import { SessionActivityHub } from '../../src/hub/index.js';
import {
  ManualCleanupRegistry,
  ManualClock,
  RecordingDiagnosticsLogger,
  SwitchableKeepaliveGate,
} from '../../src/testing/index.js';
import { HEARTBEAT, NOT_SENT_EVENT } from '../support/observed-tracker.js';
import { createOverrides, createParent, portsOf, registeredWith, TOKENS, trackerOf } from './parent-container.js';

describe('registerSessionActivity', () => {
  describe('defaults', () => {
    it('are the shipped adapters and no options, one instance each', () => {
      const container = createParent();
      registerSessionActivity(container);
      expect(container.resolve(CLOCK)).toBeInstanceOf(SystemClock);
      expect(container.resolve(DIAGNOSTICS_LOGGER)).toBeInstanceOf(ChannelDiagnosticsLogger);
      expect(container.resolve(KEEPALIVE_GATE)).toBeInstanceOf(EnvKeepaliveGate);
      expect(container.resolve(CLEANUP_REGISTRY)).toBeInstanceOf(InProcessCleanupRegistry);
      expect(container.resolve(TRACKER_OPTIONS)).toEqual({});
      for (const [index, port] of portsOf(container).entries()) expect(portsOf(container)[index]).toBe(port);
    });

    it('are enough for a tracker, which is the same at every resolution', () => {
      const container = createParent();
      registerSessionActivity(container);
      const tracker = trackerOf(container);
      expect(tracker).toBeInstanceOf(SessionActivityTracker);
      expect(tracker.run('api_call', () => tracker.snapshot().refcount)).toBe(1);
      expect(trackerOf(container)).toBe(tracker);
      tracker.dispose();
    });

    it('are given for what nobody has registered yet, and for that alone', () => {
      const container = createParent();
      const { clock, gate } = createOverrides();
      container.registerInstance(CLOCK, clock);
      container.register(KEEPALIVE_GATE, { useFactory: () => gate });
      registerSessionActivity(container);
      expect(container.resolve(CLOCK)).toBe(clock);
      expect(container.resolve(KEEPALIVE_GATE)).toBe(gate);
      expect(container.resolve(CLEANUP_REGISTRY)).toBeInstanceOf(InProcessCleanupRegistry);
    });

    it("are not given for what the container's parent has", () => {
      const parent = createParent();
      const given = Object.values(createOverrides());
      for (const [index, token] of TOKENS.entries()) parent.registerInstance(token, given[index]);
      const child = parent.createChildContainer().createChildContainer();
      registerSessionActivity(child);
      expect(registeredWith(child)).toEqual([SESSION_ACTIVITY_TRACKER, SessionActivityTracker]);
      for (const [index, port] of portsOf(child).entries()) expect(port).toBe(given[index]);
    });

    it('stay what they were when it is called again', () => {
      const container = createParent();
      registerSessionActivity(container);
      const before = portsOf(container);
      const tracker = trackerOf(container);
      registerSessionActivity(container);
      for (const [index, port] of portsOf(container).entries()) expect(port).toBe(before[index]);
      expect(trackerOf(container)).toBe(tracker);
    });

    it('leave the root container as it was', () => {
      registerSessionActivity(createParent());
      expect(registeredWith(root)).toEqual([]);
    });
  });

  describe('overrides', () => {
    it.each([
      ['clock', CLOCK],
      ['diagnostics', DIAGNOSTICS_LOGGER],
      ['gate', KEEPALIVE_GATE],
      ['cleanup', CLEANUP_REGISTRY],
      ['options', TRACKER_OPTIONS],
    ] as const)('of `%s` is what its token resolves to, also when another was registered before', (name, token) => {
      const container = createParent();
      const given = createOverrides()[name];
      registerSessionActivity(container);
      registerSessionActivity(container, { [name]: given });
      expect(container.resolve<unknown>(token)).toBe(given);
      expect(portsOf(container).filter((port) => port === given)).toHaveLength(1);
    });

    it('of `hub` is what its token resolves to', () => {
      const container = createParent();
      const hub = new SessionActivityHub();
      registerSessionActivity(container, { hub });
      expect(container.resolve(SESSION_ACTIVITY_HUB)).toBe(hub);
    });

    it('of `hub` has no default', () => {
      const container = createParent();
      registerSessionActivity(container);
      expect(container.isRegistered(SESSION_ACTIVITY_HUB)).toBe(false);
    });

    it('reach the tracker', () => {
      const container = createParent();
      const clock = new ManualClock();
      const diagnostics = new RecordingDiagnosticsLogger();
      const gate = new SwitchableKeepaliveGate();
      const cleanup = new ManualCleanupRegistry();
      registerSessionActivity(container, { clock, diagnostics, gate, cleanup, options: { intervalMs: 1000 } });
      const tracker = trackerOf(container);
      const send = jest.fn();
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(cleanup.size).toBe(1);
      clock.advance(1000);
      gate.close();
      clock.advance(1000);
      expect(send).toHaveBeenCalledTimes(1);
      expect(diagnostics.events.map(({ event }) => event)).toEqual([HEARTBEAT, HEARTBEAT, NOT_SENT_EVENT]);
    });

    it('that are undefined count as left out', () => {
      const container = createParent();
      const none = { clock: undefined } as never;
      registerSessionActivity(container, none);
      expect(container.resolve(CLOCK)).toBeInstanceOf(SystemClock);
    });
  });
});
