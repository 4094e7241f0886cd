import { Writable } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import { sseComment } from '../../src/senders/index.js';
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

  it('stops waiting for the stream to take the comment when aborted', async () => {
    const { writer } = pipe();
    const abort = new AbortController();
    const sending = sseComment(writer)(keepalive(abort.signal));
    await eventLoopTurn();
    abort.abort('too slow');
    await expect(sending).rejects.toBe('too slow');
  });

  it('writes nothing once the signal is aborted', async () => {
    const { writer } = pipe();
    await expect(sseComment(writer)(keepalive(abortedSignal('over')))).rejects.toBe('over');
  });

  it.each([
    ['closed', (writer: WritableStreamDefaultWriter) => writer.close()],
    ['failed', (writer: WritableStreamDefaultWriter) => writer.abort(new Error('broken'))],
  ])('skips a stream that has %s', async (_how, end) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const drained = new Response(readable).text().catch(() => 'broken');
    const send = sseComment(writer);
    await end(writer);
    await drained;
    const write = jest.spyOn(writer, 'write');
    await send(keepalive());
    expect(write).not.toHaveBeenCalled();
  });

  it('fails with what the stream fails with', async () => {
    const { writer, reader } = pipe();
    const sending = sseComment(writer)(keepalive());
    await reader.cancel(new Error('gone'));
    await expect(sending).rejects.toThrow('gone');
  });
});
