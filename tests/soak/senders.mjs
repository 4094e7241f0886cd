const never = () => new Promise(() => {});

/** What a transport may do with a keep-alive: most often it takes it. */
const BEHAVIOURS = [
  ...Array(6).fill(() => undefined),
  () => Promise.resolve(),
  () => Promise.resolve(),
  () => {
    throw Object.assign(new Error('The socket is gone'), { code: 'ECONNRESET' });
  },
  () => Promise.reject(Object.assign(new Error('The pipe is broken'), { code: 'EPIPE' })),
  never,
  ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
];

/**
 * A transport's sender, which changes its behaviour from time to time.
 *
 * @param {ReturnType<typeof import('./random.mjs').createRandom>} random
 * @param {{ made: number }} calls - counts its calls.
 */
export function createSender(random, calls) {
  let behaviour = BEHAVIOURS[random.below(BEHAVIOURS.length)];
  return (keepalive) => {
    calls.made++;
    if (random.below(10) === 0) behaviour = BEHAVIOURS[random.below(BEHAVIOURS.length)];
    return behaviour(keepalive);
  };
}
