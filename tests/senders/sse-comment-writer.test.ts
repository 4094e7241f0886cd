import { Writable } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import { NOT_SENT } from '../../src/index.js';
import { sseComment } from '../../src/senders/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { abortedSignal, keepalive } from './keepalive.js';
import { startHttpServer } from './peers.js';

/** A web stream that takes one chunk and is done with it, and wants more, once it is read. */
function pipe(): { writer: WritableStreamDefaultWriter<Uint8Array>; reader: ReadableStreamDefaultReader<Uint8Array> } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  return { writer: writable.getWriter(), reader: readable.getReader() };
}

const COMMENT = [...Buffer.from(': keep-alive\n\n')];

describe('sseComment to the writer of a web stream', () => {
  it('writes bytes that the client of a server reads', async () => {
    const { url } = await startHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const writer = Writable.toWeb(response).getWriter();
      void (async () => {
        await sseComment(writer, { comment: 'é' })(keepalive());
        await writer.close();
      })();
    });
    const answer = await fetch(url);
    await expect(answer.text()).resolves.toBe(': é\n\n');
  });

  it('writes to a stream that is the body of a web response', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const text = new Response(readable).text();
    const send = sseComment(writer);
    await send(keepalive());
    await send(keepalive());
    await writer.close();
    await expect(text).resolves.toBe(': keep-alive\n\n: keep-alive\n\n');
  });

  it('adds nothing until the stream wants more', async () => {
    const { writer, reader } = pipe();
    const first = writer.write(Uint8Array.of(1));
    const write = jest.spyOn(writer, 'write');
    const sending = sseComment(writer)(keepalive());
    await eventLoopTurn();
    expect(write).not.toHaveBeenCalled();
    await Promise.all([reader.read(), first]);
    const { value } = await reader.read();
    expect([...(value ?? [])]).toEqual(COMMENT);
    await sending;
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('stops waiting when aborted, and writes nothing afterwards', async () => {
    const { writer, reader } = pipe();
    const first = writer.write(Uint8Array.of(1));
    const write = jest.spyOn(writer, 'write');
    const abort = new AbortController();
    const sending = sseComment(writer)(keepalive(abort.signal));
    await eventLoopTurn();
    abort.abort('too slow');
    await expect(sending).rejects.toBe('too slow');
    await Promise.all([reader.read(), first, writer.ready]);
    await eventLoopTurn();
    expect(write).not.toHaveBeenCalled();
  });

  it('reacts once to `ready`, however many sends wait, and writes nothing for those that were aborted', async () => {
    const { writer, reader } = pipe();
    const first = writer.write(Uint8Array.of(1));
    const ready = jest.spyOn(writer, 'ready', 'get');
    const write = jest.spyOn(writer, 'write');
    const send = sseComment(writer);
    ready.mockClear();
    for (let sends = 0; sends < 20; sends++) {
      const abort = new AbortController();
      const sending = send(keepalive(abort.signal));
      abort.abort('too slow');
      await expect(sending).rejects.toBe('too slow');
    }
    expect(ready).toHaveBeenCalledTimes(1);
    await Promise.all([reader.read(), first, eventLoopTurn()]);
    expect(write).not.toHaveBeenCalled();
    const sending = send(keepalive());
    await Promise.all([reader.read(), sending]);
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('writes a copy each time, since a byte stream takes the memory of what it is given', async () => {
    const chunks: number[][] = [];
    const write = (chunk: Uint8Array): Promise<void> => {
      chunks.push([...structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] })]);
      return Promise.resolve();
    };
    const send = sseComment({ ready: Promise.resolve(), closed: defer().promise, write });
    await send(keepalive());
    await send(keepalive());
    expect(chunks).toEqual([COMMENT, COMMENT]);
  });

  it('writes nothing once the signal is aborted', async () => {
    const { writer } = pipe();
    await expect(sseComment(writer)(keepalive(abortedSignal('over')))).rejects.toBe('over');
  });

  it('gives NOT_SENT for a stream that the host has closed, even once its lock is released', async () => {
    const { writer, reader } = pipe();
    const write = jest.spyOn(writer, 'write');
    const send = sseComment(writer);
    await Promise.all([writer.close(), reader.read()]);
    await expect(send(keepalive())).resolves.toBe(NOT_SENT);
    writer.releaseLock();
    await expect(send(keepalive())).resolves.toBe(NOT_SENT);
    expect(write).not.toHaveBeenCalled();
  });

  it('gives NOT_SENT for a stream that the host is closing', async () => {
    const { writer, reader } = pipe();
    const send = sseComment(writer);
    const first = writer.write(Uint8Array.of(1));
    const before = send(keepalive());
    const closing = writer.close();
    const during = send(keepalive());
    const chunks = [await reader.read(), await reader.read()];
    await expect(Promise.all([before, during])).resolves.toEqual([NOT_SENT, NOT_SENT]);
    await Promise.all([first, closing]);
    expect(chunks.map(({ value }) => [...(value ?? [])])).toEqual([[1], []]);
  });

  it('stops waiting for the stream to be closed when aborted', async () => {
    const { writer } = pipe();
    const send = sseComment(writer);
    void writer.write(Uint8Array.of(1));
    void writer.close();
    const abort = new AbortController();
    const sending = send(keepalive(abort.signal));
    await eventLoopTurn();
    abort.abort('too slow');
    await expect(sending).rejects.toBe('too slow');
  });

  it('fails with what the stream fails with, each time', async () => {
    const { writer, reader } = pipe();
    const send = sseComment(writer);
    const sending = send(keepalive());
    await reader.cancel(new Error('gone'));
    await expect(sending).rejects.toThrow('gone');
    await expect(send(keepalive())).rejects.toThrow('gone');
  });

  it('fails with what the closing of the stream fails with', async () => {
    const { writer, reader } = pipe();
    const send = sseComment(writer);
    const first = writer.write(Uint8Array.of(1));
    const closing = writer.close();
    const sending = send(keepalive());
    await eventLoopTurn();
    await reader.cancel(new Error('gone'));
    await Promise.allSettled([first, closing]);
    await expect(sending).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
  });

  it('fails, each time, once the lock of a stream that is open was released', async () => {
    const { writer } = pipe();
    const send = sseComment(writer);
    writer.releaseLock();
    await eventLoopTurn();
    await expect(send(keepalive())).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
    await expect(send(keepalive())).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
  });
});
