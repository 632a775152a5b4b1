/**
 * This file makes the request that follows a redirect, as axios and follow-redirects make it (RFC 9110 section 15.4).
 */
import type { AxiosBasicCredentials, InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import { copyHeaders, fieldsOf } from '../native/headers.js';
import type { AxiosRequest } from '../request/axios-request.js';
import { CREDENTIALS_LOST } from '../request/partition.js';
import { NO_SECRETS } from '../request/query.js';
import { normaliseUrl, type UrlRules } from '../request/url.js';
import { parseUrl, type UrlParts } from '../../support/urls.js';

/** This is what an adapter is about to send, as it shows it to `beforeRedirect`. */
export interface AboutToSend {
  readonly href?: unknown;
  readonly method?: unknown;
  readonly auth?: unknown;
  readonly headers?: unknown;
}

/** These fields are meant for one origin, and do not go along to another. */
const CREDENTIALS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * Resolves a Location without its fragment. It is `undefined` where that is no URL, or where the URL holds a secret,
 * which is not to be stored.
 */
export function redirectTarget(location: unknown, from: string, rules: UrlRules): string | undefined {
  const to = withoutFragment(location, from);
  if (to === undefined || to.username !== '' || to.password !== '') return undefined;
  const shownBy = (redactedParams: ReadonlySet<string>): string | undefined =>
    normaliseUrl(to.href, { ...rules, ignoredParams: new Set(), redactedParams })?.url;
  return shownBy(rules.redactedParams) === shownBy(NO_SECRETS) ? to.href : undefined;
}

const withoutFragment = (reference: unknown, base: string): UrlParts | undefined =>
  parseUrl(String(reference).replace(/#.*$/s, ''), base);

/** Makes the config for a redirect that keeps the method. No credential goes along to another origin. */
export function redirectedConfig({ config, target }: AxiosRequest, to: string): InternalAxiosRequestConfig {
  const isSameOrigin = parseUrl(target.href)?.origin === parseUrl(to)?.origin;
  const headers = copyHeaders(config.headers);
  headers.delete('host');
  const lost = isSameOrigin ? [] : [...CREDENTIALS, ...sensitiveHeaders(config)].filter((name) => headers.delete(name));
  const given = config.auth ?? credentialsIn(target.normalUrl.userInfo);
  const auth = isSameOrigin ? given : undefined;
  const changes = { url: to, baseURL: undefined, params: undefined, paramsSerializer: undefined, auth, headers };
  const marks = lost.length > 0 || auth !== given ? CREDENTIALS_LOST : {};
  return Object.assign(Object.create(null) as object, config, changes, marks) as InternalAxiosRequestConfig;
}

/** Reads an option that older versions of axios lack. */
function sensitiveHeaders(config: InternalAxiosRequestConfig): readonly string[] {
  const { sensitiveHeaders: names } = config as { sensitiveHeaders?: unknown };
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

function credentialsIn(userInfo: string | undefined): AxiosBasicCredentials | undefined {
  if (userInfo === undefined) return undefined;
  const colon = userInfo.indexOf(':');
  return { username: userInfo.slice(0, colon), password: userInfo.slice(colon + 1) };
}

/**
 * Tells whether the adapter sends what `redirectedConfig` says, since versions of axios differ in which credentials
 * they take along. `first` is the request before all redirects: only its fields are compared.
 */
export function isSentAs(
  config: InternalAxiosRequestConfig,
  sent: AboutToSend,
  first: InternalAxiosRequestConfig,
): boolean {
  if (withoutUserInfo(sent.href) !== config.url || String(sent.method).toUpperCase() !== methodOf(config)) return false;
  const expected = fieldsOf(config.headers);
  const actual = fieldsOf(sent.headers);
  const auth = config.auth === undefined ? undefined : `${config.auth.username}:${config.auth.password}`;
  if ((sent.auth ?? undefined) !== auth) return false;
  const names = Object.keys(fieldsOf(first.headers)).filter(
    (name) => auth === undefined || name !== 'authorization',
  );
  return names.every((name) => String(expected[name]) === String(actual[name]));
}

/** Writes a URL as `redirectTarget` does, without user-info. */
export function withoutUserInfo(href: unknown): string | undefined {
  return withoutFragment(href, 'about:blank')?.href.replace(/^([^/?#]*\/\/)[^/?#]*@/, '$1');
}
