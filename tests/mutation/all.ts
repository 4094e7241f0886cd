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

// One file for jest instead of many: loading them anew takes far longer, for each mutant, than running them.
for (const room of (process.env['MUTATION_TESTS'] ?? '').split(',')) {
  const folder = new URL(`../${room}/`, import.meta.url);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.test.ts') && !LEFT_OUT.includes(name)) await import(new URL(name, folder).pathname);
  }
}
