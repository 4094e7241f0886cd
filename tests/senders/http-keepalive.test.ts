import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { NOT_SENT } from '../../src/index.js';
import { httpKeepalive } from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { until } from '../support/until.js';
import { abortedSignal, keepalive } from './keepalive.js';
import { closeAfterwards, startHttpServer } from './peers.js';

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

describe('httpKeepalive', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  describe('request', () => {
    it('sends what it was given, by POST unless another method is set', async () => {
      const { url, got } = await answering((response) => response.writeHead(204).end());
      await httpKeepalive(`${url}/alive`, { headers: { 'x-session': '42' }, body: 'beat' })(keepalive());
      await httpKeepalive(new URL('/bare', url))(keepalive());
      await httpKeepalive(url, { method: 'PUT', body: null })(keepalive());
      await httpKeepalive(url, { method: 'PATCH', headers: [['x-session', '7']] })(keepalive());
      expect(got).toEqual([
        ['POST', '/alive', '42', 'beat'],
        ['POST', '/bare', undefined, ''],
        ['PUT', '/', undefined, ''],
        ['PATCH', '/', '7', ''],
      ]);
    });

    it('calls `headers` and `body` for each keep-alive, and waits for their promises', async () => {
      const { url, got } = await answering((response) => response.end());
      const tokens = ['first', 'second'];
      const send = httpKeepalive(url, {
        headers: async () => {
          await eventLoopTurn();
          return { 'x-session': tokens.shift() ?? '' };
        },
        body: ({ refcount, trigger }) => `${trigger} of ${refcount}`,
      });
      await send(keepalive());
      await send({ ...keepalive(), refcount: 2, trigger: 'signal' });
      expect(got).toEqual([
        ['POST', '/', 'first', 'heartbeat of 1'],
        ['POST', '/', 'second', 'signal of 2'],
      ]);
    });

    it('fails with what they fail with, and sends nothing', async () => {
      const { url, got } = await answering((response) => response.end());
      const fails = (message: string) => () => Promise.reject(new Error(message));
      await expect(httpKeepalive(url, { headers: fails('no token') })(keepalive())).rejects.toThrow('no token');
      await expect(httpKeepalive(url, { body: fails('no body') })(keepalive())).rejects.toThrow('no body');
      expect(got).toEqual([]);
    });

    it('calls `fetch` in place of the global one', async () => {
      const { url, got } = await answering((response) => response.end());
      const calls: unknown[] = [];
      const own: typeof fetch = (...args) => {
        calls.push(args[0]);
        return fetch(...args);
      };
      await httpKeepalive(url, { fetch: own })(keepalive());
      expect(calls).toEqual([`${url}/`]);
      expect(got).toHaveLength(1);
    });
  });

  describe('answer', () => {
    it.each([
      [200, 'a short body'],
      [503, 'x'.repeat(10_000)],
    ])('of status %i leaves the connection to the next send', async (status, body) => {
      const { url, got, connections } = await answering((response) => response.writeHead(status).end(body));
      const send = httpKeepalive(url);
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
      await expect(httpKeepalive(url)(keepalive())).rejects.toMatchObject({
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
      const [result] = await Promise.allSettled([httpKeepalive(url)(keepalive())]);
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
      await expect(httpKeepalive(url)(keepalive())).resolves.toBeUndefined();
      await until(() => response?.closed === true);
    });

    it('may break off', async () => {
      const brokenOff = countRequests('error');
      const { url } = await answering((response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('part', () => response.destroy());
      });
      await expect(httpKeepalive(url)(keepalive())).resolves.toBeUndefined();
      await until(() => brokenOff() === 1);
      await eventLoopTurn();
    });

    it('that `accept` answers with false is a refusal, and `accept` may read the body', async () => {
      const bodies = ['{"failure":{}}', '{"protection":{}}'];
      const { url, connections } = await answering((response) => response.end(bodies.shift()));
      const send = httpKeepalive(url, { accept: async (answer) => !('failure' in ((await answer.json()) as object)) });
      await expect(send(keepalive())).rejects.toMatchObject({
        code: 'REFUSED',
        message: 'The keep-alive was refused with status 200',
      });
      await eventLoopTurn();
      await expect(send(keepalive())).resolves.toBeUndefined();
      expect(connections()).toBe(1);
    });

    it('is accepted by an `accept` that returns nothing, and its body still discarded', async () => {
      const { url, connections } = await answering((response) => response.end('a body'));
      const read = countRequests('trailers');
      const send = httpKeepalive(url, { accept: () => undefined });
      for (let sends = 1; sends <= 2; sends++) {
        await send(keepalive());
        await until(() => read() === sends);
        await eventLoopTurn();
      }
      expect(connections()).toBe(1);
    });

    it('that is not 2xx is not shown to `accept`', async () => {
      const { url } = await answering((response) => response.writeHead(400).end());
      const accept = jest.fn();
      await expect(httpKeepalive(url, { accept })(keepalive())).rejects.toMatchObject({ code: 'HTTP_400' });
      expect(accept).not.toHaveBeenCalled();
    });

    it('that makes `accept` throw fails with that', async () => {
      const { url } = await answering((response) => response.end('no JSON'));
      const send = httpKeepalive(url, { accept: (answer) => answer.json() });
      await expect(send(keepalive())).rejects.toMatchObject({ name: 'SyntaxError' });
    });

    it('that never comes fails with the code of the cause', async () => {
      const { server, url } = await startHttpServer(() => undefined);
      server.close();
      await once(server, 'close');
      await expect(httpKeepalive(url)(keepalive())).rejects.toMatchObject({
        code: 'ECONNREFUSED',
        message: 'The keep-alive got no answer',
        cause: { message: 'fetch failed' },
      });
    });
  });

  describe('Retry-After', () => {
    const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

    /** Sends once to a server that answers so. @returns a later send's outcome. */
    async function afterAnswer(status: number, retryAfter: string): Promise<(afterMs: number) => Promise<unknown>> {
      let answers = 0;
      const { url } = await answering((response) => {
        if (answers++ === 0) response.writeHead(status, { 'retry-after': retryAfter }).end();
        else response.end();
      });
      const now = jest.spyOn(Date, 'now').mockReturnValue(NOW_MS);
      const send = httpKeepalive(url);
      await Promise.allSettled([send(keepalive())]);
      return (afterMs) => {
        now.mockReturnValue(NOW_MS + afterMs);
        return Promise.resolve(send(keepalive()));
      };
    }

    it.each([
      [429, '120', 120_000],
      [503, '120', 120_000],
      [503, 'Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
      [503, 'Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
      [429, '86400', 300_000],
      [429, '9'.repeat(400), 300_000],
      [429, 'Thu, 01 Jan 2032 00:00:00 GMT', 300_000],
    ])('of a %i that says %p gives NOT_SENT until then', async (status, retryAfter, waitMs) => {
      const sendAgain = await afterAnswer(status, retryAfter);
      await expect(sendAgain(0)).resolves.toBe(NOT_SENT);
      await expect(sendAgain(waitMs - 1)).resolves.toBe(NOT_SENT);
      await expect(sendAgain(waitMs)).resolves.toBeUndefined();
    });

    it.each([
      [429, '0'],
      [429, '-5'],
      [429, '1.5'],
      [429, 'soon'],
      [429, 'Nonsense, GMT'],
      [429, '2026-01-01T00:01:00Z'],
      [429, 'Wed, 31 Dec 2025 00:00:00 GMT'],
      [500, '120'],
      [200, '120'],
    ])('of a %i that says %p holds nothing up', async (status, retryAfter) => {
      const sendAgain = await afterAnswer(status, retryAfter);
      await expect(sendAgain(0)).resolves.toBeUndefined();
    });

    it('is forgotten where the wall clock is set back', async () => {
      const sendAgain = await afterAnswer(429, '120');
      await expect(sendAgain(-86_400_000)).resolves.toBeUndefined();
    });
  });

  describe('abort', () => {
    it.each(['of the send', 'of the signal in `options`'])('%s ends the request', async (which) => {
      const { url, got } = await answering((response) => {
        response.on('close', () => got.push('closed'));
        abort.abort('gave up');
      });
      const abort = new AbortController();
      const { signal } = abort;
      const sending =
        which === 'of the send' ? httpKeepalive(url)(keepalive(signal)) : httpKeepalive(url, { signal })(keepalive());
      await expect(sending).rejects.toBe('gave up');
      await until(() => got.includes('closed'));
    });

    it('of a signal that many requests share ends them all, by one listener that goes with the last', async () => {
      const { url, got } = await answering(() => undefined);
      const { url: quickUrl } = await answering((response) => response.end());
      const abort = new AbortController();
      const { signal } = abort;
      const sending = Array.from({ length: 20 }, () => httpKeepalive(url, { signal })(keepalive()));
      await until(() => got.length === 20);
      await httpKeepalive(quickUrl, { signal })(keepalive());
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      abort.abort('over');
      const results = await Promise.allSettled(sending);
      expect(results).toEqual(results.map(() => ({ status: 'rejected', reason: 'over' })));
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('leaves nothing on a signal that outlives the request', async () => {
      const { url } = await answering((response) => response.end());
      const { signal } = new AbortController();
      const { signal: own } = new AbortController();
      const any = jest.spyOn(AbortSignal, 'any');
      await httpKeepalive(url, { signal })(keepalive(own));
      // A port that `fetch` refuses.
      await expect(httpKeepalive('http://127.0.0.1:1', { signal })(keepalive(own))).rejects.toThrow('fetch failed');
      expect([signal, own].flatMap((each) => getEventListeners(each, 'abort'))).toEqual([]);
      // It would leave an entry on the signal for as long as that lives.
      expect(any).not.toHaveBeenCalled();
    });

    it('while `body` is being made sends nothing', async () => {
      const { url, got } = await answering((response) => response.end());
      const body = defer<string>();
      const abort = new AbortController();
      const sending = httpKeepalive(url, { body: () => body.promise })(keepalive(abort.signal));
      abort.abort('too slow');
      body.resolve('late');
      await expect(sending).rejects.toBe('too slow');
      expect(got).toEqual([]);
    });

    it('before the send sends nothing', async () => {
      const { url, got } = await answering((response) => response.end());
      await expect(httpKeepalive(url)(keepalive(abortedSignal('over')))).rejects.toBe('over');
      await expect(httpKeepalive(url)(keepalive(abortedSignal(null)))).rejects.toBeNull();
      await expect(httpKeepalive(url, { signal: abortedSignal('over too') })(keepalive())).rejects.toBe('over too');
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
      tracker.registerCallback(httpKeepalive(url));
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
