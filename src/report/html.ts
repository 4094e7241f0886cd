import { printable } from './format.js';

/**
 * A text that no browser takes for anything but text, in an element or a quoted attribute. A number stays with its unit.
 */
export function escapeHtml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/(?<=\d) (?=(?:ms|s|min|h|d)\b)/g, '\u00a0');
}

/** What a browser shows of a shape that is pointed at. */
export function title(text: string): string {
  return `<title>${escapeHtml(text)}</title>`;
}
