import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { manifest } from '../readme/manifest.js';
import { pageAt } from '../readme/pages.js';
import { builtPackage } from '../support/built-package.js';
import { describeWith } from '../support/needs.js';
import { createProject, link } from '../support/project.js';

jest.setTimeout(60_000);

/** What the programs of the page import, and what their drivers do. */
const FRAMEWORKS = [
  '@anthropic-ai/claude-agent-sdk',
  '@fastify/websocket',
  '@hono/node-server',
  '@langchain/core',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'awilix',
  'express',
  'fastify',
  'hono',
  'inversify',
];
const OTHERS = ['@ai-sdk/openai', '@modelcontextprotocol/sdk', 'ai', 'reflect-metadata', 'tsyringe', 'ws', 'zod'];

/** A program's file for its name on the page, such as `langchain-js.js` for "LangChain.js". */
function fileOf(name: string): string {
  const words = name.replace(/^.* › /, '').match(/\w+/g) ?? [];
  return `${words.join('-').toLowerCase()}.js`;
}

function toJavaScript(program: string): string {
  const compilerOptions = {
    module: ts.ModuleKind.ES2022,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
  };
  return ts.transpileModule(program, { compilerOptions }).outputText;
}

describeWith(FRAMEWORKS, 'the programs of docs/frameworks.md', () => {
  let project: string;

  beforeAll(() => {
    project = createProject([...FRAMEWORKS, ...OTHERS]);
    link(project, manifest.name, builtPackage());
    cpSync(fileURLToPath(new URL('drivers', import.meta.url)), project, { recursive: true });
    mkdirSync(join(project, 'pages'));
    for (const { name, code } of pageAt('docs/frameworks.md').blocks) {
      writeFileSync(join(project, 'pages', fileOf(name)), toJavaScript(code));
    }
  });

  afterAll(() => {
    rmSync(project, { recursive: true });
  });

  /** Runs a driver: what it reports, and the lines that the program writes. */
  function drive(driver: string): { facts: Record<string, unknown>; lines: readonly string[] } {
    const { output, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', driver], {
      cwd: project,
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    if (stderr !== '') throw new Error(stderr);
    return { facts: JSON.parse(output[3] ?? '') as Record<string, unknown>, lines: stdout.trimEnd().split('\n') };
  }

  describe.each([
    ['Fastify', 'fastify.mjs', 'ping', '42'],
    ['Express', 'express.mjs', ': keep-alive\n\n', 'data: 42\n\n'],
    ['Hono', 'hono.mjs', ': keep-alive\n\n', 'data: 42\n\n'],
    ['Nest', 'nest.mjs', ': keep-alive\n\n', 'data: 42\n\n'],
  ])('%s', (_, driver, keepalive, answer) => {
    let facts: Record<string, unknown>;

    beforeAll(() => {
      ({ facts } = drive(driver));
    });

    it('sends a keep-alive each interval until the client has its answer', () => {
      expect(facts).toMatchObject({ active: [{ api_call: 1 }], keepalives: [keepalive, keepalive], last: answer });
    });

    it('ends the activity of a client that disconnects', () => {
      expect(facts['disconnect']).toEqual({ before: [{ api_call: 1 }], after: [], pendingTimers: 0 });
    });
  });

  it('writes the events of a Fastify session to the log of its request', () => {
    const { lines } = drive('fastify.mjs');
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged).toContainEqual(
      expect.objectContaining({ msg: 'session_activity_at_shutdown', reqId: 'req-1', session_id: 'req-1' }),
    );
  });

  describe.each([
    ['Inversify', 'inversify.mjs'],
    ['awilix', 'awilix.mjs'],
  ])('%s', (_, driver) => {
    let facts: Record<string, unknown>;

    beforeAll(() => {
      ({ facts } = drive(driver));
    });

    it('gives each session one tracker of its own', () => {
      expect(facts).toMatchObject({ isOnePerSession: true, beforeEnd: [1, 1] });
    });

    it('disposes of the tracker of a session that ends, and of no other', () => {
      expect(facts).toMatchObject({ afterEnd: [1, 2], states: ['disposed', 'busy'] });
    });
  });

  it('dump', () => {
    for (const d of ['langchain-js', 'mcp-server', 'ai-sdk', 'ai-sdk-middleware']) {
      try { console.log(d, JSON.stringify(drive(d + '.mjs'), null, 1)); } catch (error) { console.log(d, error); }
    }
  });
});
