import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import compression from 'compression';
import express from 'express';
import { SSE_HEADERS, sseComment } from '../../src/senders/index.js';
import { describeWith } from '../support/needs.js';
import { until } from '../support/until.js';
import { keepalive } from './keepalive.js';
import { closeAfterwards, startHttpServer } from './peers.js';

jest.setTimeout(20_000);

const COMMENT = ': keep-alive\n\n';
const TYPE_ALONE = { 'content-type': 'text/event-stream' };

/** What the client of an answer that is still open has read. */
function readingOf(body: ReadableStream<Uint8Array> | null): () => string {
  const decoder = new TextDecoder();
  let text = '';
  const sink = new WritableStream<Uint8Array>({ write: (chunk) => void (text += decoder.decode(chunk)) });
  body?.pipeTo(sink).catch(() => undefined);
  return () => text;
}

/** A stream of events from Express with `compression`, to a client that takes gzip. */
async function openThroughCompression(
  headers: OutgoingHttpHeaders,
): Promise<{ response: ServerResponse; answer: Response }> {
  const app = express().use(compression());
  const responded = new Promise<ServerResponse>((resolve) => {
    app.get('/', (_request, response) => {
      response.writeHead(200, headers);
      response.flushHeaders();
      resolve(response);
    });
  });
  const { url } = await startHttpServer((request, response) => {
    app(request, response);
  });
  const [response, answer] = await Promise.all([responded, fetch(url, { headers: { 'accept-encoding': 'gzip' } })]);
  return { response, answer };
}

/** A server makes its socket before it listens on it. */
async function isListening(socketPath: string): Promise<boolean> {
  const client = connect(socketPath);
  try {
    await once(client, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

/** A real nginx with its defaults in front of a server. @returns the socket that it listens on. */
async function startNginx(url: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'session-activity-tracker-'));
  const socketPath = join(directory, 'nginx.sock');
  const proxy = `server { listen unix:${socketPath}; location / { proxy_pass ${url}; } }`;
  const config = `daemon off; master_process off; pid nginx.pid; events {} http { access_log off; ${proxy} }`;
  await writeFile(join(directory, 'nginx.conf'), config);
  const nginx = spawn('nginx', ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr']);
  closeAfterwards(async () => {
    if (nginx.exitCode === null) {
      nginx.kill();
      await once(nginx, 'exit');
    }
    await rm(directory, { recursive: true });
  });
  await until(() => isListening(socketPath));
  return socketPath;
}

describe('sseComment behind Express with compression', () => {
  it.each([
    ['is compressed, by flushing it', TYPE_ALONE, 'gzip'],
    ['has SSE_HEADERS, which is not compressed', SSE_HEADERS, null],
  ])('reaches the client of a stream that %s', async (_which, headers, encoding) => {
    const { response, answer } = await openThroughCompression(headers);
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    const read = readingOf(answer.body);
    await sseComment(response)(keepalive());
    await until(() => read() === COMMENT);
    await sseComment(response)(keepalive());
    await until(() => read() === COMMENT + COMMENT);
  });
});

describeWith(['nginx'], 'sseComment behind nginx', () => {
  /** Asks for a stream of events through nginx. @returns what has come of it so far, headers included. */
  function request(socketPath: string, path: string): () => string {
    let text = '';
    const client = connect(socketPath).setEncoding('utf8');
    client.on('data', (chunk: string) => (text += chunk)).write(`GET ${path} HTTP/1.1\r\nHost: nginx\r\n\r\n`);
    closeAfterwards(() => Promise.resolve(client.destroy()));
    return () => text;
  }

  it('reaches the client at once with SSE_HEADERS, where nginx would hold it back', async () => {
    const responses = new Map<string | undefined, ServerResponse>();
    const { url } = await startHttpServer((request, response) => {
      response.writeHead(200, request.url === '/headers' ? SSE_HEADERS : TYPE_ALONE).flushHeaders();
      responses.set(request.url, response);
    });
    const nginx = await startNginx(url);
    const buffered = request(nginx, '/buffered');
    const unbuffered = request(nginx, '/headers');
    await until(() => responses.size === 2);
    for (const path of ['/buffered', '/headers']) {
      const response = responses.get(path);
      if (response) await sseComment(response)(keepalive());
    }
    await until(() => unbuffered().includes(COMMENT));
    expect(buffered()).toBe('');
  });
});
