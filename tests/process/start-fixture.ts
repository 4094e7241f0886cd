import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { builtPackage } from '../support/built-package.js';

/** How long a fixture may run before it is killed. Shorter than the default interval of a heartbeat. */
const LONGEST_RUN_MS = 20_000;

/** How a fixture ended, and what it wrote. */
interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** A child process. Leaving its scope kills it. */
export interface Fixture extends Disposable {
  /** Resolves with its first line when it has written that, or has ended without one. */
  readonly started: Promise<string | undefined>;
  readonly ended: Promise<Ending>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Runs a program of `fixtures/` in a Node process of its own, as a user of the built package. */
export function startFixture(name: string, ...args: string[]): Fixture {
  const program = readFileSync(new URL(`fixtures/${name}.mjs`, import.meta.url), 'utf8');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, '--', ...args], {
    cwd: builtPackage(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  let stderr = '';
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    started: new Promise((resolve) => {
      output.once('line', resolve).once('close', () => resolve(undefined));
    }),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, lines, stderr }));
    }),
    kill: (signal) => void child.kill(signal),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
