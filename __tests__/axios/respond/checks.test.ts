/** How requests end: as with axios' own adapters, and with errors that are each caller's own. */
import axios, {
  AxiosHeaders,
  AxiosError,
  CanceledError,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { adoptError, cloneError, optionError } from '../../../lib/axios/native/errors.js';
import { checkMaxContentLength, checkStatus } from '../../../lib/axios/respond/checks.js';
import { parseBody } from '../../../lib/axios/send/parse-body.js';
import type { Body } from '../../../lib/entries/body.js';
import { CacheError, isCacheError } from '../../../lib/api/errors.js';
import { axiosHas } from '../../support/axios-features.js';
import { configOf } from '../../support/describe-request.js';
import { cutShort, startOrigin, type Origin } from '../../support/origin.js';

const errorOf = async (run: () => unknown): Promise<AxiosError> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof AxiosError) return error;
    throw error;
  }
  throw new TypeError('It did not fail');
};

/** Whose error or response it is, and what it says. */
const told = ({ name, message, code, status, response }: AxiosError): object => ({
  name,
  message,
  code,
  status,
  data: response?.data,
});

const ADAPTERS = ['http', 'fetch'] as const;
const STATUSES = [200, 204, 302, 304, 400, 404, 418, 499, 500, 503];
const LIMITS = [-1, 0, 4, 5].map((maxContentLength) => ({ maxContentLength }));
let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin({
    '/bytes': { body: '12345' },
    '/cut': cutShort('12345', 2),
    ...Object.fromEntries(STATUSES.map((status) => [`/${status}`, { status }])),
  });
});
afterAll(() => origin.close());

describe('checkStatus, against the adapters themselves', () => {
  const VALIDATORS: readonly (readonly [string, InternalAxiosRequestConfig['validateStatus']])[] = [
    ['the default', axios.defaults.validateStatus],
    ['one that accepts 404', (status) => status === 404],
    ['one that accepts nothing', () => false],
    ['none', null],
    ['undefined', undefined],
  ];
  const rows = ADAPTERS.flatMap((adapter) =>
    VALIDATORS.map(([name, validateStatus]) => ({ adapter, name, validateStatus })),
  );
  test.each(rows)('$adapter, validateStatus: $name', async ({ adapter, validateStatus }) => {
    for (const status of STATUSES) {
      const request = { adapter, maxRedirects: 0, url: `${origin.url}/${status}` };
      const plain = await axios.request({ ...request, validateStatus: null });
      // Not merged with the defaults, which would fill in for undefined.
      const config = configOf({ ...plain.config, validateStatus });
      const theirs = await axios.getAdapter(adapter, config)(config).then(
        () => 'accepted',
        (error: AxiosError) => ({ ...told(error), data: undefined }),
      );
      const response: AxiosResponse = { ...plain, data: undefined, config };
      if (theirs === 'accepted') {
        expect(checkStatus(response, config)).toBe(response);
        continue;
      }
      const ours = await errorOf(() => checkStatus(response, config));
      // Older copies leave the code out below 400; here it is there whatever the copy.
      const code = (await axiosHas('codeOfEveryStatus')) || status >= 400 ? {} : { code: 'ERR_BAD_RESPONSE' };
      expect(told(ours)).toEqual({ ...(theirs as object), ...code });
      expect(ours.config).toBe(config);
      expect(ours.request).toBe(response.request);
      expect(ours.response).toBe(response);
    }
  });
});

describe('checkMaxContentLength', () => {
  test.each(ADAPTERS)('fails as the %s adapter does, at the same length', async (adapter) => {
    for (const limit of [...LIMITS, {}]) {
      const settings = { adapter, ...limit, url: `${origin.url}/bytes` };
      const body = parseBody(Buffer.from('12345'));
      if (body === undefined) throw new TypeError('not kept');
      const config = configOf(settings);
      const ours = (): void => {
        const excess = checkMaxContentLength(body, config, adapter);
        if (excess?.isAtOnce === true) throw excess.error;
      };
      const theirs = await axios.request(settings).then(() => 'accepted', told);
      if (theirs === 'accepted') {
        expect(ours).not.toThrow();
        continue;
      }
      const error = await errorOf(ours);
      expect(told(error)).toEqual(theirs);
      expect(error.config).toBe(config);
    }
    // Two that are exceeded, three that are not.
    const isLimited = adapter === 'http' || (await axiosHas('fetchMaxContentLength'));
    expect.assertions(isLimited ? 2 * 2 + 3 : 5);
  });

  test.each<Body>([{ kind: 'text', text: 'long' }, { kind: 'value', value: 'long' }, { kind: 'none' }])(
    'counts bytes only, for adapters that give anything else know no such limit: $kind',
    (body) => {
      expect(checkMaxContentLength(body, configOf({ maxContentLength: 1 }), undefined)).toBeUndefined();
    },
  );
});

