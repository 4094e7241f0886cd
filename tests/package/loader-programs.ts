import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The programs of `loaders.test.ts` by the name of the file, for a project that has the package installed. */

const SESSION = readFileSync(new URL('session.mjs', import.meta.url), 'utf8');

/** The same program in CommonJS. */
function commonJs(program: string): string {
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  return ts.transpileModule(program, { compilerOptions }).outputText;
}

const JEST = `
  const { createTestTracker } = require('session-activity-tracker/testing');
  const { runSession } = require('./session.cjs');

  test('a session on real timers', runSession);
  test('a session on a manual clock', () => {
    const { tracker, clock } = createTestTracker();
    const send = jest.fn();
    tracker.registerCallback(send);
    tracker.start('tool_exec');
    clock.advance(60_000);
    expect(send).toHaveBeenCalledTimes(2);
  });
`;

const TS_JEST = `
  import { expect, test } from '@jest/globals';
  import { createSessionContainer, registerSessionActivity, SessionActivityTracker } from 'session-activity-tracker';
  import { createTestTracker, type TestTracker } from 'session-activity-tracker/testing';
  import { container, injectable } from 'tsyringe';

  @injectable()
  class Host {
    constructor(readonly tracker: SessionActivityTracker) {}
  }

  test('a host from the container', () => {
    registerSessionActivity(container);
    const { tracker } = createSessionContainer(container).resolve(Host);
    expect(tracker.run('api_call', () => tracker.snapshot().refcount)).toBe(1);
  });
  test('a session of the testing kit', () => {
    const { tracker }: TestTracker<'upload'> = createTestTracker<'upload'>();
    expect(tracker).toBeInstanceOf(SessionActivityTracker);
  });
`;

const NEST = `
  import 'reflect-metadata';
  import { Injectable, Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import {
    InProcessCleanupRegistry,
    NullDiagnosticsLogger,
    SessionActivityTracker,
    StaticKeepaliveGate,
    SystemClock,
  } from 'session-activity-tracker';

  @Injectable()
  class Host {
    constructor(readonly tracker: SessionActivityTracker) {}
  }

  const createTracker = () =>
    new SessionActivityTracker(
      new SystemClock(),
      new NullDiagnosticsLogger(),
      new StaticKeepaliveGate(true),
      new InProcessCleanupRegistry(),
    );

  @Module({ providers: [Host, { provide: SessionActivityTracker, useFactory: createTracker }] })
  class Application {}

  NestFactory.createApplicationContext(Application, { logger: false }).then((application) => {
    const { tracker } = application.get(Host);
    console.log(tracker.run('api_call', () => tracker.snapshot().refcount));
  });
`;

const CLOCK_BEFORE_TSYRINGE = `
  import { SystemClock } from 'session-activity-tracker';
  import { container } from 'tsyringe';

  container.registerInstance('clock', new SystemClock());
  console.log(Number.isFinite(container.resolve('clock').now()));
`;

export const LOADER_PROGRAMS = {
  'session.mjs': SESSION,
  'session.cjs': commonJs(SESSION),
  'main.mjs': "import { runSession } from './session.mjs'; await runSession(); console.log('done');",
  'main.cjs': "require('./session.cjs').runSession().then(() => console.log('done'));",
  'clock.mjs': CLOCK_BEFORE_TSYRINGE,
  'plain.test.js': JEST,
  'typed.test.ts': TS_JEST,
  'nest.cjs': commonJs(NEST),
};
