import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { SCENARIOS } from './scenarios.js';

function program(): string {
  const manifest = JSON.parse(readFileSync(join(builtPackage(), 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  return join(builtPackage(), manifest.bin['session-activity-report'] ?? '');
}

async function textOf(scenario: string): Promise<string> {
  const lines: string[] = [];
  await SCENARIOS[scenario]?.('s-1', lines);
  return lines.join('\n');
}

describe('session-activity-report as a program', () => {
  it('reads standard input and reports', async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program()], {
      input: await textOf('gate closed'),
      encoding: 'utf8',
    });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('s-1: shut down after 2 min 40 s of silence: gate closed');
  });

  it('exits with a status that scripts can test', () => {
    const { status, stderr } = spawnSync(process.execPath, [program(), '--nope'], { encoding: 'utf8' });

    expect(status).toBe(2);
    expect(stderr).toContain("session-activity-report: Unknown option '--nope'");
  });

  it('begins with a line that a shell can start it by', () => {
    expect(readFileSync(program(), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [program()], { stdio: 'pipe' });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout.destroy();
    child.stdin.end(await textOf('gate closed'));
    const [code] = (await once(child, 'close')) as [number | null];

    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});
