import { ManualClock } from '../../src/testing/index.js';

/** A clock whose named timers write down name and time when they fire. */
export function createRecordingClock(): {
  clock: ManualClock;
  fired: [name: string, atMs: number][];
  schedule: (name: string, delayMs: number) => void;
} {
  const clock = new ManualClock();
  const fired: [string, number][] = [];
  const schedule = (name: string, delayMs: number): void => {
    clock.createTimer(() => fired.push([name, clock.now()])).schedule(delayMs);
  };
  return { clock, fired, schedule };
}
