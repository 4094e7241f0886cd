import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { clock, deferred, report } from './host.mjs';
import { indexer, server } from './pages/mcp-server.js';

const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
await server.connect(transport);
const http = createServer((request, response) => void transport.handleRequest(request, response));
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const client = new Client({ name: 'client', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${http.address().port}`)));

/** Calls the tool and waits until its work has begun. */
async function call(options) {
  const begun = deferred();
  const end = deferred();
  indexer.index = (path, signal) => {
    begun.resolve(signal);
    return end.promise;
  };
  const result = client.callTool({ name: 'index', arguments: { path: 'src' } }, undefined, options);
  return { result, signal: await begun.promise, end: end.resolve };
}

const progress = [];
let notified = deferred();
const onprogress = (notification) => {
  progress.push(notification);
  notified.resolve();
};
const first = await call({ onprogress, resetTimeoutOnProgress: true });
for (let beats = 0; beats < 2; beats++) {
  notified = deferred();
  clock.advance(30_000);
  await notified.promise;
}
first.end('Indexed src');
const { content } = await first.result;
const afterAnswer = clock.pendingTimers;

const controller = new AbortController();
const second = await call({ onprogress, signal: controller.signal });
const whileBusy = clock.pendingTimers;
const cancelled = once(second.signal, 'abort');
const rejected = second.result.catch(() => undefined);
controller.abort();
await Promise.all([cancelled, rejected]);
const afterCancel = clock.pendingTimers;
second.end('too late');

report({ progress, content, pendingTimers: { afterAnswer, whileBusy, afterCancel } });
await client.close();
await server.close();
http.close();
http.closeAllConnections();
