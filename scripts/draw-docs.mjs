// Draws docs/why-was-my-session-killed.png from the log on that page. Needs a build and Chromium.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launch } from 'puppeteer-core';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGE = join(ROOT, 'docs/why-was-my-session-killed.md');

const [, log = ''] = /```json\n(.*?)```/s.exec(readFileSync(PAGE, 'utf8')) ?? [];
const directory = mkdtempSync(join(tmpdir(), 'docs-'));
const html = join(directory, 'report.html');
const { status } = spawnSync(process.execPath, [join(ROOT, 'dist/report/cli.js'), '--html', html], {
  input: log,
  stdio: ['pipe', 'ignore', 'inherit'],
});
if (status !== 0) process.exit(1);

const browser = await launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
await page.setViewport({ width: 1000, height: 700, deviceScaleFactor: 1.25 });
await page.goto(pathToFileURL(html).href);
await page.screenshot({ path: PAGE.replace(/md$/, 'png'), fullPage: true });
await browser.close();
rmSync(directory, { recursive: true });
