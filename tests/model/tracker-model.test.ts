import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { search } from './search.js';
import { setups } from './setups.js';

const RUNS = Math.ceil(Number(process.env['MODEL_RUNS'] ?? 1000) / setups.length);
const SECONDS = 1000;

describe('SessionActivityTracker', () => {
  describe('model', () => {
    it.each(setups.map((setup) => [inspect(setup.options, { breakLength: Infinity }), setup] as const))(
      'does what the model does with %s',
      async (_, setup) => {
        expect(await search(setup, { numRuns: RUNS })).toBe(RUNS);
      },
      60 * SECONDS + RUNS * 100,
    );
  });
});
