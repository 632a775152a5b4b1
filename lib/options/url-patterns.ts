/**
 * URL patterns: globs on host and path, and regular expressions on the whole URL.
 *
 * A part of a glob with wildcards is a nondeterministic finite automaton (NFA) whose states are the places in the glob.
 * It reads a URL letter by letter and is in all states at once that the letters so far can lead to. So matching takes
 * at most as many steps as the product of both lengths. A matcher that tries one way after the other, as most regular
 * expressions do, takes exponential time for some globs, and users take URLs from elsewhere.
 */
import { optionError, showValue } from './faults.js';
import { canParseUrls, parseUrl } from '../support/urls.js';

type Matcher = (text: string) => boolean;

/**
 * Makes a glob such as `api.example.com/static/**`, or a RegExp, a function that tells whether an absolute URL matches.
 * User-info in the URL is left out before.
 *
 * A glob is `[scheme://]host[:port][/path][?query]`:
 * - Without a scheme any scheme matches, and without a port any port. A port matches where the URL has it, or where it
 *   is the default of the URL's scheme.
 * - The host ignores case. `*` stays within a label, a leading `*.` stands for one label or more, and `*` or `**` alone
 *   for any host.
 * - Without a path the host and everything below it matches. In a path `*` stays within a segment, `**` crosses
 *   segments, and a whole segment of `**` may stand for no segment.
 * - Without a query any query matches. In a query `*` stays within a parameter, and `**` crosses parameters.
 * - Nothing else is special. Spaces and letters beyond ASCII match their percent-encoded forms.
 *
 * A RegExp is tested on the whole URL. A copy of it is used, so that its `lastIndex` is neither read nor written.
 * @throws CacheError `ERR_CACHE_OPTION`, which names `option`, for what is no pattern.
 */
export function compileUrlPattern(pattern: unknown, option: string): (url: string) => boolean {
  if (pattern instanceof RegExp) return compileRegExp(pattern);
  if (typeof pattern !== 'string') {
    throw optionError(option, `${option}: a URL pattern is a glob or a RegExp; got ${showValue(pattern)}.`);
  }
  // Where the platform cannot take URLs apart requests pass the cache by, and ask for no pattern.
  return canParseUrls() ? compileUrlGlob(pattern, option) : () => false;
}

/** Matches the scheme and what comes before the last `@` of the authority (RFC 3986 section 3.2.1). */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#\\]*@/i;

function compileRegExp(pattern: RegExp): Matcher {
  const own = new RegExp(pattern);
  return (url) => {
    own.lastIndex = 0;
    return own.test(url.replace(USER_INFO, '$1'));
  };
}

interface UrlParts {
  /** Ends with a colon. */
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  /** Has no question mark. */
  readonly query: string;
}

const MAX_PORT = 65_535;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

// All patterns are tried on one URL before the next URL comes, so it is taken apart only once.
let lastSplit: { readonly url: string; readonly parts: UrlParts | undefined } | undefined;

function splitUrl(url: string): UrlParts | undefined {
  if (lastSplit?.url !== url) lastSplit = { url, parts: partsOf(url) };
  return lastSplit.parts;
}

/** Takes a URL apart; `undefined` for what is no absolute URL. */
function partsOf(url: string): UrlParts | undefined {
  const parsed = parseUrl(url);
  if (parsed === undefined) return undefined;
  const { protocol, hostname, port, pathname, search } = parsed;
  const effectivePort = port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port;
  return { scheme: protocol, host: hostname, port: effectivePort, path: pathname, query: search.slice(1) };
}

