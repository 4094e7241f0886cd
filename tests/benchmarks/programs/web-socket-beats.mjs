import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  InProcessCleanupRegistry,
  NullDiagnosticsLogger,
  SessionActivityTracker,
  StaticKeepaliveGate,
  SystemClock,
} from 'session-activity-tracker';
import { webSocketPing } from 'session-activity-tracker/senders';
import { WebSocketServer } from 'ws';
import { median } from '../statistics.mjs';
import { answer, request } from './child.mjs';

/**
 * The CPU that a beat over a real WebSocket takes: several ways of beating take turns on the same sockets, for some
 * rounds each. Answers with the median over the turns, in microseconds, and with the ratio to the last way in the same
 * turn.
 */
const { names, sockets: count, intervalMs, turns, roundsPerTurn } = request;

const WARM_UP_TURNS = 2;

let beats = 0;
/** Every way pays for counting its beats. */
const counted = (send) => (keepalive) => {
  beats++;
  return send(keepalive);
};

const clock = new SystemClock();
const diagnostics = new NullDiagnosticsLogger();
const gate = new StaticKeepaliveGate(true);
const cleanup = new InProcessCleanupRegistry();

/** Makes the trackers of all sockets. @returns the function that has work start in all, which returns its undo. */
function tracked(sockets, sender) {
  const trackers = sockets.map((socket) => {
    const tracker = new SessionActivityTracker(clock, diagnostics, gate, cleanup, { intervalMs });
    tracker.registerCallback(counted(sender(socket)));
    return tracker;
  });
  return () => {
    const activities = trackers.map((tracker) => tracker.start('tool_exec'));
    return () => activities.forEach((activity) => activity.stop());
  };
}

const WAYS = {
  webSocketPing: (sockets) => tracked(sockets, webSocketPing),
  'socket.ping() as the sender': (sockets) => tracked(sockets, (socket) => () => socket.ping()),
  setInterval: (sockets) => () => {
    const timers = sockets.map((socket) =>
      setInterval(
        counted(() => socket.ping()),
        intervalMs,
      ).unref(),
    );
    return () => timers.forEach((timer) => clearInterval(timer));
  },
};

async function openSockets() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${server.address().port}`;
  const peers = fork(fileURLToPath(new URL('web-socket-peers.mjs', import.meta.url)), [url, count]);
  await once(peers, 'message');
  return [...server.clients];
}

/** The CPU of a beat, in microseconds. */
async function cpuOfBeat(begin) {
  globalThis.gc();
  const end = begin();
  // From the middle between two rounds to the middle between two others.
  await sleep(intervalMs / 2);
  beats = 0;
  const before = process.cpuUsage();
  await sleep(intervalMs * roundsPerTurn);
  const { user, system } = process.cpuUsage(before);
  end();
  return (user + system) / beats;
}

const sockets = await openSockets();
const ways = names.map((name) => WAYS[name](sockets));
const microseconds = names.map(() => []);
for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
  const order = [...ways.keys()];
  if (turn % 2 === 1) order.reverse();
  for (const index of order) {
    const figure = await cpuOfBeat(ways[index]);
    if (turn >= WARM_UP_TURNS) microseconds[index].push(figure);
  }
}
const reference = microseconds.at(-1);

answer({
  microseconds: microseconds.map(median),
  ratios: microseconds.map((figures) => median(figures.map((figure, turn) => figure / reference[turn]))),
});
