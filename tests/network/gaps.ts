import { HEARTBEAT } from '../support/observed-tracker.js';
import type { Witness } from '../support/witness.js';
import type { Entry, HostOptions } from './host.js';

/** How late a beat may be on a machine that never stands still. */
const TOLERANCE_MS = 8;

/**
 * Where work in progress went without its keep-alives, in words; empty where it never did. A beat must come within one
 * interval of the start, the registration or the beat before, and go to the transport that was registered last.
 *
 * Only what the witness saw excuses a beat that is late: what the tracker says of it proves nothing.
 */
export function gapsIn(
  timeline: readonly Entry[],
  { intervalMs, sendTimeoutMs }: Pick<HostOptions, 'intervalMs' | 'sendTimeoutMs'>,
  witness: Pick<Witness, 'stoodStillMs'>,
): string[] {
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
      const dueAtMs = lastMs + intervalMs;
      const tooLateMs = atMs - dueAtMs - witness.stoodStillMs(dueAtMs, atMs);
      if (tooLateMs > TOLERANCE_MS) gaps.push(`the beat at ${atMs} over ${current} comes ${tooLateMs} ms too late`);
      // One that waits for its answer, and is not overdue, may hold the next back.
      const isHeldBack = atMs < sentAtMs + sendTimeoutMs;
      if (timeline[at + 1]?.what !== 'sent' && !isHeldBack) gaps.push(`nothing was sent at ${atMs}`);
      lastMs = atMs;
    }
  });
  return gaps;
}
