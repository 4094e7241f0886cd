import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWith, missingOf } from '../support/needs.js';
import { needsOf, type PageProject, runPageProject } from './page-project.js';
import { blocksIn, PAGES } from './pages.js';

jest.setTimeout(300_000);

const programs = blocksIn('ts', 'js');
let project: PageProject;

beforeAll(async () => {
  project = await runPageProject(programs.filter((block) => missingOf(needsOf(block)).length === 0));
});

describe('the pages', () => {
  it('write every program in a ts or js block and every command in a sh block, where they are tested', () => {
    const untested = /^(tsx|typescript|[cm]ts|[cm]js|jsx|javascript|bash|shell|zsh|console|)$/;
    const languages = PAGES.flatMap(({ blocks }) => blocks).map(({ language }) => language);
    expect(languages.filter((language) => untested.test(language))).toEqual([]);
  });
});

for (const block of programs) {
  describeWith(needsOf(block), `the program at ${block.name}`, () => {
    it('compiles', () => {
      expect(project.typeErrors(block)).toEqual([]);
    });

    it('runs without a complaint, prints what the page says and ends by itself', () => {
      expect(project.endings.get(block)).toEqual({ code: 0, signal: null, complaints: '', output: block.output });
    });
  });
}
