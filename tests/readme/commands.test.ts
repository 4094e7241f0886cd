import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FRAMEWORK_PACKAGES, manifest, ROOT } from './manifest.js';
import { blocksIn, codeIn, PAGES } from './pages.js';

/** What the pages tell to run in blocks, and in the middle of a sentence. */
const texts = [
  ...blocksIn('sh').map(({ path, code }) => [path, code] as const),
  ...PAGES.flatMap(({ path, sections }) =>
    sections.flatMap(({ lines }) => lines.flatMap(codeIn)).map((code) => [path, code] as const),
  ),
];

/** Each command on its own, without a comment after it or the variables that are set for it. */
const commands = texts.flatMap(([path, text]) =>
  text
    .replaceAll(/(^|\s)#.*$/gm, '')
    .split(/&&|[;|\n]/)
    .map((command) => command.trim().replace(/^(\w+=\S* )+/, ''))
    .filter((command) => /^(npm|npx|bash) /.test(command))
    .map((command) => [path, command] as const),
);

function wordsOf(command: string): readonly string[] {
  return command.split(/\s+/).filter((word) => !word.startsWith('-'));
}

/** What a command needs, and whether it is there. */
function needsOf(command: string): readonly (readonly [string, boolean])[] {
  const [program, first = '', ...others] = wordsOf(command);
  const file = (path: string): readonly [string, boolean] => [`file ${path}`, existsSync(join(ROOT, path))];
  const script = (name: string): readonly [string, boolean] => [
    `script ${name}`,
    Object.hasOwn(manifest.scripts, name),
  ];
  if (program === 'bash') return [file(first)];
  if (program === 'npx') return [[`bin ${first}`, Object.hasOwn(manifest.bin ?? {}, first)]];
  switch (first) {
    case 'ci':
      return [file(join(others[0] ?? '', 'package-lock.json'))];
    case 'install': {
      const known = [manifest.name, ...Object.keys(manifest.devDependencies), ...FRAMEWORK_PACKAGES];
      return others.map((name) => [`package ${name}`, known.includes(name)]);
    }
    case 'run':
      return [script(others[0] ?? '')];
    default:
      return [script(first), ...others.filter((word) => word.includes('/')).map(file)];
  }
}

describe('the pages', () => {
  it.each(commands)('in %s name `%s`, which finds what it needs', (_, command) => {
    const missing = needsOf(command).filter(([, isThere]) => !isThere);
    expect(missing).toEqual([]);
  });

  it('have the package installed together with its peers', () => {
    const optional = (name: string): boolean => manifest.peerDependenciesMeta?.[name]?.optional === true;
    const peers = Object.keys(manifest.peerDependencies).filter((name) => !optional(name));
    const installs = commands.filter(([path]) => path === 'README.md').map(([, command]) => wordsOf(command));
    const [first] = installs.filter(([, verb]) => verb === 'install');
    expect(first).toEqual(expect.arrayContaining([manifest.name, ...peers]));
  });
});
