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

class ShiftedClock extends SystemClock {
  override now(): number {
    return super.now() - 1e6;
  }
}

const SYSTEM_CLOCKS = {
  SystemClock,
  'a class that extends SystemClock and shows another time': ShiftedClock,
};

for (const [name, AnySystemClock] of Object.entries(SYSTEM_CLOCKS)) {
  describeClockContract(name, () => ({
    clock: new AnySystemClock(),
    elapse: async (ms) => {
      await sleep(ms + 5);
    },
  }));
}
