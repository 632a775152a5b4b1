/**
 * Poisoning, where an answer to one request is made for another one by what is not in the key, and deception, where a
 * user's own answer is stored under a URL that looks as if it were everybody's. docs/security.md says what is left to
 * the user; these tests hold both what is prevented and what is not.
 */
import type { AxiosRequestConfig } from 'axios';
import { having, startCached } from '../support/cached-instance.js';
import type { Handler } from '../support/origin.js';

const FRESH = { 'Cache-Control': 'max-age=600' };

/** Puts into its answer all that an attacker might choose, as careless servers do. */
const reflecting =
  (headers: Readonly<Record<string, string>> = {}): Handler =>
  ({ url, headers: fields, body }) => ({
    headers: { ...FRESH, ...headers },
    body: {
      url, host: fields.host, forwarded: fields['x-forwarded-host'], user: fields.authorization, sent: String(body),
    },
  });

const forwarded = (host: string): AxiosRequestConfig => having({ 'X-Forwarded-Host': host });

describe('an input that is not in the key', () => {
  test('X-Forwarded-Host that a server reflects without Vary is given to the next caller: left to the user', async () => {
    const { http } = await startCached(reflecting());
    await http.get('/page', forwarded('evil.test'));
    const next = await http.get('/page', forwarded('good.test'));
    expect([next.cached, next.data.forwarded]).toEqual([true, 'evil.test']);
  });

  test('includeHeaders keeps them apart', async () => {
    const { http } = await startCached(reflecting(), { includeHeaders: ['x-forwarded-host'] });
    await http.get('/page', forwarded('evil.test'));
    expect((await http.get('/page', forwarded('good.test'))).data.forwarded).toBe('good.test');
  });

  test('Vary keeps them apart', async () => {
    const { http } = await startCached(reflecting({ Vary: 'X-Forwarded-Host' }));
    await http.get('/page', forwarded('evil.test'));
    expect((await http.get('/page', forwarded('good.test'))).data.forwarded).toBe('good.test');
  });

  test.each<[string, AxiosRequestConfig, AxiosRequestConfig]>([
    ['a Host header', having({ Host: 'evil.test' }), having({ Host: 'good.test' })],
    ['the body of a GET', { data: 'evil' }, { data: 'good' }],
    ['a parameter that looks like two', { params: { a: '1;b=2' } }, { params: { a: '1', b: '2' } }],
    ['an escaped separator', { url: '/page%3Fa=1' }, { params: { a: '1' } }],
    ['an escaped slash', { url: '/page%2Fx' }, { url: '/page/x' }],
    ['the order of equal parameters', { url: '/page?a=1&a=2' }, { url: '/page?a=2&a=1' }],
    ['the case of a path', { url: '/PAGE' }, { url: '/page' }],
  ])('%s makes no answer of another request', async (_name, evil, good) => {
    const { http } = await startCached(reflecting());
    await http.request({ url: '/page', ...evil });
    expect((await http.request({ url: '/page', ...good })).cached).toBe(false);
  });

  const OVERRIDING = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'];

  test.each(OVERRIDING)('%s goes past the cache', async (name) => {
    const { http } = await startCached(reflecting());
    await http.get('/page', having({ [name]: 'DELETE' }));
    expect((await http.get('/page')).cached).toBe(false);
  });
});

describe('a path that looks as if it were for everybody', () => {
  const as = (user: string): AxiosRequestConfig => having({ Authorization: user });

  test.each(['/me/style.css', '/me;x.css', '/me%0A.css', '/me?x=.css', '/static/..%2Fme'])(
    '%s: the victim’s answer is for the victim alone',
    async (path) => {
      const { http } = await startCached(reflecting());
      await http.get(path, as('victim'));
      const [anonymous, other] = [await http.get(path), await http.get(path, as('attacker'))];
      expect([anonymous.data.user, other.data.user]).toEqual([undefined, 'attacker']);
      expect((await http.get(path, as('victim'))).cached).toBe(true);
    },
  );

  test('with partition: false it is given to everybody: left to the user', async () => {
    const { http } = await startCached(reflecting(), { partition: false });
    await http.get('/me/style.css', as('victim'));
    expect((await http.get('/me/style.css')).data.user).toBe('victim');
  });

  test('shared: true heeds RFC 9111 section 3.5 and private, whatever the path is', async () => {
    const { http } = await startCached(reflecting(), { shared: true });
    await http.get('/me/style.css', as('victim'));
    expect((await http.get('/me/style.css')).data.user).toBeUndefined();
  });
});
