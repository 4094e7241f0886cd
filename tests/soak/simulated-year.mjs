import { ManualCleanupRegistry } from 'session-activity-tracker/testing';
import { kilobytes, median, settledHeapBytes } from './heap.mjs';
import { createRandom } from './random.mjs';
import { SimulatedSession } from './simulated-session.mjs';

const SESSIONS = 1000;
const PARTS = 20;
const DAY_MS = 86_400_000;
/** Three bytes a day and session in a year, and more than the collector's own ups and downs. */
const NOISE_BYTES = 512 * 1024;

/**
 * A year of many sessions, or its first days, with random work, reconnects and failures, each on a clock of its own,
 * for a scan of all timers at each step would take days.
 *
 * @param {number} days
 * @param {number} seed
 * @param {import('./findings.mjs').Findings} findings
 */
export async function simulateYear(days, seed, findings) {
  const startedMs = performance.now();
  const totals = {
    actions: 0,
    events: 0,
    sessions: 0,
    reconnects: 0,
    sent: 0,
    failed: 0,
    skipped: 0,
    withheld: 0,
    late: 0,
    unmatched: 0,
    unmatchedEvents: 0,
  };
  const registry = new ManualCleanupRegistry();
  const random = createRandom(seed);
  const create = () => new SimulatedSession(createRandom(random.below(2 ** 32)), registry, findings, totals);
  const heap = [];
  const { random: unseeded } = Math;
  // The trackers draw their jitter from it.
  Math.random = random.next;
  try {
    const sessions = Array.from({ length: SESSIONS }, create);
    for (let part = 1; part <= PARTS; part++) {
      await passUntil(sessions, (days * DAY_MS * part) / PARTS);
      heap.push(await settledHeapBytes());
    }
    for (const session of sessions) session.end();
  } finally {
    Math.random = unseeded;
  }

  findings.check(registry.size === 0, () => `${registry.size} cleanups are left in the registry`);
  findings.check(
    totals.unmatched === totals.unmatchedEvents,
    () => `${totals.unmatchedEvents} unmatched stops reported, expected ${totals.unmatched}`,
  );
  // The first parts warm up: code is compiled, and every session reaches the size that it keeps.
  const [early, late] = [heap.slice(4, 9), heap.slice(-5)].map(median);
  findings.check(late - early < NOISE_BYTES, () => `the heap has grown by ${kilobytes(late - early)}`);

  console.log(`  actions ${totals.actions}, sessions ended ${totals.sessions}, reconnects ${totals.reconnects}`);
  console.log(`  events ${totals.events}, unmatched stops ${totals.unmatched}, late beats ${totals.late}`);
  const { sent, failed, skipped, withheld } = totals;
  console.log(`  keep-alives sent ${sent}, failed ${failed}, skipped ${skipped}, withheld ${withheld}`);
  console.log(`  heap ${heap.map(kilobytes).join(', ')}: grown by ${kilobytes(late - early)}`);
  console.log(`  took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
}

/** Steps every session, in turn, until its clock has reached `untilMs`. */
async function passUntil(sessions, untilMs) {
  let behind = sessions;
  while (behind.length > 0) {
    for (const session of behind) session.step();
    // Promises that senders gave settle here, and a rejection that nobody handles ends the process.
    await new Promise((resolve) => setImmediate(resolve));
    behind = behind.filter(({ nowMs }) => nowMs < untilMs);
  }
}
