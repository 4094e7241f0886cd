import { EventEmitter, once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import { NOT_SENT } from '../../src/index.js';
import { SSE_HEADERS, sseComment } from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { until } from '../support/until.js';
import { keepalive } from './keepalive.js';
import { closeAfterwards, MORE_THAN_THE_KERNEL_TAKES, openHttp2Stream, startHttpServer } from './peers.js';

/** A response that has been asked for, and what the client, which does not read yet, gets of it. */
async function openResponse(): Promise<{ response: ServerResponse; client: IncomingMessage }> {
  const { server, url } = await startHttpServer(() => undefined);
  const requested = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const request = http.get(url);
  const [, response] = await requested;
  response.writeHead(200, SSE_HEADERS).flushHeaders();
  const [client] = (await once(request, 'response')) as [IncomingMessage];
  client.on('error', () => undefined);
  closeAfterwards(() => Promise.resolve(client.destroy()));
  return { response, client };
}

function listenersOf(response: ServerResponse): number[] {
  return ['drain', 'close'].map((event) => response.listenerCount(event));
}

/** The end of what the client reads, so far. */
function tailOf(client: IncomingMessage): () => string {
  let tail = '';
  client.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.subarray(-100).toString()).slice(-100);
  });
  return () => tail;
}

describe('sseComment', () => {
  describe('to a Node response', () => {
    it('writes a comment that the client reads', async () => {
      const { url } = await startHttpServer((_request, response) => {
        response.writeHead(200, SSE_HEADERS);
        void (async () => {
          await sseComment(response)(keepalive());
          await sseComment(response, { comment: 'still here: 1' })(keepalive());
          response.end('data: done\n\n');
        })();
      });
      const answer = await fetch(url);
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      await expect(answer.text()).resolves.toBe(': keep-alive\n\n: still here: 1\n\ndata: done\n\n');
    });

    it('writes at once, and does not read the signal', async () => {
      const { response } = await openResponse();
      const signal = jest.fn();
      const given = Object.defineProperty({ ...keepalive() }, 'signal', { get: signal });
      expect(sseComment(response)(given)).toBeUndefined();
      expect(signal).not.toHaveBeenCalled();
    });

    it('writes to a response of HTTP/2, and gives NOT_SENT once its stream is destroyed', async () => {
      const { response, client } = await openHttp2Stream();
      const send = sseComment(response);
      expect(send(keepalive())).toBe(NOT_SENT);
      response.writeHead(200, SSE_HEADERS);
      const read = once(client.setEncoding('utf8'), 'data');
      await send(keepalive());
      await expect(read).resolves.toEqual([': keep-alive\n\n']);
      const closed = once(response, 'close');
      client.close();
      await closed;
      const write = jest.spyOn(response, 'write');
      expect(send(keepalive())).toBe(NOT_SENT);
      expect(write).not.toHaveBeenCalled();
    });

    it('writes to a response that has only the required members', () => {
      const wrote: string[] = [];
      const write = (chunk: string): boolean => wrote.push(chunk) > 0;
      const least = { write, addListener: jest.fn(), removeListener: jest.fn(), writableEnded: false };
      expect(sseComment(least)(keepalive())).toBeUndefined();
      expect(wrote).toEqual([': keep-alive\n\n']);
    });

    it('gives NOT_SENT for a response whose headers are not sent, that has ended or that was destroyed', async () => {
      const { response } = await openResponse();
      const write = jest.spyOn(response, 'write');
      const fresh = new http.ServerResponse(response.req);
      expect(sseComment(fresh)(keepalive())).toBe(NOT_SENT);
      expect(fresh.headersSent).toBe(false);
      response.end();
      expect(sseComment(response)(keepalive())).toBe(NOT_SENT);
      const { response: destroyed } = await openResponse();
      destroyed.destroy();
      expect(sseComment(destroyed)(keepalive())).toBe(NOT_SENT);
      expect(write).not.toHaveBeenCalled();
    });
  });

  describe('back-pressure of a Node response', () => {
    it('waits for drain, then writes', async () => {
      const { response, client } = await openResponse();
      const before = listenersOf(response);
      response.write(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES));
      const write = jest.spyOn(response, 'write');
      const sending = sseComment(response)(keepalive());
      await eventLoopTurn();
      expect(write).not.toHaveBeenCalled();
      const tail = tailOf(client);
      await sending;
      expect(listenersOf(response)).toEqual(before);
      await until(() => tail().endsWith(': keep-alive\n\n'));
    });

    it('waits for drain over HTTP/2, then writes', async () => {
      const { response, client } = await openHttp2Stream();
      client.pause();
      response.writeHead(200, SSE_HEADERS);
      response.write(Buffer.alloc(1_048_576));
      const write = jest.spyOn(response, 'write');
      const sending = sseComment(response)(keepalive());
      await eventLoopTurn();
      expect(write).not.toHaveBeenCalled();
      client.resume();
      await sending;
      expect(write).toHaveBeenCalledTimes(1);
    });

    it('has one listener per event however many sends and senders wait, and none once they are aborted', async () => {
      const { response } = await openResponse();
      const before = listenersOf(response);
      response.write(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES));
      const write = jest.spyOn(response, 'write');
      const aborts = Array.from({ length: 20 }, () => new AbortController());
      const sends = [sseComment(response), sseComment(response)];
      const sending = aborts.flatMap(({ signal }) => sends.map((send) => send(keepalive(signal))));
      expect(listenersOf(response)).toEqual(before.map((count) => count + 1));
      aborts.forEach((abort) => abort.abort('too slow'));
      const results = await Promise.allSettled(sending);
      expect(results).toEqual(results.map(() => ({ status: 'rejected', reason: 'too slow' })));
      expect(listenersOf(response)).toEqual(before);
      expect(write).not.toHaveBeenCalled();
    });

    it('waits for drain where a stream says so by what `write` returns alone', async () => {
      const events = new EventEmitter();
      const stream = Object.assign(events, { write: () => false, writableEnded: false });
      let isSent = false;
      const sending = Promise.resolve(sseComment(stream)(keepalive())).then(() => (isSent = true));
      await eventLoopTurn();
      expect(isSent).toBe(false);
      events.emit('drain');
      await sending;
    });

    it('does not wait where only the compressor before the connection is full', () => {
      const stream = Object.assign(new EventEmitter(), {
        write: () => false,
        writableEnded: false,
        writableNeedDrain: false,
      });
      expect(sseComment(stream)(keepalive())).toBeUndefined();
    });

    it('waits for drain after a comment that filled the buffer', async () => {
      const response = new PassThrough({ highWaterMark: 1 });
      const sending = sseComment(response)(keepalive());
      expect(response.writableNeedDrain).toBe(true);
      response.setEncoding('utf8').resume();
      await sending;
      expect(response.writableNeedDrain).toBe(false);
    });

    it('stops waiting when aborted and leaves no listener', async () => {
      const { response } = await openResponse();
      const before = listenersOf(response);
      response.write(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES));
      const abort = new AbortController();
      const sending = sseComment(response)(keepalive(abort.signal));
      abort.abort('too slow');
      await expect(sending).rejects.toBe('too slow');
      expect(listenersOf(response)).toEqual(before);
    });

    it('gives NOT_SENT when the client goes away before anything is written, and leaves no listener', async () => {
      const { response, client } = await openResponse();
      const before = listenersOf(response);
      response.write(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES));
      const sending = sseComment(response)(keepalive());
      client.destroy();
      await expect(sending).resolves.toBe(NOT_SENT);
      expect(listenersOf(response)).toEqual(before);
    });

    it('fails when the response closes with the comment still in it', async () => {
      const response = new PassThrough({ highWaterMark: 1 });
      const sending = sseComment(response)(keepalive());
      response.destroy();
      await expect(sending).rejects.toMatchObject({
        code: 'RESPONSE_CLOSED',
        message: 'The response was closed before it took the keep-alive',
      });
    });

    it('is done when the host ends a response that has the comment in it', async () => {
      const response = new PassThrough({ highWaterMark: 1 });
      const sending = sseComment(response)(keepalive());
      response.end();
      response.resume();
      await expect(sending).resolves.toBeUndefined();
    });

    it('gives NOT_SENT when the host ends the response meanwhile', async () => {
      const { response, client } = await openResponse();
      response.write(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES));
      const write = jest.spyOn(response, 'write');
      const sending = sseComment(response)(keepalive());
      response.end();
      client.resume();
      await expect(sending).resolves.toBe(NOT_SENT);
      expect(write).not.toHaveBeenCalled();
    });
  });

  describe('with a tracker', () => {
    it('is counted as sent, failed while the client does not read, and recovered', async () => {
      const { response, client } = await openResponse();
      const { tracker, clock, diagnostics } = createTestTracker();
      tracker.registerCallback(sseComment(response));
      tracker.start('api_call');
      clock.advance(30_000);
      await until(() => tracker.snapshot().keepalives.sent === 1);
      response.write(Buffer.alloc(MORE_THAN_THE_KERNEL_TAKES));
      clock.advance(30_000);
      clock.advance(10_000);
      const tail = tailOf(client);
      await until(() => !response.writableNeedDrain);
      clock.advance(20_000);
      await until(() => tracker.snapshot().keepalives.sent === 2);
      await until(() => tail().endsWith(': keep-alive\n\n'));
      expect(diagnostics.events.filter(({ level }) => level !== 'debug')).toEqual([
        { level: 'warn', event: 'session_keepalive_failed', data: { outcome: 'timeout', error_code: null } },
        { level: 'info', event: 'session_keepalive_recovered', data: { failures: 1 } },
      ]);
      tracker.dispose();
    });
  });
});
