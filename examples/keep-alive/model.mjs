import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { trackFetch } from 'session-activity-tracker';

/** A silence that never ends. */
export const HANGS = Infinity;

/**
 * Reads a streamed answer with Anthropic's SDK from a model on loopback.
 *
 * @param {import('./plans.mjs').Tracker} tracker
 * @param {AbortSignal} signal cancels the answer
 * @param {readonly number[]} silences in ms, each before another piece of the answer
 */
export async function readAnswer(tracker, signal, silences) {
  const model = await startModel(silences);
  try {
    const client = new Anthropic({ baseURL: model.url, apiKey: 'none', fetch: trackFetch(tracker, 'api_call') });
    const messages = [{ role: /** @type {const} */ ('user'), content: 'Think about it.' }];
    const request = { model: 'model', max_tokens: 100, messages, stream: /** @type {const} */ (true) };
    const answer = await client.messages.create(request, { signal });
    const reader = answer[Symbol.asyncIterator]();
    while (!(await reader.next()).done);
    // The SDK ends a cancelled answer as if it were complete.
    signal.throwIfAborted();
  } finally {
    model.close();
  }
}

/**
 * Starts a server that streams an answer to every request, in the format of Anthropic's API.
 *
 * @param {readonly number[]} silences
 * @returns {Promise<{ url: string, close: () => void }>}
 */
async function startModel(silences) {
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const silenceMs of silences) {
      response.write(frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hm. ' } }));
      if (silenceMs === HANGS) return;
      await sleep(silenceMs);
    }
    response.end(frame('message_stop', {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

/**
 * @param {string} type
 * @param {object} data
 */
function frame(type, data) {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
