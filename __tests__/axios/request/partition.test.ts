/** Whose answer an entry is: by credentials, by name, or everybody's; and fields that show no credential. */
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import axios, { AxiosHeaders } from 'axios';
import type { Dialect } from '../../../lib/axios/native/dialect.js';
import {
  describePartition,
  type FieldSnapshot,
  headerSnapshot,
  type PartitionRules,
} from '../../../lib/axios/request/partition.js';
import type { Partition } from '../../../lib/axios/request/identified.js';
import { CacheError } from '../../../lib/api/errors.js';
import { credentialTest } from '../../../lib/options/credentials.js';
import type { HeaderFields } from '../../../lib/rfc9111/model.js';
import { axiosHas } from '../../support/axios-features.js';
import { configOf, digest } from '../../support/describe-request.js';
import type { Digest } from '../../../lib/support/digest.js';

const isCredential = credentialTest([]);

const whole = (config: object, userInfo?: string): FieldSnapshot =>
  headerSnapshot(configOf(config), userInfo, isCredential, digest);

const snapshot = (config: object, userInfo?: string): HeaderFields => whole(config, userInfo).fields;

interface Rules extends PartitionRules {
  readonly requestPartition: string | false;
  readonly digest: Digest;
  readonly dialect: Dialect | undefined;
}

function partition(config: object, rules: Partial<Rules> = {}, userInfo?: string): Partition {
  const { requestPartition, digest: own = digest, dialect = 'http', ...rest } = rules;
  const session: PartitionRules = { partition: 'credentials', isCredential, shared: false, ...rest };
  return describePartition(configOf(config), whole(config, userInfo), requestPartition, session, own, dialect);
}

describe('the snapshot of the fields', () => {
  test('has lower-case names, text and lists, and no inherited members', () => {
    const headers = { 'X-Text': 'a', 'x-list': ['a', 'b'], 'X-Number': 5, 'X-Empty': '' };
    const fields = snapshot({ headers });
    expect(fields).toEqual({ 'x-text': 'a', 'x-list': ['a', 'b'], 'x-number': '5', 'x-empty': '' });
    expect(['constructor', 'toString', '__proto__'].filter((name) => name in fields)).toEqual([]);
  });

  test('leaves out what axios does not send', () => {
    const headers = new AxiosHeaders({ Accept: 'text/plain' }).set({ A: false, B: null, C: undefined } as never);
    const { fields } = headerSnapshot({ ...configOf({}), headers } as never, undefined, isCredential, digest);
    expect(fields).toEqual({ accept: 'text/plain' });
  });

  test.each(['Authorization', 'cookie', 'Proxy-Authorization', 'X-API-Key'])('shows a digest of %s', (name) => {
    const fields = snapshot({ headers: { [name]: 'SECRET-VALUE' } });
    expect(fields).toEqual({ [name.toLowerCase()]: digest.text('SECRET-VALUE') });
  });

  test('changes neither the config nor its headers', () => {
    const config = configOf({ headers: { Authorization: 'SECRET' }, auth: { username: 'u', password: 'p' } });
    headerSnapshot(config, 'a:b', isCredential, digest);
    expect(config.headers.get('authorization')).toBe('SECRET');
  });
});

