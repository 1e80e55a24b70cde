declare const markupTag: unique symbol;

/** Markup that is safe to send as it is. Only `html` makes it: what comes from a person or a store is text. */
export interface Html {
  readonly [markupTag]: true;
}

/** What may stand in a template: text is escaped, lists are joined, null, undefined and false leave nothing. */
export type Content = Html | string | number | bigint | null | undefined | false | readonly Content[];

/** The text of each piece of markup. A key that nobody outside has, so that no object from a request passes for one. */
const texts = new WeakMap<Html, string>();

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign]!);

function write(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (Array.isArray(content)) return (content as readonly Content[]).map(write).join('');
  if (typeof content === 'object') {
    const markup = texts.get(content as Html);
    if (markup === undefined) throw new TypeError('an object is no content of a page');
    return markup;
  }
  return escaped(String(content));
}

/**
 * A template of a page: `` html`<p>${text}</p>` ``. Every value is escaped unless it is `html` itself, which makes it
 * safe in the text of an element and in an attribute that stands in double quotes, and nowhere else.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  const parts = strings.map((part, index) => part + write(values[index]));
  const markup = Object.freeze({}) as Html;
  texts.set(markup, parts.join(''));
  return markup;
}

/**
 * Text whose addresses below `site` are links. Others stay text: what people wrote may hold any, and we vouch for ours only.
 */
export function withLinks(text: string, site: string): Content[] {
  return text
    .split(/(https?:\/\/[^\s,]+)/)
    .map((part) => (part.startsWith(`${site}/`) ? html`<a href="${part}">${part}</a>` : part));
}

export const toText = (content: Content): string => write(content);

/** An address of ours: each value becomes one segment or one value of a query, whatever is in it. */
export const path = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  strings.map((part, index) => part + encodeURIComponent(values[index] ?? '')).join('');
