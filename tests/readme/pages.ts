import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './manifest.js';

/** A fenced block of a page. */
export interface Block {
  /** The page, such as `docs/events.md`. */
  readonly path: string;
  /** The page, the heading it stands under, and the line on which it begins. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** What the page says that it prints, if it does. */
  readonly output: string | undefined;
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

interface OpenBlock extends Omit<Block, 'code' | 'output'> {
  readonly lines: string[];
  /** The last line of text before it. */
  readonly before: string;
}

/** Splits a page at its headings and fences. A `#` inside a fence is no heading. */
function read(path: string): Page {
  let section: Section = { heading: '', lines: [] };
  const sections = [section];
  const found: OpenBlock[] = [];
  let open: OpenBlock | undefined;
  for (const [index, line] of readFileSync(join(ROOT, path), 'utf8').split('\n').entries()) {
    const fence = /^\s*```(\S*)/.exec(line);
    const heading = /^#+ (.+)$/.exec(line)?.[1];
    if (fence && open) {
      open = undefined;
    } else if (fence) {
      const before = section.lines.findLast((text) => text !== '') ?? '';
      const name = `${path} › ${section.heading} (line ${index + 1})`;
      open = { path, name, language: fence[1] ?? '', firstLine: index + 2, lines: [], before };
      found.push(open);
    } else if (open) {
      open.lines.push(line);
    } else if (heading === undefined) {
      section.lines.push(line);
    } else {
      section = { heading, lines: [] };
      sections.push(section);
    }
  }
  if (open) throw new Error(`${path} ends inside a block.`);
  const blocks = found.map(({ name, language, firstLine, lines }, index): Block => {
    const next = found[index + 1];
    const output = next?.before === 'It prints:' ? next.lines.join('\n') : undefined;
    return { path, name, language, firstLine, code: lines.join('\n'), output };
  });
  return { path, blocks, sections };
}
