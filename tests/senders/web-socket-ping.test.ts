import { once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import type { WebSocket as Socket } from 'ws';
import { NOT_SENT } from '../../src/index.js';
import { webSocketPing, type WebSocketLike } from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { thrownBy } from '../support/thrown-by.js';
import { until } from '../support/until.js';
import { keepalive } from './keepalive.js';
import { MORE_THAN_THE_KERNEL_TAKES, openWebSocket } from './peers.js';

/** The socket as a browser shows it: without `ping`. */
function browserShape(socket: Socket): WebSocketLike {
  return {
    get readyState() {
      return socket.readyState;
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (message) => socket.send(message),
  };
}

/** Fills the way to a peer that has stopped reading. */
function clog(near: Socket, far: Socket): void {
  far.pause();
  near.send(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES), () => undefined);
}

describe('webSocketPing', () => {
  describe('with the ping of ws', () => {
    it('pings the peer, from either end', async () => {
      const { near, far } = await openWebSocket();
      const pinged = Promise.all([once(far, 'ping'), once(near, 'ping')]);
      await Promise.all([webSocketPing(near)(keepalive()), webSocketPing(far)(keepalive())]);
      const [[toFar], [toNear]] = (await pinged) as [[Buffer], [Buffer]];
      expect([toFar.byteLength, toNear.byteLength]).toEqual([0, 0]);
    });

    it('prefers it to the message', async () => {
      const { near, far } = await openWebSocket();
      const send = jest.spyOn(near, 'send');
      const pinged = once(far, 'ping');
      await webSocketPing(near, { message: 'alive' })(keepalive());
      await pinged;
      expect(send).not.toHaveBeenCalled();
    });

    it('gives NOT_SENT for a socket that is not open, and does not ping it', async () => {
      const { near, far } = await openWebSocket();
      const ping = jest.spyOn(near, 'ping');
      const send = webSocketPing(near);
      near.close();
      expect(near.readyState).toBe(near.CLOSING);
      expect(send(keepalive())).toBe(NOT_SENT);
      await until(() => near.readyState === near.CLOSED && far.readyState === far.CLOSED);
      expect(send(keepalive())).toBe(NOT_SENT);
      expect(ping).not.toHaveBeenCalled();
    });

    it('is done at once where the ping has left, and does not read the signal', async () => {
      const { near, far } = await openWebSocket();
      const pinged = once(far, 'ping');
      const signal = jest.fn();
      const given = Object.defineProperty({ ...keepalive() }, 'signal', { get: signal });
      expect(webSocketPing(near)(given)).toBeUndefined();
      await pinged;
      expect(signal).not.toHaveBeenCalled();
    });

    it('is pending until the socket has handed the ping on', async () => {
      const { near, far } = await openWebSocket();
      clog(near, far);
      let isSent = false;
      const sending = Promise.resolve(webSocketPing(near, { maxBufferedBytes: Infinity })(keepalive()));
      void sending.then(() => (isSent = true));
      await eventLoopTurn();
      expect(isSent).toBe(false);
      const pinged = once(far, 'ping');
      far.resume();
      await Promise.all([sending, pinged]);
    });

    it('fails with what the socket calls back with', async () => {
      const { near, far } = await openWebSocket();
      clog(near, far);
      const sending = webSocketPing(near, { maxBufferedBytes: Infinity })(keepalive());
      near.terminate();
      // Which of the two depends on the version of Node.
      await expect(sending).rejects.toMatchObject({
        code: expect.stringMatching(/^(ERR_STREAM_DESTROYED|ECANCELED)$/),
      });
    });

    it.each([0, 1])('believes a callback that comes during the ping, with %i bytes in the socket', async (buffered) => {
      const outcomes = [undefined, null, new Error('broken')];
      const ping = (_data: undefined, _mask: undefined, callback: (error?: Error | null) => void): void =>
        callback(outcomes.shift());
      const send = webSocketPing({ readyState: 1, bufferedAmount: buffered, send: () => undefined, ping });
      expect([send(keepalive()), send(keepalive())]).toEqual([undefined, undefined]);
      await expect(send(keepalive())).rejects.toThrow('broken');
    });
  });

  describe('without a ping', () => {
    it('sends a text message', async () => {
      const { near, far } = await openWebSocket();
      const received = once(near, 'message') as Promise<[Buffer, boolean]>;
      await webSocketPing(browserShape(far), { message: '{"type":"alive"}' })(keepalive());
      const [data, isBinary] = await received;
      expect([data.toString(), isBinary]).toEqual(['{"type":"alive"}', false]);
    });

    it.each([
      ['a view', (bytes: Uint8Array) => bytes.subarray(1, 3)],
      ['a DataView', (bytes: Uint8Array) => new DataView(bytes.buffer, 1, 2)],
      ['an ArrayBuffer', (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer],
    ])('sends bytes, copied from %s', async (kind, given) => {
      const { near, far } = await openWebSocket();
      const bytes = Uint8Array.from(kind === 'an ArrayBuffer' ? [2, 3] : [1, 2, 3, 4]);
      const message = given(bytes);
      const received = once(near, 'message') as Promise<[Buffer, boolean]>;
      const send = webSocketPing(browserShape(far), { message });
      bytes.fill(9);
      await send(keepalive());
      const [data, isBinary] = await received;
      expect([[...data], isBinary]).toEqual([[2, 3], true]);
    });
  });

  describe('without a ping, where `send` returns a promise', () => {
    it('fails with what it is rejected with', async () => {
      const socket = { readyState: 1, bufferedAmount: 0, send: () => Promise.reject(new Error('broken')) };
      await expect(webSocketPing(socket, { message: 'alive' })(keepalive())).rejects.toThrow('broken');
    });

    it('waits for it', async () => {
      const { promise, resolve } = defer();
      const socket = { readyState: 1, bufferedAmount: 0, send: () => promise };
      let isSent = false;
      const sending = Promise.resolve(webSocketPing(socket, { message: 'alive' })(keepalive()));
      void sending.then(() => (isSent = true));
      await eventLoopTurn();
      expect(isSent).toBe(false);
      resolve();
      await sending;
    });
  });

  describe('back-pressure', () => {
    it('adds nothing while more than `maxBufferedBytes` wait, 1 MiB by default', async () => {
      const { near } = await openWebSocket();
      const ping = jest.spyOn(near, 'ping');
      const buffered = jest.spyOn(near, 'bufferedAmount', 'get');
      buffered.mockReturnValue(1_048_577);
      expect(thrownBy(() => webSocketPing(near)(keepalive()))).toMatchObject({
        code: 'BACKPRESSURE',
        message: 'More than 1048576 bytes wait to be sent over the socket',
      });
      buffered.mockReturnValue(1);
      expect(() => webSocketPing(near, { maxBufferedBytes: 0 })(keepalive())).toThrow('More than 0 bytes');
      expect(ping).not.toHaveBeenCalled();
      buffered.mockReturnValue(1_048_576);
      await webSocketPing(near)(keepalive());
      expect(ping).toHaveBeenCalledTimes(1);
    });
  });

  describe('with a tracker', () => {
    it('is counted as sent, failed while the peer does not read, recovered, and unsent once the socket is closed', async () => {
      const { near, far } = await openWebSocket();
      const { tracker, clock, diagnostics } = createTestTracker();
      tracker.registerCallback(webSocketPing(near));
      tracker.start('tool_exec');
      clock.advance(30_000);
      await until(() => tracker.snapshot().keepalives.sent === 1);
      clog(near, far);
      clock.advance(30_000);
      await until(() => tracker.snapshot().keepalives.failed === 1);
      far.resume();
      await until(() => near.bufferedAmount === 0);
      clock.advance(30_000);
      await until(() => tracker.snapshot().keepalives.sent === 2);
      near.terminate();
      clock.advance(60_000);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 2, failed: 1, unsent: 2 });
      expect(diagnostics.events.filter(({ level }) => level !== 'debug')).toEqual([
        { level: 'warn', event: 'session_keepalive_failed', data: { outcome: 'error', error_code: 'BACKPRESSURE' } },
        { level: 'info', event: 'session_keepalive_recovered', data: { failures: 1 } },
        { level: 'info', event: 'session_keepalive_not_sent', data: { cause: 'transport' } },
      ]);
      tracker.dispose();
    });
  });
});
