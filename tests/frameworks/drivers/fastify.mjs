import { once } from 'node:events';
import { WebSocket } from 'ws';
import { activeNow, clock, deferred, nextState, report } from './host.mjs';
import { agent, app } from './pages/fastify.js';

await app.listen({ host: '127.0.0.1', port: 0 });
const socket = new WebSocket(`ws://127.0.0.1:${app.server.address().port}/session`);
await once(socket, 'open');

async function ask() {
  const asked = nextState('busy');
  socket.send('why?');
  await asked;
  return activeNow();
}

async function beat() {
  const pinged = once(socket, 'ping');
  clock.advance(30_000);
  await pinged;
  return 'ping';
}

const answer = deferred();
agent.answer = () => answer.promise;
const active = await ask();
const keepalives = [await beat(), await beat()];
const answered = once(socket, 'message');
answer.resolve('42');
const [last] = await answered;
const afterAnswer = activeNow();

agent.answer = () => new Promise(() => undefined);
const before = await ask();
const left = nextState('disposed');
socket.terminate();
await left;

const disconnect = { before, after: activeNow(), pendingTimers: clock.pendingTimers };
await app.close();
report({ active, keepalives, last: String(last), afterAnswer, disconnect });
