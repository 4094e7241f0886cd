import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { drain, type HubSession, SessionActivityHub } from '../../src/hub/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { addSession } from './hub-session.js';

/** Drains a hub for a second, and notes the result. */
function startDrain(hub: SessionActivityHub): { result: HubSession[] | undefined } {
  const drained: { result: HubSession[] | undefined } = { result: undefined };
  void drain(hub, { timeoutMs: 1000 }).then((sessions) => (drained.result = sessions));
  return drained;
}

describe('drain', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  describe('a hub that is not busy', () => {
    it('resolves at once with no sessions, and leaves no timer', async () => {
      const hub = new SessionActivityHub();
      addSession(hub, 'idle');
      await expect(drain(hub, { timeoutMs: 1000 })).resolves.toEqual([]);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('a busy hub', () => {
    it('resolves with no sessions when the last one becomes idle, and leaves no timer', async () => {
      const hub = new SessionActivityHub();
      const [one, two] = [addSession(hub, 'one'), addSession(hub, 'two')];
      for (const { tracker } of [one, two]) tracker.start('api_call');
      const drained = startDrain(hub);
      one.tracker.stop('api_call');
      await eventLoopTurn();
      expect(drained.result).toBeUndefined();
      expect(jest.getTimerCount()).toBe(1);
      two.tracker.stop('api_call');
      await eventLoopTurn();
      expect(drained.result).toEqual([]);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('resolves when the time is over with the sessions that still run something, busy for longest first', async () => {
      const hub = new SessionActivityHub();
      const [newer, done, older] = ['newer', 'done', 'older'].map((sessionId) => addSession(hub, sessionId));
      for (const kit of [newer, done, older]) kit?.tracker.start('tool_exec');
      older?.clock.advance(10);
      done?.tracker.stop('tool_exec');
      const drained = startDrain(hub);
      await jest.advanceTimersByTimeAsync(999);
      expect(drained.result).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      expect(drained.result).toEqual([
        { sessionId: 'older', snapshot: older?.tracker.snapshot() },
        { sessionId: 'newer', snapshot: newer?.tracker.snapshot() },
      ]);
    });

    it('leaves the sessions as they are', async () => {
      const hub = new SessionActivityHub();
      const { tracker } = addSession(hub, 'one');
      tracker.start('api_call');
      startDrain(hub);
      await jest.advanceTimersByTimeAsync(1000);
      expect(tracker.snapshot()).toMatchObject({ state: 'busy', refcount: 1 });
      expect([hub.size, hub.busyCount]).toEqual([1, 1]);
    });

    it('goes on waiting after an idle moment in which work begins again', async () => {
      const hub = new SessionActivityHub();
      const { tracker } = addSession(hub, 'one');
      tracker.start('api_call');
      const drained = startDrain(hub);
      tracker.stop('api_call');
      tracker.start('tool_exec');
      await eventLoopTurn();
      expect(drained.result).toBeUndefined();
      tracker.stop('tool_exec');
      await eventLoopTurn();
      expect(drained.result).toEqual([]);
    });

    it('waits for sessions that begin meanwhile', async () => {
      const hub = new SessionActivityHub();
      const first = addSession(hub, 'first');
      first.tracker.start('api_call');
      const drained = startDrain(hub);
      addSession(hub, 'second').tracker.start('api_call');
      first.tracker.stop('api_call');
      await jest.advanceTimersByTimeAsync(1000);
      expect(drained.result).toMatchObject([{ sessionId: 'second' }]);
    });

    it('waits for overdue work too', async () => {
      const hub = new SessionActivityHub();
      const { tracker, clock } = addSession(hub, 'stuck', { maxActivityMs: 1 });
      tracker.start('tool_exec');
      clock.advance(60_000);
      const drained = startDrain(hub);
      await jest.advanceTimersByTimeAsync(999);
      expect(drained.result).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      expect(drained.result).toMatchObject([{ sessionId: 'stuck', snapshot: { refcount: 1, overdue: 1 } }]);
    });

    it.each(['dispose', 'removal'])('does not wait for a session after its %s', async (how) => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      tracker.start('api_call');
      const drained = startDrain(hub);
      if (how === 'dispose') tracker.dispose();
      else remove();
      await eventLoopTurn();
      expect(drained.result).toEqual([]);
    });
  });

  describe('bad arguments', () => {
    const milliseconds = 'Expected `timeoutMs` to be a number of milliseconds from 1 to 2147483647, got';
    it.each([
      [undefined, TypeError, 'Expected `options` to be an object, got `undefined`'],
      [{ timeout: 1 }, TypeError, 'Expected `options` to have no properties but timeoutMs, got `timeout`'],
      [{}, TypeError, `${milliseconds} \`undefined\``],
      [{ timeoutMs: '5' }, TypeError, `${milliseconds} \`"5"\` (string)`],
      [{ timeoutMs: 0 }, RangeError, `${milliseconds} \`0\` (number)`],
      [{ timeoutMs: NaN }, RangeError, `${milliseconds} \`NaN\` (number)`],
      [{ timeoutMs: 2_147_483_648 }, RangeError, `${milliseconds} \`2147483648\` (number)`],
    ])('rejects for the options %p, and arms no timer', async (options, ErrorType, message) => {
      const error: unknown = await drain(new SessionActivityHub(), options as never).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ErrorType);
      expect(error).toHaveProperty('message', message);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('rejects with a TypeError for something that is not a hub', async () => {
      const error: unknown = await drain({} as never, { timeoutMs: 1 }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        'Expected `hub` to be an object with the methods sessions, whenIdle, got a value of type object',
      );
    });
  });
});
