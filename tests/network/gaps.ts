import { HEARTBEAT, LATE } from '../support/observed-tracker.js';
import type { Entry } from './host.js';

/** What rounding to whole milliseconds and timers that fire early make of a time. */
const TOLERANCE_MS = 2;

/**
 * Where work in progress went without its keep-alives, in words; empty where it never did. A beat must come within one
 * interval of the start, the registration or the beat before, and go to the transport that was registered last.
 *
 * A beat may be as late as it says it is: that is the machine's doing, and shows in the next one being on time.
 */
export function gapsIn(timeline: readonly Entry[], intervalMs: number, sendTimeoutMs: number): string[] {
  const gaps: string[] = [];
  let current: number | undefined;
  let lastMs = Infinity;
  let sentAtMs = -Infinity;
  timeline.forEach(({ atMs, what, transport }, at) => {
    if (what === 'started') {
      lastMs = atMs;
    } else if (what === 'registered') {
      current = transport;
      lastMs = atMs;
      sentAtMs = -Infinity;
    } else if (what === 'sent') {
      sentAtMs = atMs;
      if (transport !== current) gaps.push(`sent over ${transport}, not over ${current}`);
    } else if (what === HEARTBEAT) {
      // Its lateness is logged just before it.
      const before = timeline[at - 1];
      const lateMs = before?.what === LATE ? Number(before.data?.['late_ms']) : intervalMs / 10;
      const tooLateMs = atMs - lastMs - lateMs - intervalMs;
      if (tooLateMs > TOLERANCE_MS) gaps.push(`the beat at ${atMs} over ${current} comes ${tooLateMs} ms too late`);
      // One that waits for its answer, and is not overdue, may hold the next back.
      const isHeldBack = atMs < sentAtMs + sendTimeoutMs;
      if (timeline[at + 1]?.what !== 'sent' && !isHeldBack) gaps.push(`nothing was sent at ${atMs}`);
      lastMs = atMs;
    }
  });
  return gaps;
}
