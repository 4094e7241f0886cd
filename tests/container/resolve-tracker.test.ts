import { describe, expect, it, jest } from '@jest/globals';
import { delay, type DependencyContainer, inject, injectable } from 'tsyringe';
import { registerSessionActivity, SESSION_ACTIVITY_TRACKER, SessionActivityTracker } from '../../src/index.js';
import { ManualClock, SwitchableKeepaliveGate } from '../../src/testing/index.js';
import { createOverrides, createParent, registeredWith, TOKENS, trackerOf } from './parent-container.js';

describe('registerSessionActivity', () => {
  describe('bad arguments', () => {
    it.each([
      ['an unknown override', { logger: {} }, TypeError, 'logger'],
      ['overrides that are no object', null, TypeError, 'overrides'],
      ['a clock without createTimer', { clock: { now: () => 0 } }, TypeError, 'clock'],
      ['a logger without log', { diagnostics: {} }, TypeError, 'diagnostics'],
      ['a gate that is null', { gate: null }, TypeError, 'gate'],
      ['a registry that is a function', { cleanup: () => undefined }, TypeError, 'cleanup'],
      ['a hub without add', { hub: {} }, TypeError, 'hub'],
      ['an unknown option', { options: { interval: 1 } }, TypeError, 'interval'],
      ['an option of the wrong type', { options: { intervalMs: '1' } }, TypeError, 'intervalMs'],
      ['an option out of range', { options: { intervalMs: 0 } }, RangeError, 'intervalMs'],
    ])('%s is an error that names it, and nothing is registered', (_, overrides, ErrorType, named) => {
      const container = createParent();
      const register = (): void => registerSessionActivity(container, overrides as never);
      expect(register).toThrow(ErrorType);
      expect(register).toThrow(named);
      expect(registeredWith(container)).toEqual([]);
    });

    it('throw a TypeError for anything but a container', () => {
      expect(() => registerSessionActivity({} as DependencyContainer)).toThrow(
        new TypeError(
          'Expected `container` to be an object with the methods isRegistered, register, got a value of type object',
        ),
      );
    });
  });

  describe('a token that is missing', () => {
    it.each(TOKENS.map((token) => [(token as symbol).toString(), token] as const))(
      '%s is an error of the container that names it',
      (name, missing) => {
        const container = createParent();
        const given = Object.values(createOverrides());
        for (const [index, token] of TOKENS.entries()) {
          if (token !== missing) container.registerInstance(token, given[index]);
        }
        expect(() => container.resolve(SessionActivityTracker)).toThrow(`unregistered dependency token: "${name}"`);
      },
    );
  });

  describe('the tracker', () => {
    it('is what its token and its class resolve to, in whatever order', () => {
      const container = createParent();
      registerSessionActivity(container);
      const child = container.createChildContainer();
      expect(child.resolve<SessionActivityTracker>(SessionActivityTracker)).toBe(
        child.resolve(SESSION_ACTIVITY_TRACKER),
      );
      expect(container.resolve(SESSION_ACTIVITY_TRACKER)).toBe(
        container.resolve<SessionActivityTracker>(SessionActivityTracker),
      );
    });

    it('is disposed once, though it was resolved by both', async () => {
      const container = createParent();
      registerSessionActivity(container);
      const tracker = container.resolve(SESSION_ACTIVITY_TRACKER);
      container.resolve<SessionActivityTracker>(SessionActivityTracker);
      const dispose = jest.spyOn(tracker, 'dispose');
      await container.dispose();
      expect(dispose).toHaveBeenCalledTimes(1);
    });

    it('is typed by its token, so that no cast is needed', () => {
      const container = createParent();
      registerSessionActivity(container);
      const tracker: SessionActivityTracker = container.resolve(SESSION_ACTIVITY_TRACKER);
      // @ts-expect-error -- it is none of the default reasons.
      tracker.start('other').stop();
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('is scoped to its container: any child container has one of its own', () => {
      const container = createParent();
      registerSessionActivity(container);
      const child = container.createChildContainer();
      expect(trackerOf(child)).toBe(trackerOf(child));
      expect(trackerOf(child)).not.toBe(trackerOf(container));
    });
  });

  describe("tsyringe's delay()", () => {
    it('injects a tracker that works as any other, and the same as the container resolves', () => {
      @injectable()
      class Host {
        constructor(@inject(delay(() => SessionActivityTracker)) readonly tracker: SessionActivityTracker) {}
      }
      const container = createParent();
      const clock = new ManualClock();
      registerSessionActivity(container, { clock, gate: new SwitchableKeepaliveGate() });
      const { tracker } = container.resolve(Host);
      const send = jest.fn();
      using registration = tracker.registerCallback(send);
      const activity = tracker.start('tool_exec');
      tracker.start('api_call');
      expect(tracker.isTrackingActive).toBe(true);
      expect(trackerOf(container).snapshot()).toEqual(tracker.snapshot());
      clock.advance(30_000);
      tracker.sendSignal();
      expect(send).toHaveBeenCalledTimes(2);
      activity.stop();
      tracker.stop('api_call');
      expect(tracker.run('api_call', () => 42)).toBe(42);
      expect(trackerOf(container).snapshot().refcount).toBe(0);
      registration.unregister();
      tracker.dispose();
      expect(clock.pendingTimers).toBe(0);
    });
  });
});
