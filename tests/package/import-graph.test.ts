import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { builtPackage } from '../support/built-package.js';

const DIST = join(builtPackage(), 'dist');
const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** The files of `root` that one of them imports; of TypeScript files also those whose types alone it imports. */
function importsOf(root: string, file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => relative(root, join(root, file, '..', fileName)));
}

/** The built files that an import of one of them loads, itself included. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set([entry]);
  // A set's iteration includes what is added meanwhile.
  for (const file of loaded) for (const imported of importsOf(DIST, file)) loaded.add(imported);
  return loaded;
}

/** The files that import one another in a circle: what is left without those that import nothing of the rest. */
function cyclesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map(imports);
  let size: number;
  do {
    size = left.size;
    for (const [file, imported] of left) if (!imported.some((each) => left.has(each))) left.delete(file);
  } while (left.size < size);
  return [...left.keys()];
}

describe('the built package', () => {
  describe('what an import loads', () => {
    const loadedRooms = (entry: string): string[] => [...loadedBy(entry)].map((file) => file.split('/')[0] ?? '');

    it.each<[string, string[]]>([
      ['index.js', ['senders', 'opentelemetry', 'redis', 'report', 'testing']],
      ['hub/index.js', ['adapters', 'container', 'senders', 'opentelemetry', 'redis', 'report', 'testing']],
      ['senders/index.js', ['adapters', 'container', 'hub', 'opentelemetry', 'redis', 'report', 'testing', 'tracker']],
      ['redis/index.js', ['adapters', 'container', 'hub', 'senders', 'opentelemetry', 'report', 'testing', 'tracker']],
      ['testing/index.js', ['adapters', 'container', 'hub', 'senders', 'opentelemetry', 'redis', 'report']],
    ])('is, for %s, nothing of the rooms %p', (entry, rooms) => {
      expect(loadedRooms(entry).filter((room) => rooms.includes(room))).toEqual([]);
    });

    it('is, for index.js, nothing of the hub but its token', () => {
      expect([...loadedBy('index.js')].filter((file) => file.startsWith('hub/'))).toEqual(['hub/tokens.js']);
    });
  });
});

describe('the sources', () => {
  describe('their imports', () => {
    it('form no cycle, types included', () => {
      const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
      const imports = new Map(
        files.map((file) => [file, importsOf(SRC, file).map((imported) => imported.replace(/\.js$/, '.ts'))]),
      );
      expect(imports.size).toBeGreaterThan(30);
      expect(imports.get('container/tokens.ts')).toEqual(['tracker/session-activity-tracker.ts']);
      expect(cyclesIn(imports)).toEqual([]);
    });
  });

  describe('cyclesIn', () => {
    it('finds a cycle and what leads to it', () => {
      const imports = new Map([
        ['a', ['b']],
        ['b', ['c', 'd']],
        ['c', ['b']],
        ['d', []],
      ]);
      expect(cyclesIn(imports)).toEqual(['a', 'b', 'c']);
    });
  });
});
