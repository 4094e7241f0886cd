import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { answer, block, contender, request } from './child.mjs';

/** For how long the beats of many busy sessions, late by some rounds, hold the loop in one turn. */
const { name, sessions, intervalMs, stallRounds } = request;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
await once(server, 'listening');
const sockets = [];
for (let i = 0; i < sessions; i++) {
  new WebSocket(`ws://127.0.0.1:${server.address().port}`);
  const [socket] = await once(server, 'connection');
  sockets.push(socket);
}

const { createTracker } = await contender(name);
const trackers = sockets.map((socket) => createTracker({ intervalMs, onBeat: () => socket.ping() }));
trackers.forEach((tracker) => tracker.start('api_call'));

async function longestBlockAfterStall() {
  block(intervalMs * stallRounds);
  let longestMs = 0;
  const startMs = performance.now();
  let lastMs = startMs;
  while (lastMs - startMs < intervalMs / 2) {
    await new Promise((resolve) => setImmediate(resolve));
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }
  return longestMs;
}

// The first rounds and the first stall are for the compiler.
await sleep(intervalMs * 2.5);
await longestBlockAfterStall();
await sleep(intervalMs * 2);

answer({ longestBlockMs: await longestBlockAfterStall() });
