/**
 * This file resolves a request's URL and brings it into the canonical form that keys are made of (RFC 3986 section
 * 6.2.2).
 */
import { canonicalQuery, decode, type QueryRules } from './query.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { normaliseEncoding, parseUrl, type UrlParts } from '../../support/urls.js';

/** A URL made absolute where a base is known. */
interface ResolvedUrl {
  /** Without user-info and fragment, otherwise as axios built it: what URL patterns are matched with. */
  readonly href: string;
  /** This has the form `name:password` and is decoded. */
  readonly userInfo: string | undefined;
  /** It is `undefined` where no base is known, as with a mock adapter and a path alone. */
  readonly protocol: 'http:' | 'https:' | undefined;
  /** This is scheme, host and port; it is empty where no base is known. */
  readonly origin: string;
  readonly path: string;
  /** The question mark is not part of it. */
  readonly query: string;
}

/** This is a URL in the canonical form, which is equal for equivalent requests. */
export interface NormalUrl {
  /**
   * This text is for people and storages: it has `***` for values that are ignored or secret. It is equal where
   * `keyUrl` is.
   */
  readonly url: string;
  /** This text is for keys: it is on one line and never equal for two different targets. */
  readonly keyUrl: string;
  readonly userInfo: string | undefined;
  readonly protocol: 'http:' | 'https:' | undefined;
}

export interface UrlRules extends QueryRules {
  /** This is the request's own `socketPath`: a server behind a socket is another than the one at the same URL. */
  readonly socketPath?: string | undefined;
}

interface Known {
  readonly raw: string;
  readonly base: string | undefined;
  readonly resolved: ResolvedUrl | undefined;
  /**
   * The results by the latest two sets of rules are kept, since a request may ask for the URL by its own rules and by
   * the session's.
   */
  latest?: Normalised;
  former?: Normalised;
}

interface Normalised {
  readonly rules: UrlRules;
  readonly normal: NormalUrl;
}

const REMEMBERED = 1000;
const LONGEST_REMEMBERED = 4096;
const known = new BoundedMap<string, Known>(REMEMBERED);
/** This is what was looked up last, since one request asks for its URL several times. */
let last: Known | undefined;

/** Resolves a URL as axios built it; it is `undefined` where that is no URL, or not one of http or https. */
export function resolveUrl(raw: string, socketPath?: string): ResolvedUrl | undefined {
  return lookUp(raw, socketPath).resolved;
}

/** Brings a URL into the canonical form; it is `undefined` where it is no URL, or not one of http or https. */
export function normaliseUrl(raw: string, rules: UrlRules): NormalUrl | undefined {
  const entry = lookUp(raw, rules.socketPath);
  if (entry.resolved === undefined) return undefined;
  const { latest, former } = entry;
  if (latest !== undefined && sameRules(latest.rules, rules)) return latest.normal;
  if (former !== undefined && sameRules(former.rules, rules)) return former.normal;
  const normal = canonicalise(entry.resolved, rules);
  if (latest !== undefined) entry.former = latest;
  entry.latest = { rules, normal };
  return normal;
}

function lookUp(raw: string, socketPath: string | undefined): Known {
  const base = socketPath === undefined ? pageUrl() : 'http://localhost';
  if (last?.raw === raw && last.base === base) return last;
  const found = known.get(raw);
  if (found !== undefined && found.base === base) return (last = found);
  const entry: Known = { raw, base, resolved: resolve(raw, base) };
  if (raw.length <= LONGEST_REMEMBERED) {
    known.set(raw, entry);
    last = entry;
  }
  return entry;
}

const sameRules = (one: UrlRules, other: UrlRules): boolean =>
  one.ignoredParams === other.ignoredParams &&
  one.redactedParams === other.redactedParams &&
  one.digest === other.digest &&
  one.socketPath === other.socketPath;

interface Page {
  readonly document?: { readonly baseURI?: string };
  readonly location?: { readonly href: string };
}

/** Returns what relative URLs are relative to in a browser: a page may name another URL than its own by `<base>`. */
export function pageUrl(): string | undefined {
  const { document, location } = globalThis as Page;
  return document?.baseURI ?? location?.href;
}

/** This stands in for the missing base of a path, so that one parser normalises all; it is never part of a result. */
const PLACEHOLDER = 'http://relative.invalid';

function resolve(raw: string, base: string | undefined): ResolvedUrl | undefined {
  const parsed = parseUrl(raw, base);
  if (parsed === undefined) return resolvePath(raw);
  const { protocol, origin, pathname, search } = parsed;
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const userInfo = userInfoOf(parsed);
  return { href: origin + pathname + search, userInfo, protocol, origin, path: pathname, query: search.slice(1) };
}

function resolvePath(raw: string): ResolvedUrl | undefined {
  const parsed = /^\s*https?:/i.test(raw) ? undefined : parseUrl(raw, PLACEHOLDER);
  if (parsed?.origin !== PLACEHOLDER) return undefined;
  const { pathname, search } = parsed;
  const path = raw.trimStart().startsWith('/') ? pathname : pathname.slice(1);
  return { href: path + search, userInfo: undefined, protocol: undefined, origin: '', path, query: search.slice(1) };
}

function userInfoOf({ username, password }: UrlParts): string | undefined {
  if (username === '' && password === '') return undefined;
  return `${decode(username)}:${decode(password)}`;
}

/**
 * Returns the origin of a URL (RFC 6454), which is empty where no base is known. Behind each socket is another origin.
 */
export const originOf = (url: string, socketPath?: string): string =>
  socketText(socketPath) + (resolveUrl(url, socketPath)?.origin ?? '');

const socketText = (socketPath: string | undefined): string =>
  socketPath === undefined ? '' : `${JSON.stringify(socketPath)}@`;

function canonicalise(resolved: ResolvedUrl, rules: UrlRules): NormalUrl {
  const { origin, userInfo, protocol } = resolved;
  const target = origin + normaliseEncoding(resolved.path);
  const query = canonicalQuery(resolved.query, rules);
  return {
    url: withQuery(target, query.shown),
    keyUrl: socketText(rules.socketPath) + withQuery(target, query.key),
    userInfo,
    protocol,
  };
}

const withQuery = (target: string, query: string): string => (query === '' ? target : `${target}?${query}`);
