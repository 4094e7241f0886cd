import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { describeWith } from '../support/needs.js';
import { createProject, link } from '../support/project.js';
import { ENTRY_POINTS, manifest } from '../readme/manifest.js';
import { LOADER_PROGRAMS } from './loader-programs.js';

jest.setTimeout(60_000);

const COMPILER_OPTIONS = {
  module: 'CommonJS',
  target: 'ES2022',
  types: ['node'],
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/** A project with the built package and these packages, and all programs. */
function projectWith(...packages: readonly string[]): string {
  const directory = createProject(['tsyringe', 'reflect-metadata', ...packages]);
  link(directory, manifest.name, builtPackage());
  for (const [name, program] of Object.entries(LOADER_PROGRAMS)) writeFileSync(join(directory, name), program);
  return directory;
}

/** Runs Node in the project. */
function node(
  directory: string,
  ...args: readonly string[]
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
    timeout: 50_000,
  });
  return { status, stdout, stderr };
}

describe('the built package', () => {
  describe('in Node', () => {
    let project: string;

    beforeAll(() => {
      project = projectWith();
    });

    afterAll(() => {
      rmSync(project, { recursive: true });
    });

    it.each(['main.mjs', 'main.cjs'])('runs a session in %s', (program) => {
      expect(node(project, program)).toEqual({ status: 0, stdout: 'done\n', stderr: '' });
    });

    it.each(ENTRY_POINTS)('loads what tsyringe needs when %s is imported before it', (entry) => {
      const program = `import '${entry}'; import 'tsyringe';`;
      expect(node(project, '--input-type=module', '--eval', program)).toEqual({ status: 0, stdout: '', stderr: '' });
    });
  });

  describe('in jest, without ES modules', () => {
    let project: string;

    beforeAll(() => {
      project = projectWith('@jest/globals', '@types/node', 'ts-jest', 'typescript');
      writeFileSync(join(project, 'package.json'), '{}');
    });

    afterAll(() => {
      rmSync(project, { recursive: true });
    });

    it.each([
      ['JavaScript', 'plain.test.js'],
      ['TypeScript with ts-jest', 'typed.test.ts'],
    ])('is loaded by a test in %s', (_, file) => {
      const config = {
        rootDir: project,
        cacheDirectory: join(project, 'cache'),
        testMatch: [`<rootDir>/${file}`],
        transform: { '\\.ts$': ['ts-jest', { tsconfig: COMPILER_OPTIONS }] },
      };
      const program = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url));
      const { stderr } = node(project, program, '--ci', '--watchman=false', '--config', JSON.stringify(config));
      expect(stderr).toContain('2 passed, 2 total');
    });
  });

  describeWith(['webpack'], 'in webpack, in production mode', () => {
    let project: string;

    beforeAll(() => {
      project = projectWith('webpack');
      const entries = ['main.mjs', 'main.cjs', 'clock.mjs'].map((file) => [file, `./${file}`]);
      const config = {
        mode: 'production',
        target: 'node20',
        entry: Object.fromEntries(entries) as Record<string, string>,
        output: { path: join(project, 'bundles'), filename: '[name].cjs' },
      };
      const program = `
        import webpack from 'webpack';
        webpack(${JSON.stringify(config)}, (error, stats) => {
          if (error !== null) throw error;
          if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
        });`;
      const { status, stderr } = node(project, '--input-type=module', '--eval', program);
      if (status !== 0) throw new Error(stderr);
    });

    afterAll(() => {
      rmSync(project, { recursive: true });
    });

    it.each(['main.mjs', 'main.cjs'])('runs a session in %s', (program) => {
      expect(node(project, `bundles/${program}.cjs`)).toEqual({ status: 0, stdout: 'done\n', stderr: '' });
    });

    it('loads what tsyringe needs when the clock alone is imported before it', () => {
      expect(node(project, 'bundles/clock.mjs.cjs')).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
    });
  });

  describeWith(['@nestjs/core', '@nestjs/common'], 'in Nest', () => {
    let project: string;

    beforeAll(() => {
      project = projectWith('@nestjs/core', '@nestjs/common', 'rxjs');
    });

    afterAll(() => {
      rmSync(project, { recursive: true });
    });

    it('is injected by its class in an application compiled to CommonJS', () => {
      expect(node(project, '--disable-warning=ExperimentalWarning', 'nest.cjs')).toEqual({
        status: 0,
        stdout: '1\n',
        stderr: '',
      });
    });
  });
});
