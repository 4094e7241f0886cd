import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { manifest, ROOT } from './manifest.js';
import { blocksIn } from './readme.js';

/** Each command on its own, without a comment after it or the variables that are set for it. */
const commands = blocksIn('sh').flatMap(({ name, code }) =>
  code
    .replaceAll(/(^|\s)#.*$/gm, '')
    .split(/&&|;|\n/)
    .map((command) => command.trim().replace(/^(\w+=\S* )+/, ''))
    .filter((command) => /^(npm|bash) /.test(command))
    .map((command) => [command, name] as const),
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
  switch (first) {
    case 'ci':
      return [file('package-lock.json')];
    case 'install': {
      const known = [manifest.name, ...Object.keys({ ...manifest.peerDependencies, ...manifest.devDependencies })];
      return others.map((name) => [`package ${name}`, known.includes(name)]);
    }
    case 'run':
      return [script(others[0] ?? '')];
    default:
      return [script(first)];
  }
}

describe('the README', () => {
  it.each(commands)('says `%s` under "%s", which finds what it needs', (command) => {
    const missing = needsOf(command).filter(([, isThere]) => !isThere);
    expect(missing).toEqual([]);
  });

  it('has the package installed together with its peers', () => {
    const optional = (name: string): boolean => manifest.peerDependenciesMeta?.[name]?.optional === true;
    const peers = Object.keys(manifest.peerDependencies).filter((name) => !optional(name));
    const installs = commands.map(([command]) => wordsOf(command)).filter(([, first]) => first === 'install');
    expect(installs[0]).toEqual(expect.arrayContaining([manifest.name, ...peers]));
  });
});
