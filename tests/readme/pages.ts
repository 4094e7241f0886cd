import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './manifest.js';

/** A fenced block of a page. */
export interface Block {
  /** The page, such as `docs/events.md`. */
  readonly path: string;
  /** The page and the heading it stands under, with a number when it is not the first of its language there. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** The line of the page on which its code begins, counted from 1. */
  readonly firstLine: number;
}

interface Section {
  readonly heading: string;
  readonly lines: string[];
}

/** A page of the documentation. */
export interface Page {
  /** From the root of the repository, such as `docs/events.md`. */
  readonly path: string;
  readonly blocks: readonly Block[];
  /** What stands under each heading, outside of blocks. */
  readonly sections: readonly Section[];
}

/** Every page that a user or a contributor reads. */
export const PAGES: readonly Page[] = [
  ...['README.md', 'BENCHMARKS.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'tests/MUTANTS.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map(read);

export function pageAt(path: string): Page {
  const page = PAGES.find((each) => each.path === path);
  if (!page) throw new Error(`There is no page ${path}.`);
  return page;
}

/** The blocks in these languages, on all pages. */
export function blocksIn(...languages: readonly string[]): readonly Block[] {
  return PAGES.flatMap(({ blocks }) => blocks).filter(({ language }) => languages.includes(language));
}

/** The rows of the first table under that heading, without its head: the text of each cell. */
export function tableUnder(path: string, heading: string): readonly (readonly string[])[] {
  const section = pageAt(path).sections.find((each) => each.heading === heading);
  if (!section) throw new Error(`${path} has no heading "${heading}".`);
  const start = section.lines.findIndex((line) => line.startsWith('|'));
  const end = section.lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  const [, , ...rows] = start < 0 ? [] : section.lines.slice(start, end < 0 ? undefined : end);
  // A pipe inside a cell is written with a backslash.
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The pieces of code in a cell or a line. */
export function codeIn(text: string | undefined): readonly string[] {
  return Array.from(text?.matchAll(/`([^`]+)`/g) ?? [], ([, code]) => code ?? '');
}

/** Splits a page at its headings and fences. A `#` inside a fence is no heading. */
function read(path: string): Page {
  const sections: Section[] = [{ heading: '', lines: [] }];
  const blocks: (Block & { readonly lines: string[] })[] = [];
  let open: { language: string; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(ROOT, path), 'utf8').split('\n').entries()) {
    const section = sections.at(-1);
    const fence = /^\s*```(\S*)/.exec(line);
    const heading = /^#+ (.+)$/.exec(line)?.[1];
    if (fence && open) {
      open = undefined;
    } else if (fence) {
      const language = fence[1] ?? '';
      const under = `${path} › ${section?.heading ?? ''}`;
      const number = blocks.filter(({ name, language: other }) => name.startsWith(under) && other === language).length;
      const name = number === 0 ? under : `${under} (${number + 1})`;
      open = { language, lines: [] };
      blocks.push({ path, name, firstLine: index + 2, code: '', ...open });
    } else if (open) {
      open.lines.push(line);
    } else if (heading !== undefined) {
      sections.push({ heading, lines: [] });
    } else {
      section?.lines.push(line);
    }
  }
  if (open) throw new Error(`${path} ends inside a block.`);
  return { path, blocks: blocks.map(({ lines, ...block }) => ({ ...block, code: lines.join('\n') })), sections };
}
