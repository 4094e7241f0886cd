// A plugin of TypeDoc: a page is listed under its heading, not under the name of its file.
import { Converter } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const [first] = page.content;
    const heading = /^\s*# (.+)\n/.exec(first?.text ?? '');
    if (heading === null) throw new Error(`${page.name}.md does not begin with its heading`);
    page.name = heading[1];
    first.text = first.text.slice(heading[0].length);
  });
}
