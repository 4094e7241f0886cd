import { fork } from 'node:child_process';
import { once } from 'node:events';
import { trackFetch } from 'session-activity-tracker';
import { median } from '../statistics.mjs';
import { answer, contender, request } from './child.mjs';

/**
 * Times reading a large body chunk by chunk, through `trackFetch` and through `fetch`, in rounds that alternate. The
 * server is a process of its own.
 */
const { name, chunks, chunkBytes, rounds } = request;

const { createTracker } = await contender(name);
const server = fork(new URL('body-server.mjs', import.meta.url), [JSON.stringify({ chunks, chunkBytes })]);
const [port] = await once(server, 'message');

const sides = { tracked: trackFetch(createTracker(), 'api_call'), plain: fetch };
const times = { tracked: [], plain: [] };

async function read(side) {
  globalThis.gc();
  const startMs = performance.now();
  const { body } = await sides[side](`http://127.0.0.1:${port}`);
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.byteLength;
  if (bytes !== chunks * chunkBytes) throw new Error(`read ${bytes} bytes`);
  return performance.now() - startMs;
}

const warmUpRounds = Math.ceil(rounds / 5);
for (let round = 0; round < rounds + warmUpRounds; round++) {
  const order = round % 2 === 0 ? ['tracked', 'plain'] : ['plain', 'tracked'];
  for (const side of order) {
    const ms = await read(side);
    if (round >= warmUpRounds) times[side].push(ms);
  }
}

server.disconnect();
answer({
  ratio: median(times.tracked.map((ms, round) => ms / times.plain[round])),
  tracked: median(times.tracked),
  plain: median(times.plain),
});
