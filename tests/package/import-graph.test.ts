import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { builtPackage } from '../support/built-package.js';

const DIST = join(builtPackage(), 'dist');

/** The built files that an import of one of them loads, itself included. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set([entry]);
  // A set gives those that are added meanwhile, too.
  for (const file of loaded) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(DIST, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (fileName.startsWith('.')) loaded.add(relative(DIST, join(DIST, file, '..', fileName)));
    }
  }
  return loaded;
}

/** The rooms that the files are in. */
function roomsOf(files: ReadonlySet<string>): string[] {
  return [...new Set([...files].filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? ''))].sort();
}

describe('the built package', () => {
  describe('what an import loads', () => {
    it.each([
      ['index.js', ['adapters', 'container', 'tracker']],
      ['hub/index.js', ['hub', 'tracker']],
      ['senders/index.js', ['senders']],
      ['redis/index.js', ['redis']],
    ])('is, for %s, of the rooms %p', (entry, rooms) => {
      expect(roomsOf(loadedBy(entry))).toEqual(rooms);
    });
  });
});
