import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { describeClockContract } from './clock.contract.js';

describeClockContract('ManualClock', () => {
  const clock = new ManualClock();
  return {
    clock,
    elapse: async (ms) => {
      await Promise.resolve();
      clock.advance(ms);
    },
  };
});

describeClockContract('SystemClock', () => ({
  clock: new SystemClock(),
  elapse: async (ms) => {
    await sleep(ms + 5);
  },
}));
