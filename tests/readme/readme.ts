import { readFileSync } from 'node:fs';

const LINES = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').split('\n');

/** A fenced block of the README. */
export interface Block {
  /** The heading it stands under, with a number when it is not the first program or command there. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** The line of the README that its code begins on, counted from 1. */
  readonly firstLine: number;
}

interface Section {
  readonly heading: string;
  readonly lines: string[];
}

const { blocks, sections } = read();

/** The blocks in that language, in order. */
export function blocksIn(language: string): readonly Block[] {
  return blocks.filter((block) => block.language === language);
}

/** The languages of all blocks, each once. */
export function languages(): readonly string[] {
  return [...new Set(blocks.map(({ language }) => language))];
}

/** The rows of the table under that heading, without its head: the text of each cell. */
export function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = sections.find((each) => each.heading === heading);
  if (!section) throw new Error(`README.md has no heading "${heading}".`);
  const [, , ...rows] = section.lines.filter((line) => line.startsWith('|'));
  // A pipe inside a cell is written with a backslash.
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The pieces of code in a cell. */
export function codeIn(cell: string | undefined): readonly string[] {
  return Array.from(cell?.matchAll(/`([^`]+)`/g) ?? [], ([, code]) => code ?? '');
}

/** Splits the README at its headings and fences. A `#` inside a fence is no heading. */
function read(): { blocks: readonly Block[]; sections: readonly Section[] } {
  const found: { section: Section; language: string; lines: string[]; firstLine: number }[] = [];
  let section: Section = { heading: 'README.md', lines: [] };
  const all = [section];
  let inside = false;
  for (const [index, line] of LINES.entries()) {
    const fence = /^\s*```(\S*)/.exec(line);
    const heading = /^#+ (.+)$/.exec(line)?.[1];
    if (fence) {
      inside = !inside;
      if (inside) found.push({ section, language: fence[1] ?? '', lines: [], firstLine: index + 2 });
    } else if (inside) {
      found.at(-1)?.lines.push(line);
    } else if (heading !== undefined) {
      section = { heading, lines: [] };
      all.push(section);
    } else {
      section.lines.push(line);
    }
  }
  if (inside) throw new Error('README.md ends inside a block.');
  const named = found.map(({ section: under, language, lines, firstLine }, index) => {
    const earlier = found.slice(0, index).filter((each) => each.section === under && each.language === language);
    const name = earlier.length === 0 ? under.heading : `${under.heading} (${earlier.length + 1})`;
    return { name, language, code: lines.join('\n'), firstLine };
  });
  return { blocks: named, sections: all };
}
