import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './manifest.js';
import { type Page, PAGES } from './pages.js';

const links = PAGES.flatMap(({ path, sections }) =>
  sections
    .flatMap(({ lines }) => lines)
    .flatMap((line) => Array.from(line.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target))
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => [path, target] as const),
);

/** The anchors of a page's headings, as GitHub and the site make them. */
function anchorsOf({ sections }: Page): readonly string[] {
  return sections.map(({ heading }) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the pages', () => {
  it.each(links)('in %s link to %s, which exists', (from, target) => {
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? from : posix.join(posix.dirname(from), file);
    expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    const page = PAGES.find((each) => each.path === path);
    const anchors = anchor === undefined || !page ? [anchor] : anchorsOf(page);
    expect(anchors).toContain(anchor);
  });

  const topics = PAGES.filter(({ path }) => path === 'README.md' || path.startsWith('docs/'));
  it.each(topics.map((page) => [page.path, page] as const))('give each heading of %s its own anchor', (_, page) => {
    const anchors = anchorsOf(page);
    expect(anchors).toEqual([...new Set(anchors)]);
  });
});
