/** The headers that say where a form was sent from. A page elsewhere can set neither. */
interface FetchFacts {
  /** `Sec-Fetch-Site`; empty when the browser sends none, as over plain HTTP to another machine. */
  readonly site: string;
  /** `Origin`; empty when there is none. */
  readonly origin: string;
  /** `Host`, as the client wrote it. */
  readonly host: string;
}

/**
 * Whether a form comes from a page of ours. The cookies are SameSite=Strict already; a site beside ours under one
 * domain is the same site, though, and another origin. What says neither is refused: no browser does.
 */
export function isSameOrigin({ site, origin, host }: FetchFacts): boolean {
  if (site !== '') return site === 'same-origin';
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

const ours = /^\/(account|book|home|my|overview|reports|users)(?=[/?]|$)[\x21-\x7e]*$/;

/**
 * Where to go on after signing in: `next` when it is a page of ours, else undefined. It is read as a browser reads it
 * before it is looked at: `//elsewhere` and `/\elsewhere` are other sites.
 */
export function localPath(next: string | undefined): string | undefined {
  const base = 'http://here.invalid';
  if (next === undefined || !URL.canParse(next, base)) return undefined;
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && ours.test(pathname + search) ? pathname + search : undefined;
}
