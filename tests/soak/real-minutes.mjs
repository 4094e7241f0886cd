import { setTimeout as sleep } from 'node:timers/promises';
import { InProcessCleanupRegistry, StaticKeepaliveGate } from 'session-activity-tracker';
import { kilobytes, settledHeapBytes } from './heap.mjs';
import { createRandom } from './random.mjs';
import { RealSession, WatchedClock } from './real-session.mjs';

const TRACKERS = 10_000;
const WARM_UP_MS = 10_000;
const NOISE_BYTES = 1024 * 1024;

/**
 * Many trackers in real time, each with its own interval. Each beat is due one interval after the one before was due,
 * or, if that came late, after it came. Every tracker is stopped in the middle between two beats, so that none is
 * missing.
 *
 * @param {number} minutes
 * @param {number} seed
 * @param {import('./findings.mjs').Findings} findings
 */
export async function runRealMinutes(minutes, seed, findings) {
  const random = createRandom(seed);
  const clock = new WatchedClock();
  const gate = new StaticKeepaliveGate(true);
  const registry = new InProcessCleanupRegistry();
  const sessions = Array.from({ length: TRACKERS }, () => {
    const intervalMs = 1000 + random.below(4001);
    return new RealSession(clock, gate, registry, intervalMs, random.below(3) === 0, findings);
  });

  await sleep(Math.min(WARM_UP_MS, minutes * 30_000));
  const before = await settledHeapBytes();
  await sleep(Math.max(0, minutes * 60_000 - WARM_UP_MS));
  const after = await settledHeapBytes();

  let running = sessions;
  while (running.length > 0) {
    running = running.filter((session) => !session.stopBetweenBeats());
    await sleep(50);
  }
  const { pendingTimers } = clock;
  findings.check(pendingTimers === 0, () => `${pendingTimers} timers pending after dispose`);
  const beats = sum(sessions, 'beats');
  await sleep(6000);
  findings.check(sum(sessions, 'beats') === beats, () => 'a beat came after dispose');
  findings.check(clock.strayTimers === 0, () => `${clock.strayTimers} timers fired that were not pending`);
  findings.check(after - before < NOISE_BYTES, () => `the heap has grown by ${kilobytes(after - before)}`);

  const worst = sessions.reduce((most, { worstMs }) => Math.max(most, worstMs), 0);
  console.log(`  trackers ${TRACKERS}, beats ${beats}, sent ${sum(sessions, 'sent')}`);
  console.log(`  late ${sum(sessions, 'late')}, worst lateness ${worst.toFixed(1)} ms`);
  console.log(`  heap before ${kilobytes(before)}, after ${kilobytes(after)}`);
}

function sum(sessions, figure) {
  return sessions.reduce((total, session) => total + session[figure], 0);
}
