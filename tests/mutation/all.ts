import { readdirSync } from 'node:fs';

// One file for jest instead of sixty: loading them anew takes far longer, for each mutant, than running them.
const ROOMS = ['adapters', 'container', 'hub', 'opentelemetry', 'senders', 'testing', 'tracker'];

for (const room of ROOMS) {
  const folder = new URL(`../${room}/`, import.meta.url);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.test.ts')) await import(new URL(name, folder).pathname);
  }
}
