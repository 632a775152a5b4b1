/**
 * URL patterns: globs on host and path, and regular expressions on the whole URL.
 *
 * A part of a glob is a nondeterministic finite automaton (NFA) whose states are the places in the glob. It reads a URL
 * letter by letter and is in all states at once that the letters so far can lead to. So matching takes at most as many
 * steps as the product of both lengths. A matcher that tries one way after the other, as most regular expressions do,
 * takes exponential time for some globs, and users take URLs from elsewhere.
 */
import { optionError, showValue } from './faults.js';
import { canParseUrls, normaliseEncoding, parseUrl } from '../support/urls.js';

/** Tells whether a URL matches. */
export interface UrlMatcher {
  (url: string): boolean;
  readonly text: string;
  /** The parts of a glob. A RegExp has none. */
  readonly parts: GlobParts | undefined;
}

/**
 * Reads a glob such as `api.example.com/static/**`, or a RegExp. User-info in a URL is left out before it is matched.
 *
 * A glob is `[scheme://]host[:port][/path][?query]`, or `/path[?query]` for any host, and for URLs without one:
 * - Without a scheme any scheme matches, and without a port any port. A port matches where the URL has it, or where it
 *   is the default of the URL's scheme.
 * - The host ignores case. `*` stays within a label, a leading `*.` stands for one label or more, and `*` or `**` alone
 *   for any host.
 * - Without a path the host and everything below it matches, and a path stands for itself and everything below it. In a
 *   path `*` stays within a segment, `**` crosses segments, and a whole segment of `**` may stand for no segment.
 * - Without a query any query matches. With one, the path is that path alone. In a query `*` stays within a parameter,
 *   and `**` crosses parameters.
 * - Nothing else is special. A letter and its percent-encoded form are the same.
 *
 * A RegExp is tested on the whole URL. A copy of it is used, so that its `lastIndex` is neither read nor written.
 * @throws CacheError `ERR_CACHE_OPTION`, which names `option`, for what is no pattern.
 */
export function compileUrlPattern(pattern: unknown, option: string): UrlMatcher {
  const text = String(pattern);
  if (pattern instanceof RegExp) return Object.assign(regExpMatcher(pattern), { text, parts: undefined });
  if (typeof pattern !== 'string') {
    throw optionError(option, `${option}: a URL pattern is a glob or a RegExp; got ${showValue(pattern)}.`);
  }
  // Where the platform cannot take URLs apart requests pass the cache by, and ask for no pattern.
  if (!canParseUrls()) return Object.assign(() => false, { text, parts: undefined });
  const parts = parseGlob(pattern, option);
  const matches = (url: string): boolean => {
    const split = splitUrl(url);
    return split !== undefined && PARTS.every((part) => partMatches(parts[part], split[part]));
  };
  return Object.assign(matches, { text, parts });
}

/** True where each URL that `other` matches is known to match `one` too. Of a RegExp that is known for itself alone. */
export function covers(one: UrlMatcher, other: UrlMatcher): boolean {
  if (one.parts === undefined || other.parts === undefined) return one.parts === other.parts && one.text === other.text;
  const [near, far] = [one.parts, other.parts];
  return PARTS.every((part) => partCovers(near[part], far[part]));
}

/** Matches the scheme and what comes before the last `@` of the authority (RFC 3986 section 3.2.1). */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#\\]*@/i;

function regExpMatcher(pattern: RegExp): (url: string) => boolean {
  const own = new RegExp(pattern);
  return (url) => {
    own.lastIndex = 0;
    return own.test(url.replace(USER_INFO, '$1'));
  };
}

const PARTS = ['host', 'scheme', 'port', 'path', 'query'] as const;
type PartName = (typeof PARTS)[number];

/** The scheme ends with a colon; the query has no question mark. */
type UrlParts = Readonly<Record<PartName, string>>;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

// All patterns are tried on one URL before the next URL comes, so it is taken apart only once.
let lastSplit: { readonly url: string; readonly parts: UrlParts | undefined } | undefined;

function splitUrl(url: string): UrlParts | undefined {
  if (lastSplit?.url !== url) lastSplit = { url, parts: partsOf(url) };
  return lastSplit.parts;
}

/** Takes a URL apart. One that is a path alone, as an adapter in place of a network may have it, has no host. */
function partsOf(url: string): UrlParts | undefined {
  const absolute = parseUrl(url);
  const parsed = absolute ?? parseUrl(url, 'http://relative.invalid');
  if (parsed === undefined) return undefined;
  const { protocol, hostname, port } = absolute ?? { protocol: '', hostname: '', port: '' };
  return {
    scheme: protocol,
    host: hostname,
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port,
    ...pathAndQueryOf(parsed),
  };
}

