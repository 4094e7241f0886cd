import type { Setup } from './subject.js';

/** Quarters add up without rounding. */
const fractions = [0.25, 0.5, 0.75, 1.25, 2.5, 3.75];

/** Mostly short deadlines that coincide. Where `sendTimeoutMs` is left out, its default is often a fraction. */
export const setups: readonly Setup[] = [
  { options: {} },
  { options: { cadence: 'steady', trace: true } },
  { options: { intervalMs: 10, idleAfterMs: 5, sendTimeoutMs: 10 }, fractions },
  { options: { intervalMs: 10, idleAfterMs: 5, sendTimeoutMs: 10, trace: true } },
  { options: { intervalMs: 10, idleAfterMs: 25, sendTimeoutMs: 10, cadence: 'steady', maxActivityMs: 20 }, fractions },
  { options: { intervalMs: 10, maxActivityMs: 10 }, registryThrows: true },
  { options: { intervalMs: 10, idleAfterMs: 4, cadence: 'steady' } },
  { options: { intervalMs: 10, idleAfterMs: 4, cadence: 'steady', jitter: 1, trace: true } },
  { options: { intervalMs: 10, idleAfterMs: 30, maxActivityMs: 35, maxSilenceMs: 15 } },
  { options: { intervalMs: 10, sendTimeoutMs: 10, maxSilenceMs: 5, cadence: 'steady' }, fractions },
  { options: { intervalMs: 7, cadence: 'steady', maxActivityMs: 7, trace: true } },
  { options: { intervalMs: 8, idleAfterMs: 13, jitter: 1 } },
  { options: { intervalMs: 8, idleAfterMs: 2, sendTimeoutMs: 8, jitter: 0.5, maxSilenceMs: 9, trace: true } },
  { options: { intervalMs: 100, idleAfterMs: 1000, sendTimeoutMs: 100, cadence: 'steady', maxActivityMs: 150 } },
  {
    options: {
      intervalMs: 6,
      idleAfterMs: 6,
      sendTimeoutMs: 2,
      cadence: 'steady',
      maxActivityMs: 12,
      maxSilenceMs: 12,
    },
  },
  { options: { intervalMs: 1 } },
  { options: { intervalMs: 1, cadence: 'steady', trace: true } },
  { options: { intervalMs: 2, idleAfterMs: 3, cadence: 'steady' } },
  { options: { intervalMs: 20, idleAfterMs: 60, sendTimeoutMs: 5, maxActivityMs: 40, maxSilenceMs: 25, trace: true } },
  { options: { intervalMs: 5, idleAfterMs: 3, sendTimeoutMs: 1.5, maxActivityMs: 6.5, maxSilenceMs: 4.25 }, fractions },
  { options: { intervalMs: 4, idleAfterMs: 9, cadence: 'steady', jitter: 0.5 }, fractions },
  { options: { intervalMs: 3.5, idleAfterMs: 2.25, sendTimeoutMs: 1.25, cadence: 'steady' }, fractions },
];
