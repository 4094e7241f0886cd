import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtPackage } from '../support/built-package.js';
import { createProject, link } from '../support/project.js';
import { manifest, ROOT } from './manifest.js';
import type { Block } from './readme.js';

/** How long one program may run before it is killed. Shorter than the default interval of a heartbeat. */
const LONGEST_RUN_MS = 20_000;

const COMPILER_OPTIONS = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  // Each block is a module of its own, whether it imports anything or not.
  moduleDetection: 'force',
  lib: ['ES2023', 'ESNext.Disposable'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  experimentalDecorators: true,
  // What the dependencies declare is not the README's affair.
  skipLibCheck: true,
};

/** How a program ended, and what it complained of. */
interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly complaints: string;
}

/** A user's project: each block a module, the built package and all that this repository is developed with installed. */
export interface ReadmeProject {
  /** What TypeScript finds wrong with a block, by lines of the README. */
  readonly typeErrors: (block: Block) => readonly string[];
  /** Runs a block in a Node process of its own; one that imports `@jest/globals`, in jest. */
  readonly run: (block: Block) => Ending;
  readonly remove: () => void;
}

export function createReadmeProject(blocks: readonly Block[]): ReadmeProject {
  const directory = createProject(Object.keys(manifest.devDependencies));
  const write = (file: string, text: string): void => writeFileSync(join(directory, file), text);
  const sourceOf = ({ firstLine }: Block): string => `line-${firstLine}.ts`;
  const programOf = ({ firstLine }: Block): string => `line-${firstLine}.js`;

  link(directory, manifest.name, builtPackage());
  for (const block of blocks) write(sourceOf(block), block.code);
  write('tsconfig.json', JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: blocks.map(sourceOf) }));
  const errors = compile(directory);

  return {
    typeErrors: (block) =>
      errors
        .filter(({ file }) => file === sourceOf(block))
        .map(({ line, message }) => `README.md:${block.firstLine + line - 1} ${message}`),
    run: (block) => {
      const runProgram = block.code.includes('@jest/globals') ? runInJest : runInNode;
      return runProgram(directory, programOf(block));
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Compiles each block to a program beside it, even one with type errors. */
function compile(directory: string): readonly CompilerError[] {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], {
    cwd: directory,
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(`The compiler failed:\n${stderr}`);
  // The further lines of a message are indented.
  const messages = stdout.split(/\n(?=\S)/).filter((message) => message !== '');
  return messages.map((message) => {
    const [, file, line, text] = /^(line-\d+\.ts)\((\d+),\d+\): (.*)$/s.exec(message) ?? [];
    if (file === undefined || text === undefined) throw new Error(`An error outside of every block:\n${message}`);
    return { file, line: Number(line), message: text.trimEnd() };
  });
}

function runInJest(directory: string, program: string): Ending {
  const config = JSON.stringify({
    rootDir: directory,
    cacheDirectory: join(directory, 'cache'),
    testMatch: [`<rootDir>/${program}`],
    transform: {},
  });
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const args = ['--experimental-vm-modules', jest, '--ci', '--watchman=false', '--config', config];
  const ending = runInNode(directory, ...args);
  // Jest writes to stderr what went well, too.
  return ending.code === 0 ? { ...ending, complaints: '' } : ending;
}

function runInNode(directory: string, ...args: string[]): Ending {
  const { status, signal, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: directory,
    // Nothing of how these tests are run themselves, such as the colours of their output.
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  return { code: status, signal, complaints: stderr };
}
