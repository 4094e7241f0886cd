import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { STEPS, ticksOf } from '../../src/report/axis.js';
import { drawPage } from '../../src/report/draw.js';
import { ManualClock } from '../../src/testing/index.js';
import { BASE_MS, LoggedSession } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

async function pageOf(lines: readonly string[]): Promise<string> {
  const { explained, log } = await reportOf(lines);
  return drawPage(explained, log, 60_000);
}

async function linesOf(...scenarios: string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const scenario of scenarios) await SCENARIOS[scenario]?.(scenario, lines);
  return lines;
}

const countOf = (page: string, part: string): number => page.split(part).length - 1;
const titlesOf = (page: string): string[] =>
  [...page.matchAll(/<title>(.*?)<\/title>/g)].slice(1).map(([, text = '']) => text.replaceAll('\u00a0', ' '));

describe('drawPage', () => {
  describe('chart', () => {
    it('tells the numbers of every shape', async () => {
      expect(titlesOf(await pageOf(await linesOf('gate closed, then no sender')))).toEqual([
        'silent 2 min 40 s: 14:02:30 to 14:05:10, gate closed',
        '14:00:30: keep-alive sent, took 0 ms',
        '14:01:00: keep-alive sent, took 0 ms',
        '14:02:30: keep-alive sent, took 0 ms',
        '14:03:00: keep-alive not sent: gate closed',
        '14:03:30: keep-alive not sent: gate closed',
        '14:04:00: keep-alive not sent: gate closed',
        'no sender while work ran, 14:04:05 to 14:05:10 (1 min 5 s)',
        'sender registered 14:00:00 to 14:04:05',
        'tool_exec: 14:02:00 to 14:05:10 (3 min 10 s), still running at the end',
        'api_call: 14:00:00 to 14:01:10 (1 min 10 s)',
      ]);
    });

    it('shows late beats as missing time, and signals as such', async () => {
      const lines = await linesOf('blocked loop');
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => {
        throw Object.assign(new Error(), { code: 'EPIPE' });
      });
      session.tracker.sendSignal();
      const titles = titlesOf(await pageOf(lines));

      expect(titles).toContain('Missing time: the heartbeat due at 14:03:00 came 1 min 55 s late');
      expect(titles).toContain('14:00:00.0: keep-alive failed (EPIPE), by sendSignal()');
    });

    it('marks when work became overdue', async () => {
      const page = await pageOf(await linesOf('overdue'));

      expect(titlesOf(page)).toContain('14:03:30: tool_exec is overdue, held for 1 min 30 s');
      expect(page).toContain('work became overdue');
    });

    it('stacks activities that overlap', async () => {
      const lines: string[] = [];
      const { tracker, clock } = new LoggedSession('s', lines);
      const first = tracker.start('r');
      clock.advance(1_000);
      tracker.start('r');
      clock.advance(1_000);
      first.stop();
      clock.advance(1_000);
      tracker.start('r');
      for (let n = 0; n < 20; n++) tracker.start('r');
      clock.advance(1_000);
      tracker.dispose();
      const page = await pageOf(lines);
      const tops = [...page.matchAll(/<rect class="work"[^>]* y="([\d.]+)"/g)].map(([, y]) => Number(y));
      const [one = 0, two = 0, three = 0, ...rest] = tops;

      expect(two).toBeGreaterThan(one);
      expect(three).toBe(one);
      expect(new Set(tops).size).toBe(6);
      expect(rest.filter((y) => y === Math.max(...tops)).length).toBeGreaterThan(10);
    });

    it('shows where trackers begin and end', async () => {
      const page = await pageOf(await linesOf('reconnected', 'killed'));
      const labels = [...page.matchAll(/class="border-label"[^>]*>([^<]*)</g)].map(([, text]) => text);

      expect(labels).toEqual(['shut down 14:02:20', 'tracker 2 14:02:25', 'shut down 14:04:30', 'log ends 14:03:30']);
    });

    it('shows no end where the time was cut', async () => {
      const { explained, log } = await reportOf(await linesOf('killed'), { toMs: BASE_MS + 100_000 });

      expect(drawPage(explained, log, 60_000)).not.toContain('border-label"');
    });

    it('has no lane for the sender where the log does not tell', async () => {
      expect(countOf(await pageOf(await linesOf('no trace')), '>sender</text>')).toBe(0);
      expect(countOf(await pageOf(await linesOf('gate closed')), '>sender</text>')).toBe(1);
    });

    it('has a close-up where what matters is a small part of the session', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => undefined);
      session.tracker.start('tool_exec');
      await session.pass(100);
      session.tracker.unregisterCallback();
      await session.pass(5);
      session.tracker.registerCallback(() => undefined);
      await session.pass(3_495);
      session.tracker.unregisterCallback();
      await session.pass(100);
      session.tracker.dispose();

      const page = await pageOf(lines);
      const titles = titlesOf(page);
      expect(countOf(page, '<figure>')).toBe(2);
      expect(/Close-up, [^<]*/.exec(page)?.[0]).toBe('Close-up, 14:59:13 to 15:01:42');
      expect(titles.filter((text) => text.startsWith('tool_exec: '))).toHaveLength(2);
      expect(titles.filter((text) => text.startsWith('14:00:30: '))).toHaveLength(1);
    });

    it('has a close-up of the end of a session that was cut short', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => undefined);
      session.tracker.start('tool_exec');
      await session.pass(3_600);

      expect(countOf(await pageOf(lines), '<figure>')).toBe(2);
    });

    it('draws a log of a single moment', async () => {
      const lines: string[] = [];
      new LoggedSession('s', lines).tracker.start('r');

      expect(titlesOf(await pageOf(lines))).toContain('r: 14:00:00.0 to 14:00:00.0 (0 ms), still running at the end');
    });

    it('labels a silence only where there is room, but the longest always', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => undefined);
      session.tracker.start('r');
      for (const closedFor of [70, 100, 70, 70, 70, 70, 70, 70]) {
        await session.pass(30);
        session.gate.close();
        await session.pass(closedFor);
        session.gate.open();
        await session.pass(20);
      }
      const whole = (await pageOf(lines)).split('<figure>').at(-1) ?? '';

      expect(countOf(whole, '<rect class="silence"')).toBe(8);
      expect(countOf(whole, '<text class="silence-label"')).toBe(1);
    });
  });

  describe('busy logs', () => {
    it('draws a bounded number of shapes, which stand for all', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines, { intervalMs: 1_000 });
      let due = 0;
      session.tracker.registerCallback(() => {
        if (++due % 2 === 0) throw new Error();
      });
      session.tracker.start('long');
      for (let n = 0; n < 20_000; n++) {
        const reasons = [`reason-${n % 30}`, 'often'];
        const running = reasons.map((reason) => session.tracker.start(reason));
        session.clock.advance(400);
        for (const activity of running) activity.stop();
      }
      const page = await pageOf(lines);
      const often = titlesOf(page).flatMap((text) => /^(\d+) times often: /.exec(text)?.[1] ?? []);

      expect(page.length).toBeLessThan(1_500_000);
      expect(often.reduce((sum, n) => sum + Number(n), 0)).toBe(20_000);
      expect(page).toMatch(/: keep-alive failed and \d+ more near it</);
      expect(page).toContain('>other reasons</text>');
      expect(page).toContain('<td>12 more</td>');
    });

    it('draws the longest of very many long activities', async () => {
      const lines: string[] = [];
      const { tracker, clock } = new LoggedSession('s', lines);
      const activities = Array.from({ length: 3_000 }, () => tracker.start('r'));
      for (const activity of activities) {
        clock.advance(10);
        activity.stop();
      }
      const page = await pageOf(lines);

      expect(countOf(page, '<rect class="work')).toBeLessThan(1_600);
      expect(titlesOf(page)).toContain('r: 14:00:00.0 to 14:00:30.0 (30 s)');
    });

    it('draws the fifty worst of many sessions', async () => {
      const lines: string[] = [];
      const clock = new ManualClock();
      for (let n = 0; n < 80; n++) new LoggedSession(`s-${n}`, lines, {}, { clock }).tracker.start('r');
      const page = await pageOf(lines);

      expect(countOf(page, '<section ')).toBe(50);
      expect(page).toContain('30 more sessions, none worse than these, left out: choose one with --session.');
    });
  });

  describe('safety', () => {
    const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&{{}}\u202e\u0000`;

    it('escapes every text of the log', async () => {
      const lines: string[] = [];
      const session = new LoggedSession(EVIL, lines, { maxActivityMs: 40_000 });
      session.tracker.registerCallback(() => undefined);
      session.tracker.start(EVIL);
      session.tracker.stop(`${EVIL}2`);
      await session.pass(200);
      session.tracker.dispose();
      const page = await pageOf(lines);

      expect(countOf(page, '<script>')).toBe(1);
      expect(page).not.toContain('<img');
      expect(['\u0000', '\u202e'].filter((character) => page.includes(character))).toEqual([]);
      expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.match(/aria-label="[^"]*"/g)?.every((text) => !text.includes('<'))).toBe(true);
    });

    it('allows no script and no style but its own', async () => {
      const page = await pageOf(await linesOf('gate closed'));
      const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
      const hashOf = (tag: string): string => {
        const [, text = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page) ?? [];
        return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
      };

      expect(policy).toBe(
        `default-src 'none'; style-src ${hashOf('style')}; script-src ${hashOf('script')}; base-uri 'none'; form-action 'none'`,
      );
      const [body = ''] = page.split('<script>');
      expect(/\sstyle=|\son\w+=|https?:|javascript:/.exec(body)).toBeNull();
    });
  });

  it('lists the sessions where there are several, the worst first', async () => {
    const page = (await pageOf(await linesOf('idle', 'killed', 'gate closed'))).replaceAll('\u00a0', ' ');

    expect(
      [...page.matchAll(/<li><a href="#(s\d)" class="id">([^<]*)<\/a> <span class="(\w+)">/g)].map((m) => m.slice(1)),
    ).toEqual([
      ['s0', 'gate closed', 'bad'],
      ['s1', 'killed', 'bad'],
      ['s2', 'idle', 'good'],
    ]);
    expect(await pageOf(await linesOf('idle'))).not.toContain('<nav>');
  });

  it('lists the trackers of a session that has several, and what is not known', async () => {
    const page = (await pageOf(await linesOf('reconnected', 'no trace'))).replaceAll('\u00a0', ' ');

    expect(page).toContain('<li>14:02:25 to 14:04:30: ended with nothing running</li>');
    expect(page).toContain('<p class="faint">Without <code>trace: true</code> the log does not say');
  });

  it('draws a session without an id', async () => {
    const page = await pageOf((await linesOf('idle')).map((line) => line.replace('"session_id":"idle",', '')));

    expect(page).toContain('>(no session id)</span>');
    expect(page).toContain('aria-label="Timeline of (no session id)"');
  });
});

describe('axis', () => {
  it.each([
    [100, ['14:00:00.050']],
    [60_000, ['14:00:10', '14:00:20', '14:00:30', '14:00:40', '14:00:50']],
    [300_000, ['14:01', '14:02', '14:03', '14:04']],
    [86_400_000, ['18:00', '00:00', '06:00', '12:00']],
    [5 * 86_400_000, ['11-27', '11-28', '11-29', '11-30', '12-01']],
  ])('has a few round ticks across %d ms', (ms, labels) => {
    const ticks = ticksOf({ startMs: BASE_MS, endMs: BASE_MS + ms });

    expect(ticks.map(({ label }) => label).filter((label) => label !== '')).toEqual(labels);
  });

  it('has ticks across centuries', () => {
    expect(ticksOf({ startMs: 0, endMs: 2e14 }).length).toBeLessThan(4);
    expect([...STEPS]).toEqual([...STEPS].sort((a, b) => a - b));
  });
});
