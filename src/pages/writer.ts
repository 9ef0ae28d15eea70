/** What is written into a page; of what is missing nothing is. */
export type Filling = { meta?: Meta; preloads?: string; data?: string };

/** What a page says of itself. */
export type Meta = {
  title: string;
  /** `name` → `content` */
  named: Readonly<Record<string, string>>;
  /** `property` → `content`, of Open Graph */
  properties?: Readonly<Record<string, string>>;
  /** The one address of what is shown. */
  canonical?: string | undefined;
};

/** Where the build's page has room. */
const PRELOADS = '<!-- preloads -->';
const DATA = '</body>';
const TITLE = /<title>[^<]*<\/title>/;
const DESCRIPTION = /<meta name="description"[^>]*>/;

/**
 * @param html the page as it was built
 * @returns a function that writes into it; undefined where there is no room for anything
 */
export function createWriter(html: string): ((filling: Filling) => string) | undefined {
  if (!html.includes(PRELOADS) || !html.includes(DATA)) return undefined;

  // Functions, because a text in their place may have `$&` in it, and somebody's has.
  return ({ meta, preloads = '', data }) => {
    const page = meta
      ? html.replace(TITLE, () => `<title>${quoted(meta.title)}</title>`).replace(DESCRIPTION, '')
      : html;
    return page
      .replace(PRELOADS, () => (meta ? head(meta) : '') + preloads)
      .replace(DATA, () => (data === undefined ? DATA : `${island(data)}${DATA}`));
  };
}

const head = ({ named, properties = {}, canonical }: Meta): string =>
  [
    ...Object.entries(named).map(([name, content]) => element('meta', { name, content })),
    ...Object.entries(properties).map(([property, content]) => element('meta', { property, content })),
    ...(canonical === undefined ? [] : [element('link', { rel: 'canonical', href: canonical })]),
  ].join('');

/** @param attributes whose values are anybody's */
export function element(name: 'meta' | 'link', attributes: Readonly<Record<string, string>>): string {
  const all = Object.entries(attributes).map(([attribute, value]) => `${attribute}="${quoted(value)}"`);
  return `<${name} ${all.join(' ')} />`;
}

const quoted = (text: string): string => text.replace(/[&"'<>]/g, (it) => `&#${it.charCodeAt(0)};`);

/** JSON in which nothing is HTML, and nothing ends a line of a script. */
const island = (json: string): string =>
  `<script type="application/json" id="first-page">${json.replace(
    /[<\u2028\u2029]/g,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}</script>`;
