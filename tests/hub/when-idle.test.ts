import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityHub } from '../../src/hub/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { addSession } from './hub-session.js';

describe('SessionActivityHub', () => {
  describe('whenIdle', () => {
    it('resolves at once when no session runs anything, or there is none', async () => {
      const hub = new SessionActivityHub();
      await expect(hub.whenIdle()).resolves.toBeUndefined();
      addSession(hub, 'one').tracker.start('api_call').stop();
      await expect(hub.whenIdle({})).resolves.toBeUndefined();
    });

    it('resolves for all who wait when the last busy session becomes idle', async () => {
      const hub = new SessionActivityHub();
      const [one, two] = [addSession(hub, 'one'), addSession(hub, 'two')];
      for (const { tracker } of [one, two]) tracker.start('api_call');
      const waiters = [jest.fn(), jest.fn()];
      for (const waiter of waiters) void hub.whenIdle().then(waiter);
      one.tracker.stop('api_call');
      await eventLoopTurn();
      expect(waiters[0]).not.toHaveBeenCalled();
      two.tracker.stop('api_call');
      await eventLoopTurn();
      for (const waiter of waiters) expect(waiter).toHaveBeenCalledTimes(1);
    });

    it('resolves after an idle moment, even if work has begun again since', async () => {
      const hub = new SessionActivityHub();
      const { tracker } = addSession(hub, 'one');
      tracker.start('api_call');
      const idle = hub.whenIdle();
      tracker.stop('api_call');
      tracker.start('api_call');
      await expect(idle).resolves.toBeUndefined();
    });

    it.each(['removal', 'dispose'])('resolves on %s of the only busy session', async (how) => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      tracker.start('api_call');
      const idle = hub.whenIdle();
      if (how === 'removal') remove();
      else tracker.dispose();
      await expect(idle).resolves.toBeUndefined();
    });

    it('goes on waiting when an idle session is removed while another is busy', async () => {
      const hub = new SessionActivityHub();
      const [busy, idle] = [addSession(hub, 'busy'), addSession(hub, 'idle')];
      busy.tracker.start('api_call');
      const waiter = jest.fn();
      void hub.whenIdle().then(waiter);
      idle.remove();
      await eventLoopTurn();
      expect(waiter).not.toHaveBeenCalled();
    });

    it('rejects with the reason of its signal when that is aborted first, while others go on waiting', async () => {
      const hub = new SessionActivityHub();
      const { tracker } = addSession(hub, 'one');
      tracker.start('api_call');
      const abort = new AbortController();
      const aborted = hub.whenIdle({ signal: abort.signal });
      const other = hub.whenIdle();
      abort.abort('too long');
      await expect(aborted).rejects.toBe('too long');
      await expect(hub.whenIdle({ signal: AbortSignal.abort('before') })).rejects.toBe('before');
      tracker.stop('api_call');
      await expect(other).resolves.toBeUndefined();
    });

    it('leaves no listener on its signal', async () => {
      const hub = new SessionActivityHub();
      const { tracker } = addSession(hub, 'one');
      tracker.start('api_call');
      const { signal } = new AbortController();
      const added = jest.spyOn(signal, 'addEventListener');
      const removed = jest.spyOn(signal, 'removeEventListener');
      const idle = hub.whenIdle({ signal });
      tracker.stop('api_call');
      await idle;
      expect(added).toHaveBeenCalledTimes(1);
      expect(removed.mock.calls).toEqual([['abort', added.mock.calls[0]?.[1]]]);
    });

    it.each([
      [{ sgnal: 1 }, 'Expected `options` to have no properties but signal, got `sgnal`'],
      [{ signal: {} }, 'Expected `signal` to be an AbortSignal, got a value of type object'],
    ])('rejects with a TypeError for %p', async (options, message) => {
      const error: unknown = await new SessionActivityHub().whenIdle(options as never).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', message);
    });
  });
});
