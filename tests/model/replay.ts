import { inspect } from 'node:util';
import type { Sequence } from './arbitraries.js';
import { Model } from './model.js';
import { Real } from './real.js';
import type { Step } from './steps.js';
import type { Setup } from './subject.js';

/** Runs one sequence. What a failed search prints calls this. */
export async function replay(setup: Setup, sequence: readonly Step[]): Promise<void> {
  const model = new Model(setup);
  const real = new Real(setup);
  for (const step of sequence) await step.run(model, real);
}

/** Prints a sequence, as `fc.commands` found it, as a call of `replay`. */
export function asCode(setup: Setup, sequence: Sequence): string {
  return `await replay(${inspect(setup, { depth: null, breakLength: Infinity })}, [${sequence.toString()}\n]);`;
}
