import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { manifest } from '../readme/manifest.js';
import { builtPackage } from '../support/built-package.js';
import { describeWith } from '../support/needs.js';
import { createProject, link } from '../support/project.js';

jest.setTimeout(60_000);

const START = 1_700_000_000;

/** The answers of the SDK's app and of the ping itself, with their times in seconds since the start. */
function answers(status: string, seconds: number): unknown {
  return {
    sdk: { status, time_of_last_update: START },
    own: { status, time_of_last_update: START + seconds },
  };
}

describe('agentCorePing', () => {
  describeWith(['bedrock-agentcore'], "as the pingHandler of the AgentCore SDK's app", () => {
    let project: string;

    beforeAll(() => {
      project = createProject(['bedrock-agentcore', 'reflect-metadata', 'tsyringe']);
      link(project, manifest.name, builtPackage());
    });

    afterAll(() => {
      rmSync(project, { recursive: true });
    });

    it('sets the status, while the SDK reports the start of its app as the time', () => {
      const program = readFileSync(new URL('agent-core-app.mjs', import.meta.url), 'utf8');
      const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: project,
        env: { PATH: process.env['PATH'] },
        encoding: 'utf8',
        timeout: 50_000,
      });
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toEqual([
        answers('Healthy', 0),
        'started',
        answers('HealthyBusy', 10),
        answers('HealthyBusy', 10),
        answers('Healthy', 30),
        'started',
        // All that runs is overdue.
        answers('Healthy', 30),
      ]);
    });
  });
});
