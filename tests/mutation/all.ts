import { readdirSync } from 'node:fs';

// One file for jest instead of many: loading them anew takes far longer, for each mutant, than running them.
for (const room of (process.env['MUTATION_TESTS'] ?? '').split(',')) {
  const folder = new URL(`../${room}/`, import.meta.url);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.test.ts')) await import(new URL(name, folder).pathname);
  }
}