describe('Authorization as it is really sent', () => {
  const server = createServer((request, response) => {
    response.end(request.headers.authorization ?? 'none');
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const auth = { username: 'ann', password: 'päss:1' };
  const headers = { Authorization: 'Bearer token' };
  describe.each(['http', 'fetch'] as const)('by the %s adapter', (adapter) => {
    test.each<[string, object, string | undefined]>([
      ['nothing', {}, undefined],
      ['a field', { headers }, undefined],
      ['auth', { auth }, undefined],
      ['auth and a field', { auth, headers }, undefined],
      ['empty auth', { auth: {} }, undefined],
      ['user-info', {}, 'bob:p@ss'],
      ['user-info and a field', { headers }, 'bob:p@ss'],
      ['user-info and auth', { auth }, 'bob:p@ss'],
      ['user-info, auth and a field', { auth, headers }, 'bob:p@ss'],
      ['a name alone', {}, 'bob:'],
      ['user-info without escapes', {}, 'bob:pass'],
    ])('%s', async (_name, config, userInfo) => {
      const [user, password] = (userInfo ?? '').split(':').map(encodeURIComponent);
      const authority = userInfo === undefined ? '' : `${user}:${password}@`;
      const request = axios.get<string>(`http://${authority}127.0.0.1:${port}/`, { ...config, adapter });
      if (adapter === 'fetch' && userInfo !== undefined && !(await axiosHas('fetchUserInfo'))) {
        await expect(request).rejects.toThrow('includes credentials');
        return;
      }
      const sent = (await request).data;
      // Older copies send it with its escapes; the key has it without, whatever the copy.
      const isRaw = authority.includes('%') && !('auth' in config) && !(await axiosHas('decodesUserInfo'));
      if (isRaw) expect(sent).toBe(`Basic ${btoa(`${user}:${password}`)}`);
      const shown = isRaw ? `Basic ${btoa(userInfo ?? '')}` : sent;
      expect(snapshot(config, userInfo)['authorization']).toBe(shown === 'none' ? undefined : digest.text(shown));
    });
  });
});

describe('by credentials', () => {
  const bearer = (token: string): object => ({ headers: { Authorization: `Bearer ${token}` } });
  const jars = [{ name: 'one' }, { name: 'other' }];
  const certificate = (cert: unknown): object => ({ httpsAgent: new Agent({ cert } as never) });

  const USERS: readonly (readonly [string, () => object, string?])[] = [
    ['nobody', () => ({})],
    ['a token', () => bearer('a')],
    ['another token', () => bearer('b')],
    ['a cookie', () => ({ headers: { Cookie: 'Bearer a' } })],
    ['a cookie that looks like two', () => ({ headers: { Cookie: 'Bearer a;authorization=Bearer a' } })],
    ['a token and a cookie', () => ({ headers: { Authorization: 'Bearer a', Cookie: 'Bearer a' } })],
    ['an API key', () => ({ headers: { 'X-API-Key': 'Bearer a' } })],
    ['auth', () => ({ auth: { username: 'a', password: 'b:c' } })],
    ['other auth', () => ({ auth: { username: 'a', password: 'b' } })],
    ['user-info', () => ({}), 'x:y'],
    ['a jar', () => ({ jar: jars[0] })],
    ['another jar', () => ({ jar: jars[1] })],
    ['with credentials', () => ({ withCredentials: true })],
    ['a certificate', () => certificate('PEM 1')],
    ['another certificate', () => certificate('PEM 2')],
    ['a list of certificates', () => certificate(['PEM 1', 'PEM 2'])],
    ['a certificate under another name', () => ({ httpsAgent: new Agent({ pfx: 'PEM 1' }) })],
    ['a key in an object', () => ({ httpsAgent: new Agent({ key: [{ pem: 'PEM 1' }] }) })],
    ['a certificate for HTTP/2', () => ({ http2Options: { cert: 'PEM 3' } })],
  ];

  test('no two users share a partition, in no pair', () => {
    const texts = USERS.map(([, config, userInfo]) => partition(config(), {}, userInfo).text);
    expect(new Set(texts).size).toBe(USERS.length);
    for (const text of texts) expect(text).not.toMatch(/\n|Bearer|PEM/);
  });

  test.each(USERS.map(([name, ...user]) => [name, user] as const))(
    '%s: the same each time',
    (_name, [config, userInfo]) => {
      expect(partition(config(), {}, userInfo)).toEqual(partition(config(), {}, userInfo));
    },
  );

  test.each<[string, object, object]>([
    [
      'auth and its field',
      { auth: { username: 'a', password: 'b' } },
      { headers: { Authorization: `Basic ${btoa('a:b')}` } },
    ],
    ['text and bytes of a certificate', certificate('PEM'), certificate(Buffer.from('PEM'))],
    ['agents without certificate', { httpsAgent: new Agent({ keepAlive: true }) }, { httpsAgent: new Agent() }],
    ['switched-off agents', { httpsAgent: false, httpAgent: null }, {}],
    ['false credentials', { withCredentials: false, jar: null }, {}],
    ['other fields', { headers: { Accept: 'a', 'Proxy-Authorization': 'p' } }, { headers: { Accept: 'b' } }],
  ])('%s: one user', (_name, one, other) => {
    expect(partition(one)).toEqual(partition(other));
  });

  test('what cannot be read is told apart by identity, and says so', () => {
    const secureContext = {};
    expect(partition({ jar: jars[0] }).opaque).toBe(true);
    expect(partition({ httpsAgent: { options: { secureContext } } }).opaque).toBe(true);
    expect(partition({ httpsAgent: { options: { secureContext } } }).text).not.toBe(
      partition({ httpsAgent: { options: { secureContext: {} } } }).text,
    );
    expect(partition({ httpsAgent: new Agent({ cert: 'PEM' }), headers: { Cookie: 'a' } }).opaque).toBe(false);
  });

  test('a certificate that is exchanged in its agent is another', () => {
    const agent = new Agent({ cert: 'PEM 1' });
    const before = partition({ httpsAgent: agent });
    agent.options.cert = 'PEM 2';
    expect(partition({ httpsAgent: agent })).toEqual(partition(certificate('PEM 2')));
    expect(partition({ httpsAgent: agent })).not.toEqual(before);
  });

  test('one agent, two digests', () => {
    const config = certificate('PEM 1');
    const other = { ...digest, bytes: (value: Uint8Array) => `other ${digest.bytes(value)}` };
    expect(partition(config).text).not.toBe(partition(config, { digest: other }).text);
    expect(partition(config)).toEqual(partition(config));
  });

  test('a shared cache leaves Authorization to RFC 9111 section 3.5, and only that', () => {
    const shared = { shared: true };
    expect(partition(bearer('a'), shared)).toEqual(partition({}, shared));
    expect(partition({}, shared, 'user:info')).toEqual(partition({}, shared));
    expect(partition({ headers: { Cookie: 'a' } }, shared)).not.toEqual(partition({}, shared));
    expect(snapshot(bearer('a'))).toHaveProperty('authorization');
  });
});

describe('by name', () => {
  const user = { headers: { Authorization: 'Bearer a' }, jar: {} };

  test.each<[string, Partial<Rules>]>([
    ['the session', { partition: () => 'ann' }],
    ['the request', { requestPartition: 'ann' }],
    ['the request before the session', { partition: () => 'bob', requestPartition: 'ann' }],
  ])('said by %s', (_name, rules) => {
    expect(partition(user, rules)).toEqual(partition({}, { requestPartition: 'ann' }));
    expect(partition(user, rules)).not.toEqual(partition({}, { requestPartition: 'bob' }));
    expect(partition(user, rules).opaque).toBe(false);
  });

  test.each<[string, Partial<Rules>]>([
    ['the session', { partition: false }],
    ["the session's function", { partition: () => false }],
    ['the request', { partition: () => 'bob', requestPartition: false }],
  ])('everybody, said by %s', (_name, rules) => {
    expect(partition(user, rules)).toEqual(partition({}, { requestPartition: false }));
  });

  test('a name is neither nobody nor everybody, whatever it says', () => {
    const nobody = partition({}).text;
    const everybody = partition({}, { requestPartition: false }).text;
    for (const name of [nobody, everybody, '', 'false', 'credentials']) {
      expect([nobody, everybody]).not.toContain(partition({}, { requestPartition: name }).text);
    }
    expect(nobody).not.toBe(everybody);
  });

  test('the function gets the config', () => {
    const seen: unknown[] = [];
    const config = configOf({ url: '/x' });
    const named = (given: unknown): string => {
      seen.push(given);
      return 'a';
    };
    const rules = { isCredential, shared: false, partition: named };
    describePartition(config, whole({}), undefined, rules, digest, undefined);
    expect(seen).toEqual([config]);
    expect(seen[0]).toBe(config);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['undefined', () => undefined, /string or false, got undefined/],
    ['true', () => true, /string or false, got true/],
    ['a number', () => 7, /got 7/],
    ['an empty name', () => '', /got an empty one/],
    ['a promise', () => Promise.resolve('ann'), /got a promise/],
    [
      'an error',
      () => {
        throw new TypeError('no user');
      },
      /threw/,
    ],
  ])('a function that gives %s is an error of that option', (_name, bad, message) => {
    const call = (): unknown => partition({}, { partition: bad as () => string });
    expect(call).toThrow(CacheError);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION', option: 'partition' }) as Error);
  });

  test('the cause is kept', () => {
    const cause = new TypeError('no user');
    const call = (): unknown =>
      partition(
        {},
        {
          partition: () => {
            throw cause;
          },
        },
      );
    expect(call).toThrow(expect.objectContaining({ cause }) as Error);
  });
});
