import { body, drift, figure, flat, heartbeatRound, stall, startup, time, webSocketBeats } from './measures.mjs';

/** A call streams while tools come and go: the count of the reason that is measured starts from 0 each time. */
const ANOTHER_REASON = [{ running: 1, reasons: ['tool_exec'] }];

/** Beside the same reason there is no limit: one clock read alone takes longer than the naive class. */
const ANOTHER_BY_HANDLE = { limit: 1.1, args: ANOTHER_REASON };

/** So large that nothing is collected while allocations are counted. */
const YOUNG = ['--min-semi-space-size=512', '--max-semi-space-size=512'];
const allocate = (loop) => () => ({ loop, times: 100_000 });
const retain = (state) => (effort) => ({ state, trackers: effort.trackers });

/** Less than the smallest object takes. */
const NOISE_BYTES = 16;

const BYTES = { key: 'bytes', unit: 'bytes' };

/** @type {import('./measures.mjs').Case[]} */
export const CASES = [
  time('0 to 1 to 0', 'bounces', 'naive', { limit: 0.35 }),
  time('0 to 1 to 0', 'bounces', 'heartbeats'),
  time('0 to 1 to 0', 'bounces', 'walletconnect-heartbeat'),
  figure('0 to 1 to 0, allocated', 'allocation', allocate('bounces'), 'naive', {
    ...BYTES,
    flags: YOUNG,
    limit: 150,
    aim: 100,
  }),
  figure('0 to 1 to 0, 100 times in an interval, Node timers', 'timers-created', () => ({}), 'naive', {
    key: 'timers',
    unit: 'timers',
    limit: 6,
  }),
  time('start and handle.stop beside the same reason', 'pairsByHandle', 'naive-with-handles'),
  time('start and handle.stop beside another reason', 'pairsByHandle', 'naive-with-handles', ANOTHER_BY_HANDLE),
  time('start and stop(reason) beside the same reason', 'pairsByReason', 'naive'),
  time('start and stop(reason) beside another reason', 'pairsByReason', 'naive', { args: ANOTHER_REASON }),
  time('the floor of start and handle.stop', 'pairsByHandle', 'naive-with-handles', { standIn: 'bare-counter' }),
  time('the floor of start and stop(reason)', 'pairsByReason', 'naive', { standIn: 'bare-counter' }),
  flat('start and stop with 10, 1,000, 100,000 running, newest first', 'pairsByHandle'),
  flat('start and stop with 10, 1,000, 100,000 running, oldest first', 'pairsByReason'),
  time('run around an await', 'runs', 'by-hand', { limit: 1.9, batch: 100 }),
  time('run around an await', 'runs', 'p-queue', { limit: 0.15, batch: 100 }),
  time('a chunk through track', 'chunks', 'bare-for-await', { limit: 2, aim: 1.7 }),
  body,
  figure('a tracker with a sender, nothing running, retained', 'retained', retain('resting'), 'naive', {
    ...BYTES,
    limit: 900,
  }),
  figure('a busy tracker, retained', 'retained', retain('busy'), 'naive', { ...BYTES, limit: 1100 }),
  figure('a disposed tracker, retained', 'retained', retain('disposed'), 'naive', { ...BYTES, limit: NOISE_BYTES }),
  heartbeatRound,
  webSocketBeats,
  stall,
  drift,
  startup,
];
