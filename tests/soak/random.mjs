/**
 * Random numbers that a seed repeats (mulberry32).
 *
 * @param {number} seed
 */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    /** @param {number} count @returns {number} an integer from 0 up to, and without, `count`. */
    below: (count) => Math.floor(next() * count),
    /** @param {number} mean @returns {number} a waiting time, most often short and sometimes long. */
    waiting: (mean) => -mean * Math.log(1 - next()),
  };
}
