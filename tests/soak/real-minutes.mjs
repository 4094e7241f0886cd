import { setTimeout as sleep } from 'node:timers/promises';
import { InProcessCleanupRegistry, StaticKeepaliveGate } from 'session-activity-tracker';
import { kilobytes, settledHeapBytes } from './heap.mjs';
import { createRandom } from './random.mjs';
import { RealSession, WatchedClock } from './real-session.mjs';

const TRACKERS = 10_000;
const WARM_UP_MS = 10_000;
const NOISE_BYTES = 1024 * 1024;

/**
 * Many trackers in real time, each with its own interval. Every one is stopped in the middle between two beats, so that
 * the beats which it should have had are certain: one for each interval since its start, less those that a block of the
 * event loop swallowed whole, which the tracker has to report as late by as much.
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
  const expected = sum(sessions, 'expected');
  const counted = sum(sessions, 'counted');
  const swallowed = sum(sessions, 'swallowed');
  findings.check(
    expected === counted + swallowed,
    () => `${expected} beats expected, ${counted} counted and ${swallowed} swallowed by blocks`,
  );
  await sleep(6000);
  findings.check(sum(sessions, 'counted') === counted, () => 'a beat came after dispose');
  findings.check(clock.strayRings === 0, () => `${clock.strayRings} rings of timers that were not pending`);
  findings.check(after - before < NOISE_BYTES, () => `the heap has grown by ${kilobytes(after - before)}`);

  const worst = sessions.reduce((most, { worstMs }) => Math.max(most, worstMs), 0);
  console.log(`  trackers ${TRACKERS}, beats expected ${expected}, counted ${counted}, swallowed ${swallowed}`);
  console.log(`  sent ${sum(sessions, 'sent')}, late ${sum(sessions, 'late')}, worst lateness ${worst.toFixed(1)} ms`);
  console.log(`  heap before ${kilobytes(before)}, after ${kilobytes(after)}`);
}

function sum(sessions, figure) {
  return sessions.reduce((total, session) => total + session[figure], 0);
}
