import type { Explained } from './explain.js';
export function writeTrace(a: string, b: readonly Explained[]): void { void a; void b; }
