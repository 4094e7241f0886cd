import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createReadmeProject, type ReadmeProject } from './readme-project.js';
import { blocksIn, languages } from './readme.js';

jest.setTimeout(60_000);

const programs = blocksIn('ts');
let project: ReadmeProject;

beforeAll(() => {
  project = createReadmeProject(programs);
});

afterAll(() => {
  project.remove();
});

describe('the README', () => {
  it('writes every program in a ts block and every command in a sh block, where they are tested', () => {
    const untested = /^(tsx|typescript|[cm]ts|[cm]?js|jsx|javascript|bash|shell|zsh|console|)$/;
    expect(languages().filter((language) => untested.test(language))).toEqual([]);
  });

  describe.each(programs.map((block) => [block.name, block] as const))('has a program under "%s" that', (_, block) => {
    it('compiles', () => {
      expect(project.typeErrors(block)).toEqual([]);
    });

    it('runs without a complaint and ends by itself', () => {
      expect(project.run(block)).toEqual({ code: 0, signal: null, complaints: '' });
    });
  });
});
