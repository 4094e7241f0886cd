import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { httpPost } from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { abortedSignal, keepalive } from './keepalive.js';
import { startHttpServer, until } from './peers.js';

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
      for (let sends = 0; sends < 3; sends++) {
        await Promise.allSettled([send(keepalive())]);
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

    it('is cancelled where its body does not end', async () => {
      let closed: Promise<unknown> | undefined;
      const { url } = await answering((response) => {
        closed = once(response, 'close');
        const more = (): void => {
          while (response.write('x'.repeat(16_384)));
        };
        response.on('drain', more);
        more();
      });
      await expect(httpPost(url)(keepalive())).resolves.toBeUndefined();
      await closed;
    });

    it.each([
      [200, 'succeeds'],
      [503, 'fails with the status'],
    ])('of status %i whose body breaks off %s', async (status) => {
      const { url } = await answering((response) => {
        response.writeHead(status, { 'content-length': '100' });
        response.write('part', () => response.destroy());
      });
      const [result] = await Promise.allSettled([httpPost(url)(keepalive())]);
      expect(result).toMatchObject(status === 200 ? { status: 'fulfilled' } : { reason: { code: 'HTTP_503' } });
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

    it('before the send sends nothing', async () => {
      const { url, got } = await answering((response) => response.end());
      await expect(httpPost(url)(keepalive(abortedSignal('over')))).rejects.toBe('over');
      await expect(httpPost(url)(keepalive(abortedSignal(null)))).rejects.toBeNull();
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
