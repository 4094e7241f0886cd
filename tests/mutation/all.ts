import { readdirSync } from 'node:fs';

/**
 * Files that need jsdom; that test in another process what no mutant is in (vitest, a browser, the built program); that
 * start Redis anew for each test; or that try random logs.
 */
const LEFT_OUT = [
  'system-clock-jsdom.test.ts',
  'vitest.test.ts',
  'page.test.ts',
  'cli.test.ts',
  'cluster.test.ts',
  'outages.test.ts',
  'damaged-logs.test.ts',
];

/** Files with tests that take a second. A mutant that another test notices does not wait for them. */
const LAST = ['draw.test.ts', 'main.test.ts', 'read.test.ts'];

// One file for jest instead of many: loading them anew takes far longer, for each mutant, than running them.
for (const room of (process.env['MUTATION_TESTS'] ?? '').split(',')) {
  const folder = new URL(`../${room}/`, import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !LEFT_OUT.includes(name));
  names.sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b));
  for (const name of names) await import(new URL(name, folder).pathname);
}