const ANY: Matcher = () => true;
const GLOB = /^(?:([a-z][a-z0-9+.-]*|\*):\/\/)?([^/?#]*?)(?::(\d+|\*))?(\/[^?#]*)?(?:\?([^#]*))?$/i;

function compileUrlGlob(pattern: string, option: string): Matcher {
  const [whole, scheme, host = '', port, path, query] = GLOB.exec(pattern) ?? [];
  const readable = whole !== undefined && pattern === pattern.trim() && host !== '';
  if (!readable || Number(port) > MAX_PORT) throw notAGlob(pattern, option);
  const matchers: { readonly [Part in keyof UrlParts]: Matcher } = {
    scheme: unlessAny(scheme, (name) => equals(`${name.toLowerCase()}:`)),
    host: compileHost(host, pattern, option),
    port: unlessAny(port, (digits) => equals(String(Number(digits)))),
    // Where `**` stands for the host, what follows may come at any depth: `**/logo.png` matches `a.test/b/logo.png`.
    path: path === undefined ? ANY : compileGlob(normalise(host === '**' ? `/**${path}` : path).path, '/'),
    query: query === undefined ? ANY : compileGlob(normalise(`/?${query}`).query, '&'),
  };
  return (url) => {
    const parts = splitUrl(url);
    return parts !== undefined && PARTS.every((part) => matchers[part](parts[part]));
  };
}

const PARTS = ['host', 'scheme', 'port', 'path', 'query'] as const satisfies (keyof UrlParts)[];

/** Matches any scheme or port where it is left out or `*`. */
const unlessAny = (text: string | undefined, compile: (text: string) => Matcher): Matcher =>
  text === undefined || text === '*' ? ANY : compile(text);

const equals =
  (expected: string): Matcher =>
  (text) =>
    text === expected;

function notAGlob(pattern: string, option: string): Error {
  const remedy = pattern.startsWith('/')
    ? `Begin with a host, or with "*" for any host: ${showValue(`*${pattern}`)}.`
    : 'Write host and path, such as "api.example.com/static/**", "*.example.com" for subdomains, or "**/*.png".';
  return optionError(option, `${option}: ${showValue(pattern)} is not a URL pattern. ${remedy}`);
}

function compileHost(host: string, pattern: string, option: string): Matcher {
  if (host === '*' || host === '**') return ANY;
  const anySubdomain = host.startsWith('*.');
  const rest = anySubdomain ? host.slice(2) : host;
  const name = rest.includes('*') ? rest.toLowerCase() : hostName(rest);
  if (name === undefined || !HOST_GLOB.test(name)) throw notAGlob(pattern, option);
  return compileGlob(anySubdomain ? `**.${name}` : name, '.');
}

/** Matches what a host in ASCII is made of: letters and single wildcards, or an IPv6 address in brackets. */
const HOST_GLOB = /^(?:(?:[a-z0-9._-]|\*(?!\*))+|\[[0-9a-f:.]+\])$/;

/** Brings a host into the form that it has in a URL; `undefined` where it is no host. */
function hostName(host: string): string | undefined {
  if (/[@\s]/.test(host)) return undefined;
  return parseUrl(`http://${host}/`)?.hostname;
}

/** Brings path and query into the form that they have in a URL, percent-encoded where they must be. */
const normalise = (pathAndQuery: string): { readonly path: string; readonly query: string } => {
  const { pathname, search } = new URL(`http://host${pathAndQuery}`);
  return { path: pathname, query: search.slice(1) };
};

/** A letter, or a wildcard: within a segment, across segments, or any number of whole segments. */
type Token = string | typeof WITHIN | typeof ACROSS | typeof SEGMENTS;
const WITHIN = Symbol('*');
const ACROSS = Symbol('**');
const SEGMENTS = Symbol('**/');

function compileGlob(glob: string, separator: '.' | '/' | '&'): Matcher {
  const start = glob.indexOf('*');
  if (start === -1) return equals(glob);
  const prefix = glob.slice(0, start);
  const rest = glob.slice(start);
  if (/^\*{2,}$/.test(rest)) return (text) => text.startsWith(prefix);
  const tokens = tokenise(glob, separator).slice(prefix.length);
  return (text) => text.startsWith(prefix) && simulate(tokens, text, prefix.length, separator);
}

function tokenise(glob: string, separator: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: part, index } of glob.matchAll(/\*{2,}\/?|\*|[^*]/gs)) {
    if (part === '*') tokens.push(WITHIN);
    else if (!part.startsWith('*')) tokens.push(part);
    else if (!part.endsWith('/')) tokens.push(ACROSS);
    else if (separator === '/' && glob[index - 1] === '/') tokens.push(SEGMENTS);
    else tokens.push(ACROSS, '/');
  }
  return tokens;
}

/**
 * Runs the automaton: tells whether `tokens` match `text` from `start` on. A state is the index of the token that has
 * to match next; the end of `tokens` is the state in which the whole text has matched.
 */
function simulate(tokens: readonly Token[], text: string, start: number, separator: string): boolean {
  let current = new Set<number>();
  enter(current, tokens, 0);
  for (let at = start; at < text.length && current.size > 0; at += 1) {
    const letter = text.charAt(at);
    const next = new Set<number>();
    for (const index of current) step(next, tokens, index, letter, separator);
    current = next;
  }
  return current.has(tokens.length);
}

/** Adds the state `index`, and those that can be reached from it without a letter, as a wildcard may stand for none. */
function enter(states: Set<number>, tokens: readonly Token[], index: number): void {
  for (let at = index; !states.has(at); at += 1) {
    states.add(at);
    if (typeof tokens[at] !== 'symbol') return;
  }
}

function step(next: Set<number>, tokens: readonly Token[], index: number, letter: string, separator: string): void {
  const token = tokens[index];
  if (token === letter) enter(next, tokens, index + 1);
  else if (token === ACROSS || (token === WITHIN && letter !== separator)) enter(next, tokens, index);
  else if (token === SEGMENTS) {
    // This wildcard stands for whole segments, so what follows it can only begin after a separator.
    next.add(index);
    if (letter === separator) enter(next, tokens, index + 1);
  }
}
