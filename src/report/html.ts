import { printable } from './format.js';

/**
 * Escapes text for an element or a quoted attribute. The space between a number and its unit becomes non-breaking.
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

/** The text that a browser shows when the pointer is over a shape. */
export function title(text: string): string {
  return `<title>${escapeHtml(text)}</title>`;
}
