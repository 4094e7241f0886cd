import { performance } from 'node:perf_hooks';
import { occupy } from './surroundings.mjs';

/** The floor: an integer and one clock read. */
class BareCounter {
  constructor() {
    this.refcount = 0;
    this.startedAtMs = 0;
  }

  start() {
    this.refcount++;
    this.startedAtMs = performance.now();
  }

  stop() {
    this.refcount--;
  }
}

/** A start and a stop while others run. */
export const pairsByHandle = pairsByReason;
export function pairsByReason() {
  const counter = occupy(new BareCounter());
  return (times) => {
    for (let i = 0; i < times; i++) {
      counter.start();
      counter.stop();
    }
  };
}
