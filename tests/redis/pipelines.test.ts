import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NOT_SENT } from '../../src/ports/keepalive.js';
import { RedisLeases } from '../../src/redis/index.js';
import { defer } from '../support/deferred.js';
import { FakeClient } from './fake-client.js';
import { KEEPALIVE } from './keepalive.js';

const TTL_MS = 90_000;

let client: FakeClient;
let leases: RedisLeases;

/** Sends a keep-alive, and gives the code it failed with, or `undefined`. */
async function send(sessionId: string): Promise<unknown> {
  try {
    expect(await leases.sender(sessionId)(KEEPALIVE)).not.toBe(NOT_SENT);
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

/** Sends a keep-alive over a new client. */
function sendWith(newClient: FakeClient): Promise<unknown> {
  client = newClient;
  leases = new RedisLeases(client, { ttlMs: TTL_MS, hostId: 'host' });
  return send('a');
}

const gather = (): Promise<void> => jest.advanceTimersByTimeAsync(20);

describe('RedisLeases', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    client = new FakeClient();
    leases = new RedisLeases(client, { ttlMs: TTL_MS, hostId: 'host' });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  describe('pipelines', () => {
    it('renews all leases that are due together in one', async () => {
      const sent = Promise.all(['a', 'b', 'c'].map(send));
      await gather();
      expect(await sent).toEqual([undefined, undefined, undefined]);
      expect(client.pipelines).toEqual([[[TTL_MS, 'host', 'a', 'b', 'c']]]);
    });

    it('splits what is due together into calls of 500 sessions', async () => {
      const sessionIds = Array.from({ length: 1_001 }, (_, index) => `s-${index}`);
      const sent = Promise.all(sessionIds.map(send));
      await gather();
      await sent;
      expect(client.pipelines.map((calls) => calls.map((call) => call.length - 2))).toEqual([[500, 500, 1]]);
    });

    it('opens another one for what is due later', async () => {
      void send('a');
      await gather();
      void send('b');
      await gather();
      expect(client.pipelines).toHaveLength(2);
    });

    it('fails the sessions of a call that failed, and no others', async () => {
      client.answer = (calls) =>
        Promise.resolve(calls.map((_, index) => [index === 0 ? new Error('OOM command not allowed') : null, null]));
      const sent = Promise.all(Array.from({ length: 501 }, (_, index) => send(`s-${index}`)));
      await gather();
      expect(new Set((await sent).slice(0, 500))).toEqual(new Set(['OOM']));
      expect((await sent)[500]).toBeUndefined();
    });

    it('rounds a time to live up to whole milliseconds', async () => {
      leases = new RedisLeases(client, { ttlMs: 1.5, hostId: 'host' });
      void send('a');
      await gather();
      expect(client.pipelines).toEqual([[[2, 'host', 'a']]]);
    });
  });

  describe('errors', () => {
    it.each([
      ["READONLY You can't write against a read only replica.", 'READONLY'],
      ['Connection is closed.', undefined],
    ])('of Redis have the code that their message begins with: %p', async (message, code) => {
      client.answer = () => Promise.reject(new Error(message));
      const sent = send('a');
      await gather();
      expect(await sent).toBe(code);
    });

    it('keep a code that they have', async () => {
      client.answer = () => Promise.reject(Object.assign(new Error('READ ECONNRESET'), { code: 'ECONNRESET' }));
      const sent = send('a');
      await gather();
      expect(await sent).toBe('ECONNRESET');
    });

    it('keep the original as their cause', async () => {
      const cause = new Error('READONLY');
      const readOnly = new Error('READONLY no', { cause });
      client.answer = () => Promise.reject(readOnly);
      await expect(leases.takeLapsed()).rejects.toMatchObject({ message: 'READONLY no', cause: readOnly });
    });
  });

  describe('while Redis is away', () => {
    it.each(['close', 'reconnecting', 'connecting', 'connect', 'end'])(
      'fails at once and queues nothing (status %p)',
      async (status) => {
        client.status = status;
        const sent = send('a');
        await gather();
        expect(await sent).toBe('NOT_CONNECTED');
        await expect(leases.takeLapsed()).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
        expect(client.pipelines).toEqual([]);
      },
    );

    it('fails what waits for an answer when the connection is lost', async () => {
      client.answer = () => new Promise(() => undefined);
      const sent = send('a');
      await gather();
      client.disconnect();
      expect(await sent).toBe('NOT_CONNECTED');
    });

    it.each(['connecting', 'connect'])('waits for the first attempt to connect (status %p)', async (status) => {
      const sent = sendWith(new FakeClient(status));
      await gather();
      expect(client.pipelines).toEqual([]);
      client.connect();
      expect(await sent).toBeUndefined();
      expect(client.pipelines).toEqual([[[TTL_MS, 'host', 'a']]]);
    });

    it.each(['disconnect', 'end'] as const)('fails when the first attempt to connect does (event %p)', async (end) => {
      const sent = sendWith(new FakeClient('connecting'));
      await gather();
      client[end]();
      expect(await sent).toBe('NOT_CONNECTED');
      expect(client.pipelines).toEqual([]);
    });

    it('sends the first command of a client that connects lazily', async () => {
      const sent = sendWith(new FakeClient('wait'));
      await gather();
      expect(await sent).toBeUndefined();
    });
  });

  describe('when Redis is back', () => {
    it('renews the leases of this host without waiting for their next keep-alive', async () => {
      await jest.advanceTimersByTimeAsync(2 * TTL_MS);
      void send('a');
      void send('b');
      await gather();
      client.disconnect();
      client.connect();
      await gather();
      expect(client.pipelines[1]).toEqual([[TTL_MS, 'host', 'a', 'b']]);
    });

    it('renews none that was released', async () => {
      void send('a');
      await gather();
      void leases.release('a');
      await gather();
      client.connect();
      await gather();
      expect(client.pipelines).toHaveLength(2);
    });

    it('renews none whose keep-alives stopped for a time to live', async () => {
      void send('a');
      await gather();
      await jest.advanceTimersByTimeAsync(TTL_MS);
      client.connect();
      await gather();
      expect(client.pipelines).toHaveLength(1);
    });

    it('sends the releases that were made meanwhile', async () => {
      void send('a');
      await gather();
      client.disconnect();
      const released = leases.release('a');
      await gather();
      await released;
      client.connect();
      await gather();
      expect(client.pipelines.slice(1)).toEqual([[['host', 'a']]]);
    });

    it('does not release what was renewed after its release', async () => {
      void send('a');
      await gather();
      client.disconnect();
      void leases.release('a');
      await gather();
      void send('a');
      await gather();
      client.connect();
      await gather();
      expect(client.pipelines.slice(1)).toEqual([[[TTL_MS, 'host', 'a']]]);
    });
  });

  describe('release', () => {
    it('resolves when Redis has answered', async () => {
      void send('a');
      await gather();
      const answer = defer<[null, null][]>();
      client.answer = () => answer.promise;
      const resolved = jest.fn();
      void leases.release('a').then(resolved);
      await gather();
      expect(client.pipelines[1]).toEqual([['host', 'a']]);
      expect(resolved).not.toHaveBeenCalled();
      answer.resolve([[null, null]]);
      await gather();
      expect(resolved).toHaveBeenCalledTimes(1);
    });

    it('sends nothing for a session that has no lease', async () => {
      await leases.release('a');
      await gather();
      expect(client.pipelines).toEqual([]);
    });

    it('goes to Redis after a renewal that is due with it', async () => {
      void send('a');
      void leases.release('a');
      await gather();
      expect(client.pipelines).toEqual([
        [
          [TTL_MS, 'host', 'a'],
          ['host', 'a'],
        ],
      ]);
    });

    it('is tried again after an error', async () => {
      void send('a');
      await gather();
      client.answer = () => Promise.reject(new Error('READONLY no'));
      const released = leases.release('a');
      await gather();
      await released;
      void send('b').catch(() => undefined);
      await gather();
      expect(client.pipelines[2]).toEqual([
        [TTL_MS, 'host', 'b'],
        ['host', 'a'],
      ]);
    });

    it('is tried again for the sessions of the call that failed, and for no others', async () => {
      const ids = Array.from({ length: 501 }, (_, index) => `s-${index}`);
      for (const id of ids) void send(id);
      await gather();
      const { answer } = client;
      client.answer = (calls) =>
        Promise.resolve(calls.map((_, index) => [index === 2 ? new Error('READONLY no') : null, null]));
      void send('other');
      for (const id of ids) void leases.release(id);
      await gather();
      client.answer = answer;
      void send('other');
      await gather();
      expect(client.pipelines[2]).toEqual([
        [TTL_MS, 'host', 'other'],
        ['host', 's-500'],
      ]);
    });

    it('is not tried again when the session was renewed meanwhile', async () => {
      void send('a');
      await gather();
      const answer = defer<[Error, null][]>();
      client.answer = () => answer.promise;
      void leases.release('a');
      await gather();
      void send('a');
      answer.resolve([[new Error('READONLY no'), null]]);
      await gather();
      expect(client.pipelines[2]).toEqual([[TTL_MS, 'host', 'a']]);
    });
  });

  describe('takeLapsed', () => {
    const NOW_MS = 1_800_000_000_000;
    const lapsed = (from: number, count: number): unknown => [
      NOW_MS,
      Array.from({ length: count }, (_, index) => [`s-${from + index}`, 'dead', String(NOW_MS - 5)]),
    ];

    it('gives what Redis answers as objects', async () => {
      const replies = [NOW_MS, lapsed(0, 1)];
      client.answer = () => Promise.resolve([[null, replies.shift()]]);
      expect(await leases.takeLapsed()).toEqual([
        { sessionId: 's-0', hostId: 'dead', expiredAtMs: NOW_MS - 5, takenAtMs: NOW_MS },
      ]);
    });

    it('asks until Redis has no more', async () => {
      const replies = [NOW_MS, lapsed(0, 500), lapsed(500, 500), lapsed(1_000, 0)];
      client.answer = () => Promise.resolve([[null, replies.shift()]]);
      expect(await leases.takeLapsed()).toHaveLength(1_000);
    });

    it('gives what it has taken when Redis goes away in the middle', async () => {
      const replies = [NOW_MS, lapsed(0, 500)];
      client.answer = () =>
        replies.length > 0 ? Promise.resolve([[null, replies.shift()]]) : Promise.reject(new Error('gone'));
      expect(await leases.takeLapsed()).toHaveLength(500);
    });

    it('fails with the error of Redis when it has taken nothing', async () => {
      const replies = [NOW_MS];
      client.answer = () =>
        Promise.resolve([replies.length > 0 ? [null, replies.shift()] : [new Error('NOPERM no'), null]]);
      await expect(leases.takeLapsed()).rejects.toMatchObject({ code: 'NOPERM' });
    });

    it('tells Redis since when it has asked, failed attempts included', async () => {
      const begins = (): unknown => client.pipelines.at(-1)?.[0]?.[1];
      client.answer = () =>
        Promise.resolve([[null, client.pipelines.at(-1)?.[0]?.length === 0 ? NOW_MS : [NOW_MS, []]]]);
      await leases.takeLapsed();
      expect(begins()).toBe(NOW_MS);

      await jest.advanceTimersByTimeAsync(10_000);
      client.disconnect();
      await expect(leases.takeLapsed()).rejects.toThrow('Redis is not connected');
      await jest.advanceTimersByTimeAsync(3_000);
      client.connect();
      await leases.takeLapsed();
      expect(begins()).toBe(NOW_MS - 3_000);

      await leases.takeLapsed();
      expect(begins()).toBe(NOW_MS);
    });
  });
});
