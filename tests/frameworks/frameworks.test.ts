import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { manifest } from '../readme/manifest.js';
import { type Block, pageAt } from '../readme/pages.js';
import { builtPackage } from '../support/built-package.js';
import { describeWith } from '../support/needs.js';
import { createProject, link } from '../support/project.js';

jest.setTimeout(60_000);

/**
 * What the programs of the page import, and what their drivers do. A driver (drivers/*.mjs) imports the program, uses
 * it as a client would, on loopback and with a manual clock, and reports what it saw.
 */
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
  'hono',
  'inversify',
];
const OTHERS = [
  '@ai-sdk/openai',
  '@modelcontextprotocol/sdk',
  'ai',
  'fastify',
  'reflect-metadata',
  'tsyringe',
  'ws',
  'zod',
];

/** The file of a program, such as `ai-sdk.js` for the one under "AI SDK". */
function fileOf({ name }: Block): string {
  const [, heading = ''] = / › (.*) \(line/.exec(name) ?? [];
  return `${heading.toLowerCase().replaceAll(/\W/g, '-')}.js`;
}

function toJavaScript(program: string): string {
  const compilerOptions = {
    module: ts.ModuleKind.ES2022,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
  };
  return ts.transpileModule(program, { compilerOptions }).outputText;
}

/** What a driver reports of its program, and the lines that the program writes. */
interface Driven {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

describeWith(FRAMEWORKS, 'the programs of docs/frameworks.md', () => {
  let project: string;

  beforeAll(() => {
    project = createProject([...FRAMEWORKS, ...OTHERS]);
    link(project, manifest.name, builtPackage());
    cpSync(fileURLToPath(new URL('drivers', import.meta.url)), project, { recursive: true });
    mkdirSync(join(project, 'pages'));
    for (const block of pageAt('docs/frameworks.md').blocks) {
      writeFileSync(join(project, 'pages', fileOf(block)), toJavaScript(block.code));
    }
  });

  afterAll(() => {
    rmSync(project, { recursive: true });
  });

  const driven = new Map<string, Driven>();

  /** Runs a driver, once for all tests of it. */
  function drive(driver: string): Driven {
    const earlier = driven.get(driver);
    if (earlier) return earlier;
    const args = ['--disable-warning=ExperimentalWarning', `${driver}.mjs`];
    const { output, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: project,
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    if (stderr !== '' || !output[3]) throw new Error(`${driver} reports nothing:\n${stderr}`);
    const result = { facts: JSON.parse(output[3]) as Driven['facts'], lines: stdout.trimEnd().split('\n') };
    driven.set(driver, result);
    return result;
  }

  describe.each([
    ['Fastify', 'fastify', 'ping', '42'],
    ['Express', 'express', ': keep-alive\n\n', 'data: 42\n\n'],
    ['Hono', 'hono', ': keep-alive\n\n', 'data: 42\n\n'],
    ['Nest', 'nest', ': keep-alive\n\n', 'data: 42\n\n'],
  ])('%s', (_, driver, keepalive, answer) => {
    const facts = (): Driven['facts'] => drive(driver).facts;

    it('sends a keep-alive each interval until the client has its answer', () => {
      expect(facts()).toMatchObject({ active: [{ api_call: 1 }], keepalives: [keepalive, keepalive], last: answer });
    });

    it('ends the activity of a client that disconnects', () => {
      expect(facts()['disconnect']).toEqual({ before: [{ api_call: 1 }], after: [], pendingTimers: 0 });
    });
  });

  describe('Fastify', () => {
    it("writes the events of a session to its request's log", () => {
      const logged = drive('fastify').lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(logged).toContainEqual(
        expect.objectContaining({ msg: 'session_activity_at_shutdown', reqId: 'req-1', session_id: 'req-1' }),
      );
    });
  });

  describe.each([
    ['Inversify', 'inversify'],
    ['awilix', 'awilix'],
  ])('%s', (_, driver) => {
    const facts = (): Driven['facts'] => drive(driver).facts;

    it('gives each session one tracker of its own', () => {
      expect(facts()).toMatchObject({ isOnePerSession: true, beforeEnd: [1, 1] });
    });

    it('disposes of the tracker of a session that ends, and of no other', () => {
      expect(facts()).toMatchObject({ afterEnd: [1, 2], states: ['disposed', 'busy'] });
    });
  });

  describe('the AI SDK', () => {
    const facts = (): Driven['facts'] => drive('ai-sdk').facts;

    it('sends a keep-alive in the UI stream while a tool runs and while the model is silent', () => {
      expect(facts()).toMatchObject({
        duringTool: [{ tool_exec: 1 }],
        duringAnswer: [{ api_call: 1 }],
        keepalives: 2,
        afterAnswer: [],
      });
    });

    it('ends the activity of a client that disconnects', () => {
      expect(facts()['disconnect']).toEqual({ before: [{ tool_exec: 1 }], after: [], pendingTimers: 0 });
    });

    it('counts the calls of a model with the middleware', () => {
      expect(drive('ai-sdk-middleware').facts).toEqual({
        text: '42',
        duringGenerate: { api_call: 1 },
        afterGenerate: {},
        duringHeaders: { api_call: 1 },
        duringStream: { api_call: 1 },
        afterStream: {},
      });
    });
  });

  describe('LangChain.js', () => {
    const facts = (): Driven['facts'] => drive('langchain-js').facts;

    it('counts the calls of a model until they end or fail', () => {
      expect(facts()).toMatchObject({
        duringInvoke: { api_call: 1 },
        afterInvoke: {},
        duringFailure: { api_call: 1 },
        afterFailure: {},
        duringStream: { api_call: 1 },
        afterStream: {},
      });
    });

    it('counts the runs of a tool until they end or fail', () => {
      expect(facts()).toMatchObject({
        duringTool: { tool_exec: 1 },
        afterTool: {},
        duringToolError: { tool_exec: 1 },
        afterToolError: {},
      });
    });

    it('stops the keep-alives of a stream that was left early after maxSilenceMs', () => {
      expect(facts()).toMatchObject({ leftEarly: { api_call: 1 }, keepalivesForTheLeft: 2 });
    });
  });

  describe('the Claude Agent SDK', () => {
    it('counts turns and tools, and stops denied and interrupted tools with their turn', () => {
      expect(drive('claude-agent-sdk').facts).toEqual({
        events: [
          'started api_call, now 1',
          'started tool_exec, now 2',
          'stopped tool_exec, now 1',
          'started tool_exec, now 2',
          'stopped tool_exec, now 1',
          'started tool_exec, now 2',
          'stopped api_call, now 1',
          'stopped tool_exec, now 0',
          'started api_call, now 1',
          'started tool_exec, now 2',
          'stopped api_call, now 1',
          'stopped tool_exec, now 0',
        ],
        active: {},
      });
    });
  });

  describe('an MCP server', () => {
    const facts = (): Driven['facts'] => drive('mcp-server').facts;

    it('notifies the client of progress each interval until the call is answered', () => {
      expect(facts()).toMatchObject({
        progress: [{ progress: 1 }, { progress: 2 }],
        content: [{ type: 'text', text: 'Indexed src' }],
      });
    });

    it('leaves no timer once a call is answered or cancelled', () => {
      expect(facts()['pendingTimers']).toEqual({ afterAnswer: 0, whileBusy: 1, afterCancel: 0 });
    });
  });
});
