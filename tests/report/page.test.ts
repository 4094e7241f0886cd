import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { drawPage } from '../../src/report/draw.js';
import { describeWith } from '../support/needs.js';
import { LoggedSession } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

const PHONE = { width: 390, height: 800, isMobile: true, hasTouch: true };
const DESKTOP = { width: 1280, height: 900 };

describeWith(['chromium'], 'page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let directory: string;
  let faults: string[];

  beforeAll(async () => {
    browser = await launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    directory = mkdtempSync(join(tmpdir(), 'page-'));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    faults = [];
    page = await browser.newPage();
    await page.setViewport(DESKTOP);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => faults.push(message.text()));
    page.on('dialog', (dialog) => {
      faults.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) faults.push(request.url());
    });
  });
  afterEach(async () => {
    await page.close();
    if (faults.length > 0) throw new Error(`The page ran into: ${faults.join(', ')}`);
  });

  async function open(lines: readonly string[]): Promise<void> {
    const { explained, log } = await reportOf(lines);
    const file = join(directory, 'page.html');
    writeFileSync(file, drawPage(explained, log, 60_000));
    await page.goto(pathToFileURL(file).href);
  }

  async function openScenarios(...scenarios: string[]): Promise<void> {
    const lines: string[] = [];
    for (const scenario of scenarios) await SCENARIOS[scenario]?.(scenario, lines);
    await open(lines);
  }

  /** Evaluates in the page, whose types Node does not know. */
  async function inPage<T>(expression: string): Promise<T> {
    return (await page.evaluate(expression)) as T;
  }

  /** Evaluates for each element that the selector finds. */
  const each = <T>(selector: string, expression: string): Promise<T[]> =>
    inPage<T[]>(`[...document.querySelectorAll('${selector}')].map((element) => ${expression})`);

  /** The middle of the first element that the selector finds, and its size. */
  async function boxOf(selector: string): Promise<{ x: number; y: number; left: number; width: number }> {
    const box = await inPage<{ left: number; top: number; width: number; height: number }>(
      `(() => {
        const element = document.querySelector('${selector}');
        element.scrollIntoView({ block: 'nearest' });
        return element.getBoundingClientRect().toJSON();
      })()`,
    );
    return { x: box.left + box.width / 2, y: box.top + box.height / 2, left: box.left, width: box.width };
  }

  const tip = async (): Promise<string | null> =>
    (await each<string | null>('.tip', 'element.hidden ? null : element.textContent'))[0]?.replaceAll('\u00a0', ' ') ??
    null;
  const focusChart = (): Promise<void> => inPage("document.querySelector('.chart').focus()");
  const labels = (): Promise<string[]> => each('.ticks text', 'element.textContent');
  const background = (): Promise<string> => inPage('getComputedStyle(document.body).backgroundColor');

  it('draws a bar for each activity and a mark for each keep-alive', async () => {
    await openScenarios('gate closed');

    expect(await each('rect.work', '1')).toHaveLength(2);
    expect(await each('use[href^="#k-"]', "element.getAttribute('href')")).toEqual([
      ...Array<string>(3).fill('#k-sent'),
      ...Array<string>(5).fill('#k-gate'),
    ]);
    const [tool, call] = [await boxOf('rect.work'), await boxOf('rect.work:last-of-type')];
    expect(tool.width / call.width).toBeCloseTo(190 / 70, 1);
  });

  it('tells the numbers of what is pointed at', async () => {
    await openScenarios('gate closed');
    const { x, y } = await boxOf('rect.work');
    await page.mouse.move(x, y);

    expect(await tip()).toBe('tool_exec: 14:02:00 to 14:05:10 (3 min 10 s), still running at the end');
    const mark = await boxOf('use[href="#k-gate"]');
    await page.mouse.move(mark.x, mark.y);
    expect(await tip()).toBe('14:03:00: keep-alive not sent: gate closed');
    await page.mouse.move(mark.x, mark.y);
    expect(await tip()).toBe('14:03:00: keep-alive not sent: gate closed');
    await page.mouse.move(5, 5);
    expect(await tip()).toBeNull();
  });

  it('zooms to what is dragged over, and back with a double click', async () => {
    await openScenarios('gate closed');
    const before = await boxOf('rect.work');
    const silence = await boxOf('.plot .silence');
    await page.mouse.move(silence.left, silence.y);
    await page.mouse.down();
    await page.mouse.move(silence.left + silence.width / 2, silence.y);
    expect((await boxOf('.selection')).width).toBeCloseTo(silence.width / 2, -1);
    await page.mouse.up();

    expect(await page.$('.selection')).toBeNull();
    const chart = await boxOf('.chart');
    const zoomed = await boxOf('.plot .silence');
    expect(zoomed.width / chart.width).toBeCloseTo(2, 1);
    expect(await labels()).toEqual(['14:02:45', '14:03:00', '14:03:15', '14:03:30', '14:03:45']);

    await page.mouse.click(chart.x, chart.y, { count: 2 });
    expect((await boxOf('rect.work')).width).toBeCloseTo(before.width, 0);
  });

  it('does not zoom when it is only clicked', async () => {
    await openScenarios('gate closed');
    const { x, y, width } = await boxOf('rect.work');
    await page.mouse.click(x, y);

    expect((await boxOf('rect.work')).width).toBe(width);
  });

  it('zooms and moves by keys, and not beyond the ends', async () => {
    await openScenarios('gate closed');
    const at = async (): Promise<number[]> => {
      const [chart, bar] = [await boxOf('.chart'), await boxOf('rect.work')];
      return [Math.round(bar.left - chart.left), Math.round(bar.width)];
    };
    const unzoomed = await at();
    await focusChart();
    await page.keyboard.press('ArrowLeft');
    expect(await at()).toEqual(unzoomed);
    await page.keyboard.press('+');
    const [left = 0, width = 0] = await at();
    expect(width / (unzoomed[1] ?? 1)).toBeCloseTo(2, 1);
    await page.keyboard.press('ArrowRight');
    expect((await at())[0]).toBeLessThan(left);
    await page.keyboard.press('-');
    expect(await at()).toEqual(unzoomed);
    await page.keyboard.press('=');
    await page.keyboard.press('Tab');
    await focusChart();
    await page.keyboard.press('Escape');
    expect(await at()).toEqual(unzoomed);
  });

  it('zooms by buttons, each chart for itself', async () => {
    await openScenarios('gate closed', 'idle');
    const widths = (): Promise<number[]> => each('.plot .present', 'Math.round(element.getBoundingClientRect().width)');
    const [first = 0, second = 0] = await widths();
    await page.click('button[value="+"]');
    expect(await widths()).toEqual([expect.closeTo(2 * first, -1), second]);
    await page.click('button[value="0"]');
    expect(await widths()).toEqual([first, second]);
  });

  it('zooms in no further than a few milliseconds', async () => {
    await openScenarios('gate closed');
    await focusChart();
    for (let n = 0; n < 30; n++) await page.keyboard.press('+');

    expect((await labels()).every((label) => /^14:\d\d:\d\d\.\d{3}$/.test(label))).toBe(true);
    expect((await labels()).length).toBeGreaterThan(1);
  });

  it.each([
    ['phone', PHONE, 'light'],
    ['phone', PHONE, 'dark'],
    ['desktop', DESKTOP, 'light'],
    ['desktop', DESKTOP, 'dark'],
  ] as const)('fits a %s', async (name, viewport, scheme) => {
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await openScenarios(...Object.keys(SCENARIOS));
    const widths = await inPage<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    const photo = join(directory, `${name}-${scheme}.png`);
    await page.screenshot({ path: photo });

    expect(widths[0]).toBe(widths[1]);
    expect(await background()).toBe(scheme === 'dark' ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)');
    expect(statSync(photo).size).toBeGreaterThan(10_000);
  });

  it('tells the numbers by a tap', async () => {
    await page.setViewport(PHONE);
    await openScenarios('gate closed');
    const { x, y } = await boxOf('rect.work');
    await page.touchscreen.tap(x, y);

    expect(await tip()).toMatch(/^tool_exec: /);
  });

  it('shows everything without its script', async () => {
    await page.setJavaScriptEnabled(false);
    await openScenarios('gate closed');

    expect((await boxOf('rect.work')).width).toBeGreaterThan(100);
    expect((await each<string>('rect.work title', 'element.textContent'))[0]).toMatch(/^tool_exec: /);
    expect((await boxOf('.tools')).width).toBe(0);
  });

  it('prints on paper, in light colours', async () => {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await openScenarios('gate closed');
    await page.emulateMediaType('print');

    expect(await background()).toBe('rgb(255, 255, 255)');
    expect((await boxOf('.tools')).width).toBe(0);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(5_000);
  });

  it('runs nothing that a log has in it', async () => {
    const lines: string[] = [];
    const evil = `</text></svg></script><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>" onfocus="alert(4)`;
    const session = new LoggedSession(evil, lines);
    session.tracker.start(evil);
    session.tracker.stop(`javascript:alert(5)//${evil}`);
    await session.pass(100);
    session.tracker.dispose();
    await open(lines);
    await focusChart();
    const { x, y } = await boxOf('rect.work');
    await page.mouse.move(x, y);

    expect(await tip()).toContain('<script>alert(1)</script>');
    expect(await each('script', '1')).toHaveLength(1);
    expect(await page.$('img')).toBeNull();
  });

  it('would run nothing even if something slipped through', async () => {
    await openScenarios('idle');
    await inPage(`(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "pwned"';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="document.title = 1">');
    })()`);
    faults = faults.filter((fault) => !fault.includes('Content Security Policy'));

    expect(await page.title()).toBe('Session activity report');
  });
});
