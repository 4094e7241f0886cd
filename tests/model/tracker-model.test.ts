import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sequences } from './arbitraries.js';
import { Model } from './model.js';
import { Real } from './real.js';
import { asCode, replay } from './replay.js';
import { setups } from './setups.js';
import { advance, dispose, register, signal, start, stop } from './steps.js';

const RUNS = Math.ceil(Number(process.env['MODEL_RUNS'] ?? 1000) / setups.length);
const SECONDS = 1000;

describe('SessionActivityTracker', () => {
  describe('model', () => {
    it.each(setups.map((setup) => [inspect(setup.options, { breakLength: Infinity }), setup] as const))(
      'does what the model does with %s',
      async (_, setup) => {
        const property = fc.asyncProperty(sequences(setup), (sequence) =>
          fc.asyncModelRun(() => ({ model: new Model(setup), real: new Real(setup) }), sequence),
        );
        const result = await fc.check(property, { numRuns: RUNS });
        const report = result.counterexample
          ? `${asCode(setup, result.counterexample[0])}\n// seed ${result.seed}\n${String(result.errorInstance)}`
          : '';
        expect(report).toBe('');
      },
      60 * SECONDS + RUNS * 100,
    );

    it('replays a printed sequence', async () => {
      const sequence = [
        register({ kind: 'resolve', afterMs: 5 }),
        start('api_call'),
        advance(10),
        signal(),
        advance(5),
        stop('api_call'),
        dispose(),
      ];
      await expect(replay({ options: { intervalMs: 10 } }, sequence)).resolves.toBeUndefined();
    });
  });
});
