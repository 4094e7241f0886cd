import { SourceTextModule, SyntheticModule } from 'node:vm';
import { expect } from '@jest/globals';
import type { Real } from './real.js';
import { replay } from './replay.js';
import * as steps from './steps.js';

/** Runs a printed test file as it is, with `Subject` in place of the tracker. */
export async function runPrinted(code: string, Subject: typeof Real): Promise<void> {
  const tests: (() => Promise<void>)[] = [];
  const modules: Record<string, object> = {
    '@jest/globals': { expect, it: (_: string, test: () => Promise<void>) => tests.push(test) },
    './replay.js': { replay: (...[setup, sequence]: Parameters<typeof replay>) => replay(setup, sequence, Subject) },
    './steps.js': steps,
  };
  const file = new SourceTextModule(code);
  await file.link((specifier) => {
    const names = Object.entries(modules[specifier] ?? {});
    return new SyntheticModule(
      names.map(([name]) => name),
      function () {
        for (const [name, value] of names) this.setExport(name, value);
      },
    );
  });
  await file.evaluate();
  expect(tests).toHaveLength(1);
  for (const test of tests) await test();
}
