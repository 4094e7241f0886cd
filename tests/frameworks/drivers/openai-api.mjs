import { once } from 'node:events';
import { createServer } from 'node:http';
import { deferred } from './host.mjs';

/** A server on loopback in place of the API. Its first answer calls a tool, and its others wait for `answer`. */
export async function startApi(toolName, toolArguments) {
  const answer = deferred();
  const waiting = deferred();
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (type, fields) => response.write(`data: ${JSON.stringify({ type, ...fields })}\n\n`);
    const finish = () => {
      send('response.completed', { response: { usage: { input_tokens: 1, output_tokens: 1 } } });
      response.end();
    };
    send('response.created', { response: { id: 'r', created_at: 0, model: 'gpt-5' } });
    if (requests === 1) {
      const item = { type: 'function_call', id: 'f', call_id: 'c', name: toolName, arguments: toolArguments };
      send('response.output_item.added', { output_index: 0, item: { ...item, arguments: '' } });
      send('response.output_item.done', { output_index: 0, item: { ...item, status: 'completed' } });
      finish();
      return;
    }
    waiting.resolve();
    void answer.promise.then((delta) => {
      const item = { type: 'message', id: 'm' };
      send('response.output_item.added', { output_index: 0, item });
      send('response.output_text.delta', { item_id: 'm', delta });
      send('response.output_item.done', { output_index: 0, item });
      finish();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** Resolves when a request waits for the answer. */
    waiting: waiting.promise,
    answer: answer.resolve,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
