import { setTimeout as sleep } from 'node:timers/promises';
import { StaticKeepaliveGate } from 'session-activity-tracker';
import { HANGS, readAnswer } from './model.mjs';

/** The server drops a connection that is silent for this long. */
export const SILENCE_MS = 2_000;

/** The options of every session. The interval is well below the silence that the server allows. */
export const OPTIONS = { intervalMs: 800, idleAfterMs: 1_000, trace: true };

/**
 * What a session does, and how that should end.
 *
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} story
 * @property {string} expected compared with `Session.actual`
 * @property {import('session-activity-tracker').SessionActivityOverrides} [overrides]
 * @property {boolean} [staysOpen] whether it leaves its connection open after its work
 * @property {(tracker: Tracker, signal: AbortSignal) => Promise<void>} work
 */

/** @typedef {import('session-activity-tracker').SessionActivityTracker} Tracker */

/** @type {readonly Plan[]} */
export const PLANS = [
  {
    id: 'silent tool',
    story: 'a tool runs for 6 s without output',
    expected: 'pings, survives',
    work: runSilentTool,
  },
  {
    id: 'gate closed',
    story: 'the same, but keep-alives are withheld',
    expected: 'withheld, dropped',
    overrides: { gate: new StaticKeepaliveGate(false) },
    work: runSilentTool,
  },
  {
    id: 'bursts restart',
    story: "calls of 0.3 s with pauses, cadence: 'restart'",
    expected: 'no heartbeat, dropped',
    overrides: { options: { ...OPTIONS, cadence: 'restart' } },
    work: callInBursts,
  },
  {
    id: 'bursts steady',
    story: "the same, cadence: 'steady'",
    expected: 'pings, survives',
    overrides: { options: { ...OPTIONS, cadence: 'steady' } },
    work: callInBursts,
  },
  {
    id: 'slow stream',
    story: 'a model streams with two silences of 3 s',
    expected: 'pings, survives',
    work: (tracker, signal) => readAnswer(tracker, signal, [3_000, 3_000]),
  },
  {
    id: 'hung stream',
    story: 'a stream hangs, maxSilenceMs: 2500',
    expected: 'pings, overdue, dropped',
    overrides: { options: { ...OPTIONS, maxSilenceMs: 2_500 } },
    work: (tracker, signal) => readAnswer(tracker, signal, [HANGS]),
  },
  {
    id: 'goes idle',
    story: 'works for 2.5 s, then has nothing to do',
    expected: 'pings, idle, dropped',
    staysOpen: true,
    work: callOnce,
  },
];

/**
 * @param {Tracker} tracker
 * @param {AbortSignal} signal
 */
async function runSilentTool(tracker, signal) {
  await tracker.run('tool_exec', () => sleep(6_000, undefined, { signal }));
}

/**
 * Each call is shorter than the interval, and so is each pause. Together they last 4.8 s.
 *
 * @param {Tracker} tracker
 * @param {AbortSignal} signal
 */
async function callInBursts(tracker, signal) {
  for (let burst = 0; burst < 8; burst++) {
    await tracker.run('api_call', () => sleep(300, undefined, { signal }));
    await sleep(300, undefined, { signal });
  }
}

/**
 * @param {Tracker} tracker
 * @param {AbortSignal} signal
 */
async function callOnce(tracker, signal) {
  await tracker.run('api_call', () => sleep(2_500, undefined, { signal }));
}
