import fc from 'fast-check';
import { sequences } from './arbitraries.js';
import { Real } from './real.js';
import { asCode, replay } from './replay.js';
import type { Setup } from './subject.js';

/** How many sequences to try, and from which seed, to repeat a search. */
interface Extent {
  readonly numRuns: number;
  readonly seed?: number;
}

/**
 * Looks for a sequence after which the tracker and the model differ.
 *
 * @returns how many it has tried.
 * @throws Error with a test of the shortest one found, which can be pasted into a file of this folder.
 */
export async function search(setup: Setup, extent: Extent, Subject = Real): Promise<number> {
  const property = fc.asyncProperty(sequences(setup), (sequence) => replay(setup, sequence, Subject));
  const { numRuns, counterexample, errorInstance, seed } = await fc.check(property, extent);
  if (!counterexample) return numRuns;
  const why = `seed ${seed}\n${String(errorInstance)}`.replace(/^/gm, '// ');
  throw new Error(`${asCode(setup, counterexample[0])}\n${why}`);
}
