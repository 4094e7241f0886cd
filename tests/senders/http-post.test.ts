import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { httpPost } from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { abortedSignal, keepalive } from './keepalive.js';
import { closeAfterwards, startHttpServer, until } from './peers.js';

/** In place of a status: no answer at all. */
const HANG = 0;

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** A server that answers as `answer` does, and the requests that it got. */
async function answering(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; got: unknown[]; connections: () => number }> {
  const got: unknown[] = [];
  let connections = 0;
  const { server, url } = await startHttpServer((request, response) => {
    void textOf(request).then((body) => {
      got.push([request.method, request.url, request.headers['x-session'], body]);
      answer(response);
    });
  });
  server.on('connection', () => connections++);
  return { url, got, connections: () => connections };
}

/** Counts the requests of `fetch` from now on whose answer was read to its end, or broke off. */
function countRequests(how: 'trailers' | 'error'): () => number {
  const channel = `undici:request:${how}`;
  let requests = 0;
  const count = (): void => {
    requests++;
  };
  subscribe(channel, count);
  closeAfterwards(() => Promise.resolve(unsubscribe(channel, count)));
  return () => requests;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('httpPost', () => {
  describe('request', () => {
    it('posts what it was given', async () => {
      const { url, got } = await answering((response) => response.writeHead(204).end());
      await httpPost(`${url}/alive`, { headers: { 'x-session': '42' }, body: 'beat' })(keepalive());
      await httpPost(new URL('/bare', url))(keepalive());
      expect(got).toEqual([
        ['POST', '/alive', '42', 'beat'],
        ['POST', '/bare', undefined, ''],
      ]);
    });

    it('reads `init` at every send', async () => {
      const { url, got } = await answering((response) => response.end());
      const headers = new Headers({ 'x-session': 'first' });
      const send = httpPost(url, { headers });
      await send(keepalive());
      headers.set('x-session', 'second');
      await send(keepalive());
      expect(got).toEqual([
        ['POST', '/', 'first', ''],
        ['POST', '/', 'second', ''],
      ]);
    });
  });

  describe('answer', () => {
    it.each([
      [200, 'a short body'],
      [503, 'x'.repeat(10_000)],
    ])('of status %i leaves the connection to the next send', async (status, body) => {
      const { url, got, connections } = await answering((response) => response.writeHead(status).end(body));
      const send = httpPost(url);
      const read = countRequests('trailers');
      for (let sends = 1; sends <= 3; sends++) {
        await Promise.allSettled([send(keepalive())]);
        await until(() => read() === sends);
        // `fetch` takes a connection back a turn after the body has ended.
        await eventLoopTurn();
      }
      expect([got.length, connections()]).toEqual([3, 1]);
    });

    it.each([304, 404, 503])('of status %i fails with it as the code', async (status) => {
      const { url } = await answering((response) => response.writeHead(status).end());
      await expect(httpPost(url)(keepalive())).rejects.toMatchObject({
        code: `HTTP_${status}`,
        message: `The keep-alive was answered with status ${status}`,
      });
    });

    it.each([
      [200, { status: 'fulfilled' }],
      [503, { reason: { code: 'HTTP_503' } }],
    ])('of status %i decides before its body ends, which is cancelled after a second', async (status, expected) => {
      const tooLong = new AbortController();
      const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(tooLong.signal);
      let response: ServerResponse | undefined;
      const { url } = await answering((answer) => {
        response = answer.writeHead(status);
        answer.write('part');
      });
      const [result] = await Promise.allSettled([httpPost(url)(keepalive())]);
      expect(result).toMatchObject(expected);
      expect(response?.closed).toBe(false);
      expect(timeout).toHaveBeenCalledWith(1_000);
      tooLong.abort();
      await until(() => response?.closed === true);
      expect(getEventListeners(tooLong.signal, 'abort')).toEqual([]);
    });

    it('is cancelled where its body has 64 KiB', async () => {
      jest.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal);
      let response: ServerResponse | undefined;
      const { url } = await answering((answer) => {
        response = answer;
        answer.write('x'.repeat(65_536));
      });
      await expect(httpPost(url)(keepalive())).resolves.toBeUndefined();
      await until(() => response?.closed === true);
    });

    it('may break off', async () => {
      const brokenOff = countRequests('error');
      const { url } = await answering((response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('part', () => response.destroy());
      });
      await expect(httpPost(url)(keepalive())).resolves.toBeUndefined();
      await until(() => brokenOff() === 1);
      await eventLoopTurn();
    });

    it('that never comes fails with the code of the cause', async () => {
      const { server, url } = await startHttpServer(() => undefined);
      server.close();
      await once(server, 'close');
      await expect(httpPost(url)(keepalive())).rejects.toMatchObject({
        code: 'ECONNREFUSED',
        message: 'The keep-alive got no answer',
        cause: { message: 'fetch failed' },
      });
    });
  });

  describe('abort', () => {
    it.each(['of the send', 'of the signal in `init`'])('%s ends the request', async (which) => {
      const { url, got } = await answering((response) => {
        response.on('close', () => got.push('closed'));
        abort.abort('gave up');
      });
      const abort = new AbortController();
      const { signal } = abort;
      const sending =
        which === 'of the send' ? httpPost(url)(keepalive(signal)) : httpPost(url, { signal })(keepalive());
      await expect(sending).rejects.toBe('gave up');
      await until(() => got.includes('closed'));
    });

    it('finds no listener left on a signal that outlives the request', async () => {
      const { url } = await answering((response) => response.end());
      const { signal } = new AbortController();
      const { signal: own } = new AbortController();
      const any = jest.spyOn(AbortSignal, 'any');
      await httpPost(url, { signal })(keepalive(own));
      // A port that `fetch` refuses.
      await expect(httpPost('http://127.0.0.1:1', { signal })(keepalive(own))).rejects.toThrow('fetch failed');
      expect([...getEventListeners(signal, 'abort'), ...getEventListeners(own, 'abort')]).toEqual([]);
      // It would leave its mark on the signal for as long as that lives.
      expect(any).not.toHaveBeenCalled();
    });

    it('before the send sends nothing', async () => {
      const { url, got } = await answering((response) => response.end());
      await expect(httpPost(url)(keepalive(abortedSignal('over')))).rejects.toBe('over');
      await expect(httpPost(url)(keepalive(abortedSignal(null)))).rejects.toBeNull();
      await expect(httpPost(url, { signal: abortedSignal('over too') })(keepalive())).rejects.toBe('over too');
      expect(got).toEqual([]);
    });
  });

  describe('with a tracker', () => {
    it('is counted as sent, failed with the status or by the deadline, and recovered', async () => {
      let status = 200;
      const { url, got } = await answering((response) => {
        if (status !== HANG) response.writeHead(status).end();
      });
      const { tracker, clock, diagnostics } = createTestTracker();
      const reach = (sent: number, failed: number): Promise<void> =>
        until(() => tracker.snapshot().keepalives.sent === sent && tracker.snapshot().keepalives.failed === failed);
      tracker.registerCallback(httpPost(url));
      tracker.start('api_call');
      clock.advance(30_000);
      await reach(1, 0);
      status = 503;
      clock.advance(30_000);
      await reach(1, 1);
      status = HANG;
      clock.advance(30_000);
      await until(() => got.length === 3);
      clock.advance(10_000);
      await reach(1, 2);
      status = 200;
      clock.advance(20_000);
      await reach(2, 2);
      expect(diagnostics.events.filter(({ level }) => level !== 'debug')).toEqual([
        { level: 'warn', event: 'session_keepalive_failed', data: { outcome: 'error', error_code: 'HTTP_503' } },
        { level: 'info', event: 'session_keepalive_recovered', data: { failures: 2 } },
      ]);
      tracker.dispose();
    });
  });
});
