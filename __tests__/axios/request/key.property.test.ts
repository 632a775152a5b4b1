/** Keys as a property: equal for equivalent requests, different for all others, and without a credential in them. */
import fc from 'fast-check';
import { described, type Given, keyOf } from '../../support/describe-request.js';

/** What a request means, apart from how it is spelt. */
interface Meaning {
  readonly method: string;
  readonly host: string;
  readonly segments: readonly string[];
  /** By name, each once. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly included: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly partition: string | false | undefined;
  readonly key: string | undefined;
  readonly encoded: boolean;
  readonly unfollowed: boolean;
}

interface Spelling {
  readonly reversed: boolean;
  readonly inUrl: boolean;
  readonly capitals: boolean;
  readonly fragment: boolean;
  readonly defaultPort: boolean;
  readonly trailing: '' | '?' | '&';
}

/** What separates the parts of URLs, keys, JSON and lists, and what stands for values that were replaced. */
const adversarial = fc.oneof(
  fc.constantFrom(
    '',
    '1',
    '1.2',
    '1.7',
    '&',
    '=',
    '&b=2',
    '\n',
    ' ',
    '+',
    '%20',
    '%',
    '"',
    '","',
    '<>',
    '***',
    ';',
    '#',
    '?',
    'GET',
  ),
  fc.string({ unit: fc.constantFrom('a', 'b', '&', '=', '\n', '"', '<', '>', '%', '+', '1', 'ü'), maxLength: 3 }),
);
const fieldValue = fc.constantFrom('a', 'b', 'a, b', 'a;b', '"a"', 'credentials', 'a;cookie=b');
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
const segment = adversarial.map((text) => `s${text}`);

const DIMENSIONS: { readonly [K in keyof Meaning]: fc.Arbitrary<Meaning[K]> } = {
  method: fc.constantFrom('get', 'head', 'post', 'query'),
  host: fc.constantFrom('api.test', 'api.test:8080', 'other.test'),
  segments: fc.array(segment, { maxLength: 2 }),
  params: fc.dictionary(
    adversarial.map((text) => `p${text.trim()}`),
    adversarial,
    { maxKeys: 3 },
  ),
  body: optional(adversarial),
  included: optional(fieldValue),
  authorization: optional(fieldValue),
  cookie: optional(fieldValue),
  partition: fc.oneof(fc.constant(undefined), fc.constant(false as const), fieldValue),
  key: fc.option(adversarial, { nil: undefined, freq: 5 }),
  encoded: fc.boolean(),
  unfollowed: fc.boolean(),
};
const NAMES = Object.keys(DIMENSIONS) as (keyof Meaning)[];

const meaning: fc.Arbitrary<Meaning> = fc.record(DIMENSIONS);
const spelling: fc.Arbitrary<Spelling> = fc.record({
  reversed: fc.boolean(),
  inUrl: fc.boolean(),
  capitals: fc.boolean(),
  fragment: fc.boolean(),
  defaultPort: fc.boolean(),
  trailing: fc.constantFrom('', '?', '&'),
});
/** Two requests that differ in one dimension, in a few, or in all. */
const pair: fc.Arbitrary<readonly [Meaning, Meaning]> = fc
  .tuple(meaning, meaning, fc.subarray(NAMES, { minLength: 1 }), fc.constantFrom(...NAMES), fc.boolean())
  .map(([one, other, several, single, few]) => {
    const changed = (few ? [single] : several).map((name) => [name, other[name]]);
    return [one, { ...one, ...Object.fromEntries(changed) }];
  });

const reversedIf = <T>(reversed: boolean, list: readonly T[]): readonly T[] => (reversed ? [...list].reverse() : list);
/** As axios spells params: a comma and its escape are two values to some servers, so they are two to a key. */
const queryText = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:20|24|2C|3A)/g, (escape) =>
    escape === '%20' ? '+' : decodeURIComponent(escape),
  );

function urlOf({ host, segments, params }: Meaning, how: Spelling): { url: string; params?: object } {
  const shownHost = how.defaultPort && !host.includes(':') ? `${host}:80` : host;
  const origin = `http://${how.capitals ? shownHost.toUpperCase() : shownHost}`;
  const path = segments.map((each) => `/${encodeURIComponent(each)}`).join('');
  const entries = reversedIf(how.reversed, Object.entries(params));
  const hash = how.fragment ? '#top' : '';
  if (!how.inUrl)
    return { url: origin + path + (how.trailing === '?' ? '?' : '') + hash, params: Object.fromEntries(entries) };
  const pairs = entries.map((entry) => entry.map(queryText).join('='));
  const query = pairs
    .map((each) => (how.capitals ? each : each.replace(/%../g, (escape) => escape.toLowerCase())))
    .join('&');
  const marks = how.trailing === '?' && query === '' ? '?' : '';
  return { url: origin + path + (query === '' ? marks : `?${query}${how.trailing === '&' ? '&' : ''}`) + hash };
}

