import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { builtPackage } from '../support/built-package.js';
import { FRAMEWORKS, isInstalled } from '../support/needs.js';
import { createProject, link } from '../support/project.js';
import { FRAMEWORK_PACKAGES, manifest, ROOT } from './manifest.js';
import type { Block } from './pages.js';

/** How long one program may run before it is killed. Shorter than the default interval of a heartbeat. */
const LONGEST_RUN_MS = 25_000;

/** How many programs run at once. */
const PARALLEL_RUNS = 2;

/** Packages that `tests/frameworks` has under another name. */
const ALIASES: Readonly<Record<string, string>> = { vitest: 'vitest-4' };

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
  // What the dependencies declare is not the pages' concern.
  skipLibCheck: true,
};

/** How a program ended, and what it complained of. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly complaints: string;
  /** What it printed, where the page says what that is. */
  readonly output: string | undefined;
}

/** What the blocks of the pages came to as programs of a user's project. */
export interface PageProject {
  /** What TypeScript finds wrong with a block, by lines of its page. */
  readonly typeErrors: (block: Block) => readonly string[];
  /** Each block runs in a process of its own; one that is a test of jest or vitest, in that. */
  readonly endings: ReadonlyMap<Block, Ending>;
}

/** The packages of `tests/frameworks` that a block imports. */
export function needsOf({ code }: Block): readonly string[] {
  const imported = Array.from(code.matchAll(/(?:from |import |require\()'([^'.][^']*)'/g), ([, path]) => path ?? '');
  const names = imported.filter((path) => !isBuiltin(path)).map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
  const here = [manifest.name, ...Object.keys(manifest.devDependencies)];
  return [...new Set(names)].filter((name) => !here.includes(name)).map((name) => ALIASES[name] ?? name);
}

/** Compiles the blocks in a project that has the built package and everything else installed, and runs them. */
export async function runPageProject(blocks: readonly Block[]): Promise<PageProject> {
  const packages = new Set([...Object.keys(manifest.devDependencies), ...FRAMEWORK_PACKAGES.filter(isInstalled)]);
  const directory = createProject([...packages]);
  try {
    link(directory, manifest.name, builtPackage());
    for (const [name, alias] of Object.entries(ALIASES)) link(directory, name, join(FRAMEWORKS, alias));
    for (const block of blocks) writeFileSync(join(directory, sourceOf(block)), block.code);
    const files = blocks.map(sourceOf).filter((file) => file.endsWith('.ts'));
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
    const errors = compile(directory);

    const endings = new Map<Block, Ending>();
    const waiting = blocks.values();
    const runWaiting = async (): Promise<void> => {
      for (const block of waiting) endings.set(block, await run(directory, block));
    };
    await Promise.all(Array.from({ length: PARALLEL_RUNS }, runWaiting));
    return {
      typeErrors: (block) =>
        errors
          .filter(({ file }) => file === sourceOf(block))
          .map(({ line, message }) => `${block.path}:${block.firstLine + line - 1} ${message}`),
      endings,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** A `js` block is CommonJS. */
function sourceOf({ path, language, firstLine }: Block): string {
  return `${path.replaceAll('/', '-')}-${firstLine}.${language === 'js' ? 'cjs' : 'ts'}`;
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
    const [, file, line, text] = /^(\S+\.ts)\((\d+),\d+\): (.*)$/s.exec(message) ?? [];
    if (file === undefined || text === undefined) throw new Error(`An error outside of every block:\n${message}`);
    return { file, line: Number(line), message: text.trimEnd() };
  });
}

async function run(directory: string, block: Block): Promise<Ending> {
  const program = sourceOf(block).replace(/\.ts$/, '.js');
  const framework = TEST_FRAMEWORKS.find(({ use }) => use.test(block.code));
  const args = framework?.args(directory, program) ?? [program];
  const { output, ...ending } = await runInNode(directory, args);
  return {
    ...ending,
    // Test frameworks write to stderr what went well, too.
    complaints: framework !== undefined && ending.code === 0 ? '' : ending.complaints,
    output: block.output === undefined ? undefined : output.replaceAll(/ +$/gm, '').trimEnd(),
  };
}

/** The test frameworks that a program can be written for, and how each runs it. */
const TEST_FRAMEWORKS: readonly {
  readonly use: RegExp;
  readonly args: (directory: string, program: string) => readonly string[];
}[] = [
  {
    use: /\bvi\.useFakeTimers/,
    args: (directory, program) => {
      const config = join(directory, `${program}.vitest.mjs`);
      writeFileSync(config, `export default { test: { include: ['${program}'] } };`);
      return ['node_modules/vitest/vitest.mjs', 'run', '--config', config];
    },
  },
  {
    use: /\bjest\.useFakeTimers/,
    args: (directory, program) => {
      const config = JSON.stringify({
        rootDir: directory,
        cacheDirectory: join(directory, 'cache'),
        moduleFileExtensions: ['js', 'cjs', 'json', 'node'],
        testMatch: [`<rootDir>/${program}`],
        transform: {},
      });
      // ES modules need a flag.
      const flags = program.endsWith('.cjs') ? [] : ['--experimental-vm-modules'];
      return [...flags, join(ROOT, 'node_modules/jest/bin/jest.js'), '--ci', '--watchman=false', '--config', config];
    },
  },
];

async function runInNode(directory: string, args: readonly string[]): Promise<Ending & { readonly output: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: directory,
    // Nothing of how these tests are run themselves, such as the colours of their output.
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, complaints, output };
}
