import { printable } from './format.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A text that no browser takes for anything but text, in an element or a quoted attribute. A number stays with its unit.
 */
export function escapeHtml(text: string): string {
  return printable(text)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/(?<=\d) (?=(?:ms|s|min|h|d)\b)/g, '\u00a0');
}

/** What a browser shows of a shape that is pointed at. */
export function title(text: string): string {
  return `<title>${escapeHtml(text)}</title>`;
}