describe('adoptError', () => {
  test("makes an AxiosError the caller's, its response too", () => {
    const config = configOf({ url: '/mine' });
    const theirs = configOf({ url: '/theirs' });
    const response = { data: '', status: 500, statusText: '', headers: {}, config: theirs };
    const error = new AxiosError('failed', 'ERR_NETWORK', theirs, undefined, response);
    expect(adoptError(error, config)).toBe(error);
    expect(error.config).toBe(config);
    expect(error.response?.config).toBe(config);
  });

  test('leaves anything else alone', () => {
    const config = configOf({});
    for (const other of [new Error('other'), 'text', undefined, null, Object.freeze({ code: 'x' })]) {
      expect(adoptError(other, config)).toBe(other);
    }
  });
});

describe('cloneError', () => {
  const config = configOf({ url: '/second' });

  test.each([
    ['that is refused', '/404'],
    ['that broke off', '/cut'],
  ])('gives each caller of a request %s its own error and response', async (_name, path) => {
    const url = origin.url + path;
    const error = await errorOf(() => axios.get(url, { adapter: 'http', responseType: 'arraybuffer' }));
    const first = { config: error.config, response: error.response };
    const clone = cloneError(error, config);
    expect(clone).not.toBe(error);
    expect(clone).toBeInstanceOf(AxiosError);
    expect(told(clone)).toEqual(told(error));
    expect(clone.config).toBe(config);
    expect(clone.request).toEqual({});
    expect(clone.response?.request ?? {}).toEqual({});
    if (path === '/cut' && !(await axiosHas('responseOfBrokenAnswer'))) {
      expect(clone.response).toBeUndefined();
      return;
    }
    expect(clone.response).not.toBe(error.response);
    expect(clone.response?.config).toBe(config);
    expect(clone.response?.headers).toBeInstanceOf(AxiosHeaders);
    expect({ ...clone.response?.headers }).toEqual({ ...error.response?.headers });
    expect(clone.response?.headers).not.toBe(error.response?.headers);
    expect({ config: error.config, response: error.response }).toEqual(first);
    expect(error.response?.config).toBe(first.config);
  });

  test('keeps cause, stack and the texts that were put on the error, and nothing that leads to the request', () => {
    const cause = Object.assign(new TypeError('socket'), { syscall: 'read', socket: { secret: true } });
    const error = Object.assign(AxiosError.from(cause, 'ECONNRESET'), { retries: 3, sent: { secret: true } });
    const clone = cloneError(error, config);
    expect(clone.cause).toBeInstanceOf(TypeError);
    expect(clone.cause).toMatchObject({ message: 'socket', syscall: 'read' });
    expect(clone.cause).not.toHaveProperty('socket');
    expect(clone).not.toHaveProperty('sent');
    // Older copies of axios list it.
    expect(Object.keys(clone).includes('cause')).toBe(Object.keys(error).includes('cause'));
    expect(clone.stack).toBe(error.stack);
    expect(clone.name).toBe('TypeError');
    expect(clone.code).toBe('ECONNRESET');
    expect(clone.retries).toBe(3);
    expect(clone.response).toBeUndefined();
    expect(clone.toJSON()).toMatchObject({ message: 'socket', code: 'ECONNRESET' });
  });

  test('keeps a stack that the engine gives by a function, as that of Node 22 does', () => {
    const error = Object.defineProperty(new Error('lost'), 'stack', { get: () => 'Error: lost\n    at origin.js:1:1' });
    const clone = cloneError(error, config);
    expect(clone.stack).toBe('Error: lost\n    at origin.js:1:1');
    expect(Object.keys(clone)).not.toContain('stack');
  });

  test('a cancellation stays one', () => {
    const clone = cloneError(new CanceledError('enough'), config);
    expect(axios.isCancel(clone)).toBe(true);
    expect(clone).toBeInstanceOf(CanceledError);
    expect(clone).toMatchObject({ message: 'enough', code: 'ERR_CANCELED', config });
  });

  test('anything else is handed on as it is', () => {
    for (const other of ['text', undefined, { isAxiosError: true }]) expect(cloneError(other, config)).toBe(other);
  });

  test('another error keeps its class and its texts', () => {
    const error = Object.assign(new TypeError('fetch failed'), { code: 'E', config, request: { secret: true } });
    const clone = cloneError(error, config);
    expect(clone).not.toBe(error);
    expect(clone).toBeInstanceOf(TypeError);
    expect(clone).toMatchObject({ message: 'fetch failed', code: 'E', stack: error.stack });
    expect(clone).not.toHaveProperty('config');
    expect(clone).not.toHaveProperty('request');
  });
});

test('optionError: an AxiosError of the same code with the CacheError as its cause', () => {
  const config = configOf({ url: '/x' });
  const cause = new CacheError('ERR_CACHE_OPTION', 'cache.expireAfter: no lifetime', { option: 'cache.expireAfter' });
  const error = optionError(cause, config);
  expect(axios.isAxiosError(error)).toBe(true);
  expect(isCacheError(error)).toBe(true);
  expect(error).toMatchObject({ name: 'AxiosError', code: 'ERR_CACHE_OPTION', message: cause.message, config });
  expect(error.cause).toBe(cause);
  expect(Object.keys(error)).not.toContain('cause');
});
