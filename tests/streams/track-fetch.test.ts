import { once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { type SessionActivityTracker, trackFetch } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { startHandOperatedServer, startServer } from '../support/loopback-server.js';
import { observeTracker, OVERDUE } from '../support/observed-tracker.js';
import { readAll } from '../support/read-all.js';

const running = (tracker: SessionActivityTracker): number => tracker.snapshot().refcount;

const text = (chunk: unknown): string => Buffer.from(chunk as Uint8Array).toString();

describe('trackFetch', () => {
  describe('the activity', () => {
    it('runs from the call until the body has ended, without a gap', async () => {
      await using server = await startHandOperatedServer();
      const { tracker } = createTestTracker();
      const observer = jest.fn();
      tracker.observe(observer);
      const answer = trackFetch(tracker, 'api_call')(server.url);
      expect(tracker.snapshot().active).toEqual({ api_call: 1 });

      const { response } = await server.nextRequest();
      response.flushHeaders();
      const { body } = await answer;
      const reader = body?.getReader();
      response.write('first');
      expect(text((await reader?.read())?.value)).toBe('first');
      expect(running(tracker)).toBe(1);
      const last = reader?.read();
      response.end();
      expect(await last?.then(({ done }) => [done, running(tracker)])).toEqual([true, 0]);
      expect(observer.mock.calls).toEqual([['busy'], ['idle']]);
    });

    it('stops when the call fails, and passes the error on', async () => {
      const { tracker } = createTestTracker();
      const error = new Error('no network');
      const failing = trackFetch(tracker, 'api_call', () => Promise.reject(error));
      await expect(failing()).rejects.toBe(error);
      expect(running(tracker)).toBe(0);
    });

    it('stops when the function throws instead of rejecting', async () => {
      const { tracker } = createTestTracker();
      const error = new Error('not even a promise');
      const failing = trackFetch(tracker, 'api_call', () => {
        throw error;
      });
      await expect(failing()).rejects.toBe(error);
      expect(running(tracker)).toBe(0);
    });

    it.each([
      ['204', 'GET'],
      ['205', 'GET'],
      ['304', 'GET'],
      ['200', 'HEAD'],
    ])('stops at once when the answer has no body: %s to %s', async (status, method) => {
      await using server = await startServer((_, response) => response.writeHead(Number(status)).end());
      const { tracker } = createTestTracker();
      const response = await trackFetch(tracker, 'api_call')(server.url, { method });
      expect([running(tracker), response.status, response.body]).toEqual([0, Number(status), null]);
    });

    it('stops at once when the body is empty', async () => {
      await using server = await startServer((_, response) => response.writeHead(200, { 'content-length': 0 }).end());
      const { tracker } = createTestTracker();
      const response = await trackFetch(tracker, 'api_call')(server.url);
      expect(running(tracker)).toBe(0);
      expect(await response.text()).toBe('');
    });

    it('stops when the body is cancelled, which closes the connection', async () => {
      await using server = await startHandOperatedServer();
      const { tracker } = createTestTracker();
      const answer = trackFetch(tracker, 'api_call')(server.url);
      const { response } = await server.nextRequest();
      response.write('first');
      const closed = once(response, 'close');
      const { body } = await answer;
      const cancelled = body?.cancel();
      expect(running(tracker)).toBe(0);
      await cancelled;
      await closed;
    });

    it('stops when the caller aborts before the headers', async () => {
      await using server = await startHandOperatedServer();
      const { tracker } = createTestTracker();
      const abort = new AbortController();
      const answer = trackFetch(tracker, 'api_call')(server.url, { signal: abort.signal });
      await server.nextRequest();
      const reason = new Error('changed my mind');
      abort.abort(reason);
      await expect(answer).rejects.toBe(reason);
      expect(running(tracker)).toBe(0);
    });

    it('stops when the caller aborts in the middle of the body, while a read is pending', async () => {
      await using server = await startHandOperatedServer();
      const { tracker } = createTestTracker();
      const abort = new AbortController();
      const answer = trackFetch(tracker, 'api_call')(server.url, { signal: abort.signal });
      const { response } = await server.nextRequest();
      response.write('first');
      const reader = (await answer).body?.getReader();
      await reader?.read();
      const pending = reader?.read();
      const reason = new Error('changed my mind');
      abort.abort(reason);
      await expect(pending).rejects.toBe(reason);
      expect(running(tracker)).toBe(0);
    });

    it('stops when the server dies in the middle of the body', async () => {
      await using server = await startHandOperatedServer();
      const { tracker } = createTestTracker();
      const answer = trackFetch(tracker, 'api_call')(server.url);
      const { response } = await server.nextRequest();
      response.write('first');
      const { body } = await answer;
      response.destroy();
      await expect(readAll(body as AsyncIterable<Uint8Array>)).rejects.toMatchObject({
        name: 'TypeError',
        message: 'terminated',
      });
      expect(running(tracker)).toBe(0);
    });

    it('is touched by the headers first, then by each chunk', async () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, maxSilenceMs: 2500 });
      tracker.registerCallback(send);
      const held: { controller?: ReadableStreamDefaultController<Uint8Array> } = {};
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          held.controller = controller;
        },
      });
      const headers = defer<Response>();
      const answer = trackFetch(tracker, 'api_call', () => headers.promise)();
      clock.advance(10_000);
      expect(tracker.snapshot().overdue).toBe(0);
      headers.resolve(new Response(body));
      const reader = (await answer).body?.getReader();
      clock.advance(2500);
      held.controller?.enqueue(new Uint8Array(1));
      await reader?.read();
      clock.advance(2500);
      expect(timesOf(OVERDUE)).toEqual([]);
      clock.advance(1000);
      expect(timesOf(OVERDUE)).toEqual([16_000]);
    });
  });

  describe('the response', () => {
    it('has the fields of the original, after a redirect too', async () => {
      await using server = await startServer((request, response) => {
        if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
        else
          response
            .writeHead(
              201,
              'Made',
              [
                ['set-cookie', 'a=1'],
                ['set-cookie', 'b=2'],
              ].flat(),
            )
            .end('body');
      });
      const { tracker } = createTestTracker();
      const original = await fetch(server.url);
      const tracked = await trackFetch(tracker, 'api_call')(server.url);
      for (const response of [tracked, tracked.clone(), tracked.clone().clone()]) {
        expect(response).toBeInstanceOf(Response);
        const { url, redirected, type, status, statusText, ok, bodyUsed } = response;
        expect({ url, redirected, type, status, statusText, ok, bodyUsed }).toEqual({
          url: `${server.url}/there`,
          redirected: true,
          type: original.type,
          status: 201,
          statusText: 'Made',
          ok: true,
          bodyUsed: false,
        });
        expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
        expect([...response.headers.keys()]).toEqual([...original.headers.keys()]);
        expect(await response.text()).toBe('body');
        expect(response.bodyUsed).toBe(true);
      }
      expect(running(tracker)).toBe(0);
    });

    it('has a status that no constructed response can have', async () => {
      await using server = await startServer((_, response) => response.writeHead(999, 'Go away').end('body'));
      const { tracker } = createTestTracker();
      const { status, statusText, ok, headers, body } = await trackFetch(tracker, 'api_call')(server.url);
      expect({ status, statusText, ok }).toEqual({ status: 999, statusText: 'Go away', ok: false });
      expect(headers.get('transfer-encoding')).toBe('chunked');
      expect((await readAll(body as AsyncIterable<Uint8Array>)).map(text)).toEqual(['body']);
    });

    it('has its status behind its fields too, where servers that pass it on read it', async () => {
      await using server = await startServer((_, response) => response.writeHead(503).end('body'));
      const { tracker } = createTestTracker();
      const response = await trackFetch(tracker, 'api_call')(server.url);
      expect(Reflect.get(Response.prototype, 'status', response)).toBe(503);
    });

    it('has a status text that is not ASCII', async () => {
      await using server = await startServer((request) => {
        request.socket.end('HTTP/1.1 200 d\u00e9j\u00e0\r\nconnection: close\r\n\r\nbody', 'latin1');
      });
      const { tracker } = createTestTracker();
      const [original, tracked] = [await fetch(server.url), await trackFetch(tracker, 'api_call')(server.url)];
      expect(tracked.statusText).toBe(original.statusText);
      expect(await tracked.text()).toBe('body');
    });

    it('lets a wrapper round it define fields of its own, as on any response', async () => {
      await using server = await startServer((_, response) => response.end('body'));
      const { tracker } = createTestTracker();
      const response = await trackFetch(tracker, 'api_call')(server.url);
      Object.defineProperty(response, 'url', { value: 'https://proxied.example/' });
      expect(response.url).toBe('https://proxied.example/');
      expect(await response.text()).toBe('body');
    });

    it.each<[string, (response: Response) => Promise<unknown>, unknown]>([
      ['json', (response) => response.json(), [1]],
      ['text', (response) => response.text(), '[1]'],
      ['arrayBuffer', async (response) => text(await response.arrayBuffer()), '[1]'],
      ['blob', async (response) => (await response.blob()).type, 'application/json'],
    ])('is read with %s', async (_name, read, expected) => {
      await using server = await startServer((_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'),
      );
      const { tracker } = createTestTracker();
      expect(await read(await trackFetch(tracker, 'api_call')(server.url))).toEqual(expected);
      expect(running(tracker)).toBe(0);
    });

    it('lasts until a clone that is read alone has ended', async () => {
      await using server = await startHandOperatedServer();
      const { tracker } = createTestTracker();
      const answer = trackFetch(tracker, 'api_call')(server.url);
      const { response } = await server.nextRequest();
      response.flushHeaders();
      const clone = (await answer).clone();
      response.write('all ');
      const read = clone.text();
      expect(running(tracker)).toBe(1);
      response.end('of it');
      expect(await read).toBe('all of it');
      expect(running(tracker)).toBe(0);
    });

    it.each([
      ['without a body', () => new Response(null, { status: 204 })],
      ['that somebody has locked', lockedResponse],
      ['of a stand-in without a body', () => ({ ok: true }) as unknown as Response],
    ])('is the original itself: one %s', async (_what, create) => {
      const { tracker } = createTestTracker();
      const original = create();
      const tracked = trackFetch(tracker, 'api_call', () => Promise.resolve(original));
      expect(await tracked()).toBe(original);
      expect(running(tracker)).toBe(0);
    });
  });

  describe('the call', () => {
    it('passes on what it was given, and nothing else', async () => {
      const { tracker } = createTestTracker();
      const fetch = jest.fn<typeof globalThis.fetch>(() => Promise.resolve(new Response()));
      const tracked = trackFetch(tracker, 'api_call', fetch);
      const init = { method: 'POST' };
      await tracked('http://localhost/', init);
      await tracked('http://localhost/');
      expect(fetch.mock.calls).toEqual([['http://localhost/', init], ['http://localhost/']]);
      expect(fetch.mock.calls[0]?.[1]).toBe(init);
    });

    it('takes a Request', async () => {
      await using server = await startServer((request, response) => void request.pipe(response));
      const { tracker } = createTestTracker();
      const request = new Request(server.url, { method: 'PUT', body: 'echo' });
      expect(await (await trackFetch(tracker, 'api_call')(request)).text()).toBe('echo');
    });

    it('works after dispose', async () => {
      await using server = await startServer((_, response) => response.end('body'));
      const { tracker, clock } = createTestTracker();
      tracker.dispose();
      expect(await (await trackFetch(tracker, 'api_call')(server.url)).text()).toBe('body');
      expect(clock.pendingTimers).toBe(0);
    });
  });
});

function lockedResponse(): Response {
  const response = new Response('body');
  response.body?.getReader();
  return response;
}