const pathAndQueryOf = ({ pathname, search }: Pick<URL, 'pathname' | 'search'>): Pick<UrlParts, 'path' | 'query'> => ({
  path: normaliseEncoding(pathname),
  query: normaliseEncoding(search.slice(1)),
});

const MAX_PORT = 65_535;
const GLOB = /^(?:([a-z][a-z0-9+.-]*|\*):\/\/)?([^/?#]*?)(?::(\d+|\*))?(\/[^?#]*)?(?:\?([^#]*))?$/i;

/** Where a part is absent, anything matches it. */
type GlobParts = Readonly<Record<PartName, Part | undefined>>;

function parseGlob(pattern: string, option: string): GlobParts {
  const [, scheme, given, port, path, query] = GLOB.exec(pattern) ?? [];
  // What begins with a slash is for any host.
  const host = pattern.startsWith('/') ? '*' : given;
  if (!host || pattern !== pattern.trim() || Number(port) > MAX_PORT) throw notAGlob(pattern, option);
  const isAnyHost = host === '*' || host === '**';
  if (!isAnyHost && (scheme ?? port) === undefined) assertMeansHost(host.toLowerCase(), path, pattern, option);
  return {
    scheme: literal(scheme, `${scheme?.toLowerCase()}:`),
    host: isAnyHost ? undefined : hostPart(host, pattern, option),
    port: literal(port, String(Number(port))),
    // Where `**` stands for the host, what follows may come at any depth: `**/logo.png` matches `a.test/b/logo.png`.
    ...pathParts(path === undefined || host !== '**' ? path : `/**${path}`, query),
  };
}

function pathParts(path: string | undefined, query: string | undefined): Pick<GlobParts, 'path' | 'query'> {
  const normal = pathAndQueryOf(new URL(`http://host${path ?? ''}?${query ?? ''}`));
  // With a query the path is that path alone.
  const end = query !== undefined ? NO_TOKENS : normal.path.endsWith('/') ? ALL_BELOW : ITSELF_AND_BELOW;
  return {
    path: path === undefined ? undefined : partOf(normal.path, '/', end),
    query: query === undefined ? undefined : partOf(normal.query, '&'),
  };
}

function notAGlob(pattern: string, option: string): Error {
  const remedy = 'Write host and path, such as "api.example.com/static/**", "*.example.com" for subdomains, ' +
    'or "**/*.png"; "/users/**" is for any host.';
  return optionError(option, `${option}: ${showValue(pattern)} is not a URL pattern. ${remedy}`);
}

/** Matches the last label of what is a file name rather than a host. None of these is a top-level domain. */
const FILE_NAME = /\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|m?js|json|xml|html?|txt|csv|pdf|woff2?|ttf|mp[34]|wasm|map|gz)$/;

/** Throws for a path or a file name that was written where a pattern has its host. */
function assertMeansHost(host: string, path: string | undefined, pattern: string, option: string): void {
  const remedy =
    path === undefined && FILE_NAME.test(host)
      ? `Write ${showValue(`**/${pattern.replace(/^\*+/, '*')}`)} for files of that name.`
      : /[.:@]|^localhost$/.test(host)
        ? undefined
        : `Write ${showValue(`/${pattern}`)} for any host, or ${showValue(`*://${pattern}`)} for that one.`;
  if (remedy === undefined) return;
  throw optionError(option, `${option}: ${showValue(pattern)} begins with a host, and that is none. ${remedy}`);
}

function hostPart(host: string, pattern: string, option: string): Part {
  const anySubdomain = host.startsWith('*.');
  const rest = anySubdomain ? host.slice(2) : host;
  const name = rest.includes('*') ? rest.toLowerCase() : hostName(rest);
  if (name === undefined || !HOST_GLOB.test(name)) throw notAGlob(pattern, option);
  return partOf(anySubdomain ? `**.${name}` : name, '.');
}

/**
 * Matches what a host in ASCII is made of: letters and single wildcards, or an IPv6 address in brackets. The class URL
 * lets a host begin with a dot, but none does: `./users` is a path, and `.example.com` means subdomains.
 */
const HOST_GLOB = /^(?!\.)(?:(?:[a-z0-9._-]|\*(?!\*))+|\[[0-9a-f:.]+\])$/;

/** Brings a host into the form that it has in a URL; `undefined` where it is no host. */
const hostName = (host: string): string | undefined =>
  /[@\s]/.test(host) ? undefined : parseUrl(`http://${host}/`)?.hostname;

/**
 * A letter, or what stands for several: `*` within a segment, `**` across segments, `**` for any number of whole
 * segments, and nothing or what is below a path.
 */
type Token = string | symbol;
const WITHIN = Symbol('*');
const ACROSS = Symbol('**');
const SEGMENTS = Symbol('**/');
const BELOW = Symbol('/');

/** Most parts end with one of these, which all patterns share. */
const NO_TOKENS: readonly Token[] = [];
const ALL_BELOW: readonly Token[] = [ACROSS];
const ITSELF_AND_BELOW: readonly Token[] = [BELOW, ACROSS];

interface Part {
  /** The letters before the first token that is none. */
  readonly prefix: string;
  /** What follows them. Letters in a list take eight times as much room, in each instance that has the pattern. */
  readonly tokens: readonly Token[];
  readonly separator: string;
}

/** A scheme or port: one that is left out, or `*`, is any. */
const literal = (given: string | undefined, text: string): Part | undefined =>
  given === undefined || given === '*' ? undefined : { prefix: text, tokens: NO_TOKENS, separator: '' };

function partOf(glob: string, separator: '.' | '/' | '&', end = NO_TOKENS): Part {
  const tokens: Token[] = [];
  const prefix = glob.replace(/\*.*/s, '');
  for (const { 0: part, index } of glob.matchAll(/\*{2,}\/?|\*|[^*]/gs)) {
    if (index < prefix.length) continue;
    if (part === '*') tokens.push(WITHIN);
    else if (!part.startsWith('*')) tokens.push(part);
    else if (!part.endsWith('/')) tokens.push(ACROSS);
    else if (separator === '/' && glob[index - 1] === '/') tokens.push(SEGMENTS);
    else tokens.push(ACROSS, '/');
  }
  return { prefix, tokens: tokens.length === 0 ? end : [...tokens, ...end], separator };
}

const partMatches = (part: Part | undefined, text: string): boolean =>
  part === undefined || (text.startsWith(part.prefix) && accepts(part, text.slice(part.prefix.length)));

/** The tokens of one part are read as letters by the other. */
function partCovers(part: Part | undefined, other: Part | undefined): boolean {
  if (part === undefined || other === undefined) return part === undefined;
  const { length } = part.prefix;
  return other.prefix.startsWith(part.prefix) && accepts(part, [...other.prefix.slice(length), ...other.tokens]);
}

/**
 * Runs the automaton: tells whether the tokens of a part match all of `text`, which is what follows its prefix. A state
 * is the index of the token that has to match next; the number of tokens is the state in which the whole text has
 * matched.
 */
function accepts({ tokens, separator }: Part, text: ArrayLike<Token>): boolean {
  const end = tokens.length;
  let current = new Set<number>();
  enter(current, tokens, 0);
  for (let at = 0; at < text.length && current.size > 0; at += 1) {
    // What ends with `**` and has come so far matches, whatever follows.
    if (current.has(end) && tokens[end - 1] === ACROSS && current.has(end - 1)) return true;
    const next = new Set<number>();
    for (const index of current) step(next, tokens, index, text[at], separator);
    current = next;
  }
  return current.has(end);
}

/** Adds the state `index`, and those that can be reached from it without a letter, as a wildcard may stand for none. */
function enter(states: Set<number>, tokens: readonly Token[], index: number): void {
  for (let at = index; !states.has(at); at += 1) {
    states.add(at);
    if (tokens[at] === BELOW) states.add(tokens.length);
    if (typeof tokens[at] !== 'symbol' || tokens[at] === BELOW) return;
  }
}

/** `letter` may be a wildcard of another glob: then a token matches it that matches whatever it may stand for. */
function step(
  next: Set<number>,
  tokens: readonly Token[],
  index: number,
  letter: Token | undefined,
  separator: string,
): void {
  const token = tokens[index];
  const isWithin = letter !== separator && letter !== ACROSS && letter !== SEGMENTS && letter !== BELOW;
  if (token === letter && typeof token === 'string') enter(next, tokens, index + 1);
  else if (token === ACROSS || (token === WITHIN && isWithin)) enter(next, tokens, index);
  else if (token === BELOW) {
    if (letter === separator || letter === BELOW) enter(next, tokens, index + 1);
  } else if (token === SEGMENTS) {
    // This wildcard stands for whole segments, so what follows it can only begin after a separator.
    next.add(index);
    if (letter === separator || letter === SEGMENTS) enter(next, tokens, index + 1);
  }
}
