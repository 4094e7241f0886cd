import { chunksOf } from './surroundings.mjs';

/** The loop that `track` is put into. */
export function chunks() {
  return async (times) => {
    let sum = 0;
    for await (const chunk of chunksOf(times)) sum += chunk;
    return sum;
  };
}