function spell(what: Meaning, how: Spelling): { config: object; given: Given } {
  const { method, body, included, authorization, cookie, partition, key } = what;
  const fields = [
    ['Content-Type', 'text/plain'],
    ['X-Included', included],
    ['Authorization', authorization],
    ['Cookie', cookie],
  ].filter(([, value]) => value !== undefined);
  const config = {
    ...urlOf(what, how),
    method: how.capitals ? method.toUpperCase() : method,
    headers: Object.fromEntries(reversedIf(how.reversed, fields)) as object,
    data: body,
    decompress: !what.encoded,
    maxRedirects: what.unfollowed ? 0 : 5,
  };
  return { config, given: { policy: { includeHeaders: ['x-included'], partition, key } } };
}

/** Equal exactly where two requests may share an answer. */
function identity(what: Meaning): string {
  const { method, host, segments, params, body, key, partition, authorization, cookie, ...rest } = what;
  const sortedParams = Object.entries(params).sort(([one], [other]) => (one < other ? -1 : 1));
  const target = key === undefined ? { method, host, segments, sortedParams, body } : { key, head: method === 'head' };
  const user = partition === undefined ? { authorization, cookie } : { partition };
  return JSON.stringify({ target, user, ...rest });
}

const keyOfMeaning = (what: Meaning, how: Spelling): Promise<string> => {
  const { config, given } = spell(what, how);
  return keyOf(config, given);
};

test('two requests have one key exactly where they mean the same, however they are spelt', async () => {
  await fc.assert(
    fc.asyncProperty(pair, spelling, spelling, async ([one, other], howOne, howOther) => {
      const [first, second] = await Promise.all([keyOfMeaning(one, howOne), keyOfMeaning(other, howOther)]);
      expect(first === second).toBe(identity(one) === identity(other));
    }),
    { numRuns: 1500 },
  );
});

test.each(NAMES)('requests that differ in %s alone never share a key', async (name) => {
  await fc.assert(
    fc.asyncProperty(meaning, meaning, spelling, async (one, another, how) => {
      const other = { ...one, [name]: another[name] };
      fc.pre(identity(one) !== identity(other));
      expect(await keyOfMeaning(one, how)).not.toBe(await keyOfMeaning(other, how));
    }),
    { numRuns: 300 },
  );
});

test('numbers in params: one key exactly where they are the same number', async () => {
  const number = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(1, 1.2, 1.7, 2 ** 32 + 1, 2 ** 53, 0.1, 1e21),
  );
  const keyOfNumber = (value: number): Promise<string> => keyOf({ url: 'http://api.test/', params: { value } });
  await fc.assert(
    fc.asyncProperty(number, number, async (one, other) => {
      expect((await keyOfNumber(one)) === (await keyOfNumber(other))).toBe(String(one) === String(other));
    }),
    { numRuns: 1000 },
  );
});

test('a resource never equals a key, and is one for all that share a URL', async () => {
  await fc.assert(
    fc.asyncProperty(pair, spelling, spelling, async ([one, other], howOne, howOther) => {
      const [first, second] = [spell(one, howOne), spell(other, howOther)];
      const [describedOne, describedOther] = await Promise.all(
        [first, second].map(({ config, given }) => described(config, given)),
      );
      const urlText = ({ host, segments, params }: Meaning): string =>
        JSON.stringify([host, segments, Object.entries(params).sort()]);
      expect(describedOne?.resource === describedOther?.resource).toBe(urlText(one) === urlText(other));
      expect(describedOne?.resource).not.toBe(describedOther?.key);
    }),
    { numRuns: 1000 },
  );
});

describe('no key, URL or field shows a credential', () => {
  const credential = fc.stringMatching(/^[!-~]{8,40}$/);
  const url = 'http://api.test/x';

  test.each<[string, (secret: string) => object]>([
    ['Authorization', (secret) => ({ headers: { Authorization: secret } })],
    ['a bearer token', (secret) => ({ headers: { Authorization: `Bearer ${secret}` } })],
    ['Cookie', (secret) => ({ headers: { Cookie: secret } })],
    ['Proxy-Authorization', (secret) => ({ headers: { 'Proxy-Authorization': secret } })],
    ['an API key field', (secret) => ({ headers: { 'X-API-Key': secret } })],
    ['auth', (secret) => ({ auth: { username: secret, password: secret } })],
    [
      'user-info',
      (secret) => ({ url: `http://${encodeURIComponent(secret)}:${encodeURIComponent(secret)}@api.test/x` }),
    ],
    ['a redacted parameter', (secret) => ({ params: { access_token: secret } })],
    ['a redacted parameter in the URL', (secret) => ({ url: `${url}?a=1&token=${encodeURIComponent(secret)}` })],
    ['a text body', (secret) => ({ data: secret })],
    [
      'a JSON body',
      (secret) => ({ data: JSON.stringify({ secret }), headers: { 'Content-Type': 'application/json' } }),
    ],
    ['the key of a client certificate', (secret) => ({ httpsAgent: { options: { key: secret } } })],
  ])('%s', async (_name, config) => {
    await fc.assert(
      fc.asyncProperty(credential, fc.constantFrom('get', 'head', 'post'), async (secret, method) => {
        const given: Given = { policy: { includeHeaders: true } };
        const {
          key,
          keyOfGet,
          head: { url: shown, headers },
          resource,
        } = await described({ url, method, ...config(secret) }, given);
        const all = [key, keyOfGet, shown, resource, ...Object.values(headers).flat()].join('\n');
        for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) expect(all).not.toContain(form);
      }),
    );
  });
});
