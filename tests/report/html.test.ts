import { describe, expect, it } from '@jest/globals';
import { escapeHtml, title } from '../../src/report/html.js';

describe('escapeHtml', () => {
  it('escapes what has a meaning in HTML', () => {
    expect(escapeHtml(`a & b < c > d "e" 'f'\u0000`)).toBe('a &amp; b &lt; c &gt; d &quot;e&quot; &#39;f&#39;\ufffd');
  });

  it('keeps a number and its unit together', () => {
    expect(escapeHtml('1 h 5 min, 40 s, 250 ms, 3 d')).toBe('1\u00a0h 5\u00a0min, 40\u00a0s, 250\u00a0ms, 3\u00a0d');
    expect(escapeHtml('of s, 5 sessions, 2 5')).toBe('of s, 5 sessions, 2 5');
  });
});

describe('title', () => {
  it('is an escaped element', () => {
    expect(title('a < b')).toBe('<title>a &lt; b</title>');
  });
});
