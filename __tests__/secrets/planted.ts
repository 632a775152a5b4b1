/** Secrets in every place of a request and of an answer, each with a text of its own, and requests that carry them. */
import type { AxiosRequestConfig } from 'axios';
import type { CachedAxiosInstance } from '../../lib/index.js';
import { disconnect, type Routes } from '../support/origin.js';

/** Each text says where it was planted, so that a failure does. */
const SECRETS = {
  bearer: 'S3CRET-bearer-token',
  cookie: 'S3CRET-cookie',
  apiKey: 'S3CRET-api-key',
  tokenInUrl: 'S3CRET-token-in-url',
  tokenInParams: 'S3CRET-token-in-params',
  nestedToken: 'S3CRET-nested-token',
  declaredParam: 'S3CRET-declared-param',
  userInUrl: 'S3CRET-user-in-url',
  passwordInUrl: 'S3CRET-password-in-url',
  authUser: 'S3CRET-auth-user',
  authPassword: 'S3CRET-auth-password',
  bodyToken: 'S3CRET-body-token',
  formPassword: 'S3CRET-form-password',
  textBody: 'S3CRET-text-body',
  varied: 'S3CRET-varied-header',
  included: 'S3CRET-included-header',
  partition: 'S3CRET-partition-name',
  ownKey: 'S3CRET-own-key',
  redirectToken: 'S3CRET-token-in-location',
  proxyAuthorization: 'S3CRET-proxy-authorization',
} as const;

/** What a server sets is stored where it says so itself: documented, and shown by nothing that describes an entry. */
export const SET_COOKIE = 'S3CRET-set-cookie';

const ofRequests: readonly string[] = Object.values(SECRETS);

/** The forms in which a secret travels: as it is, escaped, in Base64, and in that of Basic credentials. */
function formsOf(secret: string): readonly string[] {
  const basic = btoa(`${SECRETS.authUser}:${SECRETS.authPassword}`);
  const inUrl = btoa(`${SECRETS.userInUrl}:${SECRETS.passwordInUrl}`);
  // The start of Base64 that follows other letters differs by where it begins.
  return [secret, btoa(secret).replace(/=+$/, ''), basic.slice(0, 40), inUrl.slice(0, 40)];
}

/** Which secrets `text` shows. The case of letters is no hiding place. */
export const shownIn = (text: string, secrets: readonly string[] = ofRequests): readonly string[] =>
  secrets.filter((secret) => formsOf(secret).some((form) => text.toLowerCase().includes(form.toLowerCase())));

export const ALL_SECRETS: readonly string[] = [...ofRequests, SET_COOKIE];

const FRESH = { 'Cache-Control': 'max-age=600', ETag: '"1"', 'Set-Cookie': `sid=${SET_COOKIE}` };

export const ROUTES: Routes = {
  '/plain': { headers: FRESH, body: { plain: true } },
  '/varied': { headers: { ...FRESH, Vary: 'X-Odd, Cookie' }, body: { varied: true } },
  '/stale': { headers: { 'Cache-Control': 'max-age=0', ETag: '"2"' }, body: 'stale' },
  '/unstored': { headers: { 'Cache-Control': 'no-store' }, body: 'not kept' },
  '/login': { headers: FRESH, body: { welcome: true } },
  '/from': { status: 302, headers: { ...FRESH, Location: `/plain?token=${SECRETS.redirectToken}` } },
  '/fails': { status: 500, body: 'failed' },
  '/drop': disconnect,
};

const CREDENTIALS = {
  Authorization: `Bearer ${SECRETS.bearer}`,
  Cookie: `sid=${SECRETS.cookie}`,
  'X-API-Key': SECRETS.apiKey,
  'Proxy-Authorization': `Basic ${SECRETS.proxyAuthorization}`,
  'X-Included': SECRETS.included,
};

/** A config for each place, by URL. */
export function requestsTo(url: string): readonly (AxiosRequestConfig & { readonly url: string })[] {
  const withUser = url.replace('://', `://${SECRETS.userInUrl}:${SECRETS.passwordInUrl}@`);
  const json = { 'Content-Type': 'application/json' };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return [
    { url: `${url}/plain`, headers: CREDENTIALS },
    { url: `${url}/plain?token=${SECRETS.tokenInUrl}&page=1` },
    { url: `${url}/plain`, params: { access_token: SECRETS.tokenInParams, auth: { token: SECRETS.nestedToken } } },
    { url: `${url}/plain`, params: { declared: SECRETS.declaredParam } },
    { url: `${withUser}/plain` },
    { url: `${url}/plain`, auth: { username: SECRETS.authUser, password: SECRETS.authPassword } },
    { url: `${url}/varied`, headers: { 'X-Odd': SECRETS.varied, ...CREDENTIALS } },
    { url: `${url}/login`, method: 'post', data: { user: 'ann', token: SECRETS.bodyToken }, headers: json, cache: '1h' },
    { url: `${url}/login`, method: 'post', data: `a=1&password=${SECRETS.formPassword}`, headers: form, cache: '1h' },
    { url: `${url}/plain`, cache: { partition: SECRETS.partition } },
    { url: `${url}/plain`, cache: { key: SECRETS.ownKey } },
    { url: `${url}/from`, headers: { Authorization: `Bearer ${SECRETS.bearer}` } },
    { url: `${url}/stale`, headers: CREDENTIALS },
    { url: `${url}/unstored?token=${SECRETS.tokenInUrl}`, headers: CREDENTIALS },
    { url: `${url}/fails?token=${SECRETS.tokenInUrl}`, headers: CREDENTIALS },
    { url: `${url}/drop?token=${SECRETS.tokenInUrl}`, headers: CREDENTIALS },
    { url: `${url}/drop`, auth: { username: SECRETS.authUser, password: SECRETS.authPassword } },
    { url: `${url}/plain?token=${SECRETS.tokenInUrl}`, cache: { mode: 'only-if-cached', partition: SECRETS.partition } },
  ];
}

/** A text that is no form and no JSON: nothing tells which part of it is secret, so that recordings keep it. */
export const textRequestTo = (url: string): AxiosRequestConfig => ({
  url: `${url}/login`, method: 'post', data: SECRETS.textBody, headers: { 'Content-Type': 'text/plain' }, cache: '1h',
});

/** Makes each request twice, and gives what came of it: a response, or an error. */
export async function makeAll(http: CachedAxiosInstance, configs: readonly AxiosRequestConfig[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const config of [...configs, ...configs]) {
    outcomes.push(await http.request(config).catch((error: unknown) => error));
  }
  return outcomes;
}
