import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CliContext, main } from '../../src/report/main.js';
import { BASE_MS } from './logged-session.js';
import { SCENARIOS } from './scenarios.js';

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Settings {
  readonly input?: string | Buffer;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: CliContext['env'];
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function run(
  args: readonly string[],
  { input, terminal = false, columns, env = {} }: Settings = {},
): Promise<Result> {
  const written = { stdout: '', stderr: '' };
  const stdin: CliContext['stdin'] = Object.assign(
    Readable.from(input === undefined ? [] : [Buffer.from(input as string)]),
    {
      isTTY: terminal && input === undefined,
    },
  );
  const output = (name: 'stdout' | 'stderr'): CliContext['stdout'] => ({
    write: (text) => (written[name] += text),
    isTTY: terminal,
    columns,
  });
  const status = await main(args, { stdin, stdout: output('stdout'), stderr: output('stderr'), env });
  return { status, ...written };
}

async function textOf(...scenarios: string[]): Promise<string> {
  const lines: string[] = [];
  for (const scenario of scenarios) await SCENARIOS[scenario]?.(scenario, lines);
  return lines.join('\n');
}

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('session-activity-report', () => {
  describe('input', () => {
    it('is a file', async () => {
      const { status, stdout, stderr } = await run([file('app.log', await textOf('gate closed'))]);

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('gate closed: shut down after 2 min 40 s of silence: gate closed');
    });

    it('is a file even where standard input is a terminal', async () => {
      expect(await run([file('app.log', await textOf('idle'))], { terminal: true })).toMatchObject({ status: 0 });
    });

    it('is several files, in any order and compressed', async () => {
      const lines = (await textOf('gate closed')).split('\n');
      const late = file('late.gz', gzipSync(lines.slice(10).join('\n')));
      const early = file('early.log', lines.slice(0, 10).join('\n'));

      expect((await run([late, early])).stdout).toContain('1 session, 21 events');
    });

    it.each([[[]], [['-']]])('is standard input with the arguments %j', async (args) => {
      expect((await run(args, { input: await textOf('idle') })).stdout).toContain('idle: ended with nothing running');
    });

    it('is asked for where standard input is a terminal', async () => {
      expect(await run([], { terminal: true })).toEqual({
        status: 2,
        stdout: '',
        stderr: 'session-activity-report: Name a log file, or pipe a log in\nTry session-activity-report --help\n',
      });
    });

    it('that does not exist is an error', async () => {
      const { status, stdout, stderr } = await run([join(directory, 'missing.log')]);

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^session-activity-report: ENOENT: no such file or directory, open '.*missing\.log'\n$/);
    });

    it('of which a later file is missing is an error', async () => {
      const log = file('app.log', `${await textOf('idle')}\n${'x\n'.repeat(500_000)}`);

      expect(await run([log, join(directory, 'missing.log')])).toMatchObject({ status: 2, stdout: '' });
    });

    it('that is a directory is an error', async () => {
      const { status, stderr } = await run([directory]);

      expect(status).toBe(2);
      expect(stderr).toContain('EISDIR');
    });

    it.each([
      ['empty', ''],
      ['no log', 'hello\nworld\n'],
    ])('that is %s gives a message and an exit status', async (_, content) => {
      const { status, stdout, stderr } = await run([file('x', content)]);

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^session-activity-report: No event of a session-activity-tracker in [02] lines\n$/);
    });

    it('that is compressed and cut short gives a warning beside the report', async () => {
      const lines = Array.from({ length: 500 }, () => 'x').join('\n');
      const whole = gzipSync(`${await textOf('idle')}\n${lines}`);
      const cut = whole.subarray(0, whole.length - 12);
      const warning = 'unexpected end of file; what came before is in the report';
      const { status, stderr } = await run([file('cut.gz', cut)]);

      expect(status).toBe(0);
      expect(stderr).toContain(`cut.gz: ${warning}\n`);
      expect((await run([], { input: cut })).stderr).toBe(`session-activity-report: standard input: ${warning}\n`);
    });
  });

  describe('options', () => {
    it.each([
      [['--colour'], "Unknown option '--colour'"],
      [['--limit'], "Option '--limit <value>' argument missing"],
      [['--limit', 'soon'], "Expected --limit to be a duration such as 60s, 500ms or 2m, got 'soon'"],
      [['--limit', '0s'], "Expected --limit to be a duration such as 60s, 500ms or 2m, got '0s'"],
      [['--limit', '1h30m'], "Expected --limit to be a duration such as 60s, 500ms or 2m, got '1h30m'"],
      [['--limit', '60s.'], "Expected --limit to be a duration such as 60s, 500ms or 2m, got '60s.'"],
      [['--limit', '60'], "Expected --limit to be a duration such as 60s, 500ms or 2m, got '60'"],
      [['--from', 'noon'], "Expected --from to be a time such as 2026-11-26T14:02:30Z, got 'noon'"],
      [['--to', ''], "Expected --to to be a time such as 2026-11-26T14:02:30Z, got ''"],
      [['--limit', '\u001b[2J'], "Expected --limit to be a duration such as 60s, 500ms or 2m, got '\ufffd[2J'"],
    ])('that are wrong are told what is expected: %j', async (args, message) => {
      const { status, stdout, stderr } = await run([...args], { input: '' });

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(`session-activity-report: ${message}`);
      expect(stderr).toMatch(/\nTry session-activity-report --help\n$/);
    });

    it.each(['--help', '-h'])('tell what there is with %s', async (option) => {
      const { status, stdout } = await run([option]);

      expect(status).toBe(0);
      expect(stdout).toContain('Usage: session-activity-report [options] [files...]');
    });

    it.each([
      ['500ms', '500 ms'],
      ['1.25m', '1 min 15 s'],
      ['2min', '2 min'],
      ['1h', '1 h'],
    ])('set how long a session may be silent: --limit %s', async (limit, text) => {
      const { stdout } = await run(['--limit', limit], { input: await textOf('gate closed') });

      expect(stdout).toMatch(
        limit === '1h' ? /That is within the limit of 1 h\./ : new RegExp(`Silences longer than ${text}: `),
      );
    });

    it('choose a session', async () => {
      const { stdout } = await run(['--session', 'idle'], { input: await textOf('gate closed', 'idle') });

      expect(stdout).toContain('1 session');
      expect(stdout).not.toContain('gate closed');
    });

    it('name the sessions there are where the chosen one is missing', async () => {
      expect(await run(['--session', 's-\u00071'], { input: await textOf('gate closed', 'idle') })).toEqual({
        status: 1,
        stdout: '',
        stderr:
          "session-activity-report: No event of the session 's-\ufffd1'. Other sessions in the log: gate closed, idle\n",
      });
    });

    it('choose a time, as ISO text or epoch milliseconds', async () => {
      const input = await textOf('gate closed');
      const args = ['--from', '2026-11-26T14:02:00Z', '--to', String(BASE_MS + 240_000)];

      expect((await run(args, { input })).stdout).toContain(
        '14:02:00 to 14:04:00 UTC.\n\ngate closed: still running after 1 min 30 s of silence: gate closed\n',
      );
    });

    it('choose a day', async () => {
      expect((await run(['--from', '2026-11-26'], { input: await textOf('idle') })).stdout).toContain('1 session');
    });

    it('tell that nothing is in the chosen time', async () => {
      const input = await textOf('idle');
      const later = ['--from', '2026-11-27T00:00:00Z'];

      expect(await run(later, { input })).toMatchObject({
        status: 1,
        stderr: 'session-activity-report: None of 11 events is in the chosen time\n',
      });
      expect(await run(['--to', '2026-11-26T00:00:00Z'], { input })).toMatchObject({
        stderr: 'session-activity-report: None of 11 events is in the chosen time\n',
      });
      expect(await run(['--session', 'x', '--to', '2026-11-26T00:00:00Z'], { input })).toMatchObject({
        stderr:
          "session-activity-report: No event of the session 'x' in the chosen time. Other sessions in the log: idle\n",
      });
      expect(await run(['--session', 'idle', ...later], { input })).toMatchObject({
        stderr:
          "session-activity-report: No event of the session 'idle' in the chosen time. Other sessions in the log: none\n",
      });
    });
  });

  describe('files', () => {
    it('are written where they are asked for, and named', async () => {
      const [html, trace] = [join(directory, 'page.html'), join(directory, 'trace.json')];
      const { status, stdout } = await run(['--html', html, '--trace', trace], { input: await textOf('idle') });

      expect(status).toBe(0);
      expect(stdout).toContain(`\nTimeline: ${html}\n`);
      expect(stdout).toContain(`\nTrace: ${trace} (open it in ui.perfetto.dev)\n`);
      expect(readFileSync(html, 'utf8')).toMatch(/^<!DOCTYPE html>/);
      expect(JSON.parse(readFileSync(trace, 'utf8'))).toHaveProperty('traceEvents');
    });

    it('are not written where nothing was found', async () => {
      const html = join(directory, 'page.html');
      await run(['--html', html], { input: '' });

      expect(existsSync(html)).toBe(false);
    });

    it.each(['--html', '--trace'])('never replace the log: %s', async (option) => {
      const log = file('app.log', await textOf('idle'));

      const { status, stderr } = await run([log, option, log]);

      expect(status).toBe(2);
      expect(stderr).toContain(`'${log}' is read and would be overwritten`);
      expect(readFileSync(log, 'utf8')).toBe(await textOf('idle'));
    });

    it.each(['--html', '--trace'])('that cannot be written are an error: %s', async (option) => {
      const { status, stderr } = await run([option, join(directory, 'no', 'x')], { input: await textOf('idle') });

      expect(status).toBe(2);
      expect(stderr).toContain('ENOENT: no such file or directory');
    });
  });

  describe('terminal', () => {
    it('gets colours, unless NO_COLOR is set', async () => {
      const input = await textOf('idle');

      expect((await run([], { input, terminal: true })).stdout).toContain('\u001b[');
      expect((await run([], { input, terminal: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b[');
      expect((await run([], { input })).stdout).not.toContain('\u001b[');
    });

    it('gets lines as short as it is wide', async () => {
      const { stdout } = await run([], { input: await textOf('idle'), columns: 40 });

      expect(stdout).toContain('\n   The last work ended at 14:01:10 and\n');
    });

    it('gets a line of progress, which goes away again', async () => {
      const input = `${'x\n'.repeat(60_000)}${await textOf('idle')}`;

      expect((await run([], { input, terminal: true })).stderr).toBe('\r50,000 lines read\r\u001b[K');
      expect((await run([], { input })).stderr).toBe('');
    });
  });

  it('does not hide a fault of its own', async () => {
    const broken = Object.assign(new Readable({ read: () => broken.destroy(new Error('a fault')) }), { isTTY: false });
    const sink = { write: () => true };

    await expect(main(['-'], { stdin: broken, stdout: sink, stderr: sink, env: {} })).rejects.toThrow('a fault');
  });
});
