/** URL patterns: globs on host and path, matched in bounded time, and regular expressions on the whole URL. */
import { optionError, showValue } from './faults.js';
import { parseUrl } from '../support/urls.js';

type Matcher = (text: string) => boolean;

/**
 * A glob (`api.example.com/static/**`) or a RegExp as a function of an absolute URL, whose user-info is never seen.
 *
 * A glob is `[scheme://]host[:port][/path][?query]`:
 * - No scheme: any. No port: any; a port matches where it is written or is the scheme's default.
 * - The host ignores case. `*` stays within a label, a leading `*.` stands for one label or more (never for none), and
 *   `*` or `**` alone for any host.
 * - No path: the host and everything below it. In a path `*` stays within a segment, `**` crosses them, and a whole
 *   segment of `**` may stand for none.
 * - No query: any. In a query `*` stays within a parameter, `**` crosses them.
 * - Nothing else is special. Spaces and letters beyond ASCII match their percent-encoded forms.
 *
 * A RegExp is tested on the URL as it is; its `lastIndex` is neither read nor written.
 * Throws a CacheError (ERR_CACHE_OPTION) that names `option` for what is no pattern.
 */
export function compileUrlPattern(pattern: unknown, option: string): (url: string) => boolean {
  if (pattern instanceof RegExp) return compileRegExp(pattern);
  if (typeof pattern !== 'string') {
    throw optionError(option, `${option}: a URL pattern is a glob or a RegExp; got ${showValue(pattern)}.`);
  }
  return compileUrlGlob(pattern, option);
}

/** What comes before the last `@` of the authority (RFC 3986 section 3.2.1). */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#\\]*@/i;

function compileRegExp(pattern: RegExp): Matcher {
  const own = new RegExp(pattern);
  return (url) => {
    own.lastIndex = 0;
    return own.test(url.replace(USER_INFO, '$1'));
  };
}

interface UrlParts {
  /** With its colon. */
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
}

const MAX_PORT = 65_535;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

// All patterns are tried on one URL before the next URL comes.
let lastSplit: { readonly url: string; readonly parts: UrlParts | undefined } | undefined;

function splitUrl(url: string): UrlParts | undefined {
  if (lastSplit?.url !== url) lastSplit = { url, parts: partsOf(url) };
  return lastSplit.parts;
}

/** `undefined` for what is no absolute URL. */
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
    // A whole `**` in place of the host reaches into the path: any host, and any path before what follows.
    path: path === undefined ? ANY : compileGlob(normalise(host === '**' ? `/**${path}` : path).path, '/'),
    query: query === undefined ? ANY : compileGlob(normalise(`/?${query}`).query, '&'),
  };
  return (url) => {
    const parts = splitUrl(url);
    return parts !== undefined && PARTS.every((part) => matchers[part](parts[part]));
  };
}

const PARTS = ['host', 'scheme', 'port', 'path', 'query'] as const satisfies (keyof UrlParts)[];

/** A scheme or port that is left out, or `*`, is any. */
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

/** What a host can be made of once it is in ASCII: letters and single wildcards, or an IPv6 address in brackets. */
const HOST_GLOB = /^(?:(?:[a-z0-9._-]|\*(?!\*))+|\[[0-9a-f:.]+\])$/;

/** In the form that URLs have; `undefined` where it is no host. */
function hostName(host: string): string | undefined {
  if (/[@\s]/.test(host)) return undefined;
  return parseUrl(`http://${host}/`)?.hostname;
}

/** Path and query in the form that URLs have, percent-encoded where they must be. */
const normalise = (pathAndQuery: string): { readonly path: string; readonly query: string } => {
  const { pathname, search } = new URL(`http://host${pathAndQuery}`);
  return { path: pathname, query: search.slice(1) };
};

/** A letter, or a wildcard: within a segment, across segments, or a whole number of segments with their separators. */
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
 * Whether `tokens` match `text` from `start` on. All ways to match are followed at once, a set of token indexes for
 * each letter, so that no pattern makes the work more than the product of the two lengths.
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

/** Adds `index` and what can be reached from it without a letter. */
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
    // Left behind a separator only, so what follows is not entered with it.
    next.add(index);
    if (letter === separator) enter(next, tokens, index + 1);
  }
}
