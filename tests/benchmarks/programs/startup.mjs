import { answer, request } from './child.mjs';

/** How long it takes to import some packages, one after the other. */
const startMs = performance.now();
for (const name of request.packages) await import(name);
answer({ ms: performance.now() - startMs });
