import { inspect } from 'node:util';
import type { Sequence } from './arbitraries.js';
import { Model } from './model.js';
import { Real } from './real.js';
import type { AnyStep } from './steps.js';
import { DRAW, type Setup } from './subject.js';

/** Runs one sequence. What a failed search prints calls this. */
export async function replay(setup: Setup, sequence: Iterable<AnyStep>, Subject = Real): Promise<void> {
  const model = new Model(setup);
  const real = new Subject(setup);
  const { random } = Math;
  Math.random = () => DRAW;
  try {
    for (const step of sequence) await step.run(model, real);
  } finally {
    Math.random = random;
  }
}

/** Prints a sequence, as `fc.commands` found it, as a test file of this folder. */
export function asCode(setup: Setup, sequence: Sequence): string {
  return `import { expect, it } from '@jest/globals';
import { replay } from './replay.js';
import * as steps from './steps.js';

it('does what the model does', async () => {
  const replayed = replay(${inspect(setup, { depth: null, breakLength: Infinity })}, [${sequence.toString()}
  ]);
  await expect(replayed).resolves.toBeUndefined();
});
`;
}
