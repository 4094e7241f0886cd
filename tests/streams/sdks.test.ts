import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { trackFetch } from '../../src/index.js';
import { createBeatingTracker } from '../support/beating-tracker.js';
import { defer } from '../support/deferred.js';
import { type LoopbackServer, startHandOperatedServer, startServer } from '../support/loopback-server.js';
import { readAll } from '../support/read-all.js';
import { type Sdk, SDKS } from './sdks.js';

function begin(response: ServerResponse, sdk: Sdk): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(sdk.start + sdk.piece('first'));
}

describe.each(Object.entries(SDKS))('an answer that is streamed to %s', (_name, sdk) => {
  it('is kept alive through silences before the headers and in the middle, until its end', async () => {
    await using server = await startHandOperatedServer();
    using beating = createBeatingTracker();
    const { tracker, silence } = beating;
    const read = readAll(sdk.read(server.url, trackFetch(tracker, 'api_call')));
    const { response } = await server.nextRequest();
    await silence();
    begin(response, sdk);
    await silence();
    response.end(sdk.piece('second') + sdk.end);
    expect(await read).toEqual(['first', 'second']);
    await tracker.whenIdle();
    expect(tracker.snapshot().refcount).toBe(0);
  });

  it('ends its activity when the caller aborts in a silence', async () => {
    await using server = await startHandOperatedServer();
    using beating = createBeatingTracker();
    const { tracker, silence } = beating;
    const abort = new AbortController();
    const read = readAll(sdk.read(server.url, trackFetch(tracker, 'api_call'), abort.signal)).catch(() => 'aborted');
    const { response } = await server.nextRequest();
    begin(response, sdk);
    await silence();
    const closed = once(response, 'close');
    abort.abort();
    await Promise.all([closed, read, tracker.whenIdle()]);
    expect(tracker.snapshot().refcount).toBe(0);
  });

  it('ends its activity when the server dies', async () => {
    await using server = await startHandOperatedServer();
    using beating = createBeatingTracker();
    const { tracker, silence } = beating;
    const read = readAll(sdk.read(server.url, trackFetch(tracker, 'api_call'))).catch(() => 'failed');
    const { response } = await server.nextRequest();
    begin(response, sdk);
    await silence();
    response.destroy();
    expect(await read).toBe('failed');
    await tracker.whenIdle();
    expect(tracker.snapshot().refcount).toBe(0);
  });

  it('is an activity once more when the SDK tries again', async () => {
    await using server = await startHandOperatedServer();
    using beating = createBeatingTracker();
    const { tracker, silence } = beating;
    const read = readAll(sdk.read(server.url, trackFetch(tracker, 'api_call')));
    const refused = await server.nextRequest();
    refused.response.writeHead(503, { 'retry-after-ms': '1', 'content-type': 'application/json' }).end('{"error":{}}');
    const { response } = await server.nextRequest();
    begin(response, sdk);
    await silence();
    expect(tracker.snapshot().refcount).toBe(1);
    response.end(sdk.end);
    expect(await read).toEqual(['first']);
    await tracker.whenIdle();
    expect(tracker.snapshot().refcount).toBe(0);
  });
});

/** The AI SDK keeps a second branch of the answer, so leaving its loop does not end the request; aborting does. */
const WITHOUT_BRANCHES = Object.entries(SDKS).filter(([name]) => !name.startsWith('ai '));

describe.each(WITHOUT_BRANCHES)('an answer that is streamed to %s', (_name, sdk) => {
  it('ends its activity when the loop is left early', async () => {
    await using server = await startHandOperatedServer();
    using beating = createBeatingTracker();
    const { tracker } = beating;
    const read = sdk.read(server.url, trackFetch(tracker, 'api_call'))[Symbol.asyncIterator]();
    const first = read.next();
    const { response } = await server.nextRequest();
    const closed = once(response, 'close');
    begin(response, sdk);
    expect(await first).toEqual({ done: false, value: 'first' });
    await read.return?.();
    await Promise.all([closed, tracker.whenIdle()]);
    expect(tracker.snapshot().refcount).toBe(0);
  });
});

describe('a tool that an MCP client calls over HTTP', () => {
  it('is kept alive through its silence, while the stream that waits for notifications is not tracked', async () => {
    using beating = createBeatingTracker();
    const { tracker, silence } = beating;
    const release = defer();
    await using server = await startMcpServer(() => release.promise);
    const tracked = trackFetch(tracker, 'tool_exec');
    const client = new Client({ name: 'client', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(server.url), {
      fetch: (url, init) => (init?.method === 'POST' ? tracked(url, init) : fetch(url, init)),
    });
    await client.connect(transport);
    await tracker.whenIdle();

    const called = client.callTool({ name: 'long' });
    await silence();
    expect(tracker.snapshot().active).toEqual({ tool_exec: 1 });
    release.resolve();
    expect(await called).toMatchObject({ content: [{ text: 'done' }] });
    await tracker.whenIdle();
    expect(tracker.snapshot().refcount).toBe(0);
    await client.close();
  });
});

/** A server with one tool, `long`, that answers when `tool` is done. */
async function startMcpServer(tool: () => Promise<void>): Promise<LoopbackServer> {
  const mcp = new McpServer({ name: 'server', version: '1.0.0' });
  mcp.registerTool('long', { description: 'Takes long' }, async () => {
    await tool();
    return { content: [{ type: 'text', text: 'done' }] };
  });
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await mcp.connect(transport);
  return startServer((request, response) => void transport.handleRequest(request, response));
}
