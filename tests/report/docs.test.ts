import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { textReport } from '../../src/report/text.js';
import { reportOf } from './report-of.js';

const PAGE = new URL('../../docs/why-was-my-session-killed.md', import.meta.url);

function block(language: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(readFileSync(PAGE, 'utf8')) ?? [];
  return text;
}

describe('docs/why-was-my-session-killed.md', () => {
  it('shows what the report makes of the log it shows', async () => {
    const { explained, log } = await reportOf(block('json').trimEnd().split('\n'));

    expect(block('text')).toBe(textReport(explained, log, { limitMs: 60_000, columns: 100, colors: false }));
  });

  it('shows a picture that is small enough to load', () => {
    expect(statSync(new URL('why-was-my-session-killed.png', PAGE)).size).toBeLessThan(200_000);
  });
});
