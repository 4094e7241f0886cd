import { readdirSync } from 'node:fs';

/** Files that need an environment of their own, or that run other people's test frameworks on the built package. */
const LEFT_OUT = ['system-clock-jsdom.test.ts', 'vitest.test.ts'];

// One file for jest instead of many: loading them anew takes far longer, for each mutant, than running them.
for (const room of (process.env['MUTATION_TESTS'] ?? '').split(',')) {
  const folder = new URL(`../${room}/`, import.meta.url);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.test.ts') && !LEFT_OUT.includes(name)) await import(new URL(name, folder).pathname);
  }
}
