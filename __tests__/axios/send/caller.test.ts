/** A caller's own signal, token and timeout: the errors that the adapters give, at once, and nothing left behind. */
import { getEventListeners } from 'node:events';
import axios, { AxiosError } from 'axios';
import { watchCaller, type CallerWatch } from '../../../lib/axios/send/caller.js';
import { axiosHas } from '../../support/axios-features.js';
import { configOf } from '../../support/describe-request.js';
import { startOrigin, type Gate, type Origin } from '../../support/origin.js';

const ADAPTERS = ['http', 'fetch'] as const;
type Adapter = (typeof ADAPTERS)[number];

const never = new Promise<never>(() => undefined);
const watching: CallerWatch[] = [];
function watch(settings: object, dialect: Adapter | 'xhr' | undefined = 'http'): CallerWatch {
  const watched = watchCaller(configOf(settings), dialect);
  if (watched === undefined) throw new TypeError('nothing to watch');
  watching.push(watched);
  return watched;
}
afterEach(() => {
  for (const watched of watching.splice(0)) watched.dispose();
  jest.useRealTimers();
});

const failure = async (promise: Promise<unknown>): Promise<AxiosError> => {
  const error: unknown = await promise.then(
    () => 'It did not fail',
    (reason: unknown) => reason,
  );
  if (error instanceof AxiosError) return error;
  throw new TypeError(String(error));
};
const told = (error: AxiosError): object => ({
  name: error.name,
  message: error.message,
  code: error.code,
  isCancel: axios.isCancel(error),
});

/** As the documentation of axios tells a request that was not answered from one that was never made. */
const toldWhole = (error: AxiosError): object => ({ ...told(error), wasSent: error.request !== undefined });

describe('watchCaller', () => {
  test.each([
    ['nothing set', {}],
    ['no timeout', { timeout: 0 }],
    ['all unset', { signal: undefined, cancelToken: null, timeout: undefined }],
  ])('watches nothing where nothing can end the waiting: %s', (_name, settings) => {
    expect(watchCaller(configOf(settings), 'http')).toBeUndefined();
  });

  test.each(['never', Number.NaN.toString(), -1, {}, Number.POSITIVE_INFINITY, 2 ** 31])(
    'a timeout of %p is left for the adapter to judge',
    (timeout) => {
      jest.useFakeTimers();
      const watched = watch({ timeout });
      expect(jest.getTimerCount()).toBe(0);
      expect(watched.failure).toBeUndefined();
    },
  );
});

describe('the errors, against the adapters themselves', () => {
  let origin: Origin;
  let gate: Gate;
  beforeAll(async () => {
    origin = await startOrigin({ '/': {} });
    gate = origin.hold('/');
  });
  afterAll(() => origin.close());

  /** What the adapter rejects with where the origin does not answer; axios itself has its say only after it. */
  async function theirs(adapter: Adapter, settings: object, giveUp: () => void): Promise<AxiosError> {
    const come = origin.count() + 1;
    const config = configOf({ url: origin.url, ...settings });
    const request = failure(axios.getAdapter(adapter, config)(config));
    await Promise.race([gate.arrived(come), request]);
    giveUp();
    return request;
  }

  const REASONS: readonly (readonly [string, unknown])[] = [
    ['no reason', undefined],
    ['an Error', new Error('user left')],
    ['a text', 'user left'],
    ['an AxiosError', new AxiosError('own error', 'ERR_OWN')],
  ];
  const rows = ADAPTERS.flatMap((adapter) => REASONS.map(([name, reason]) => ({ adapter, name, reason })));
  test.each(rows)('$adapter: a signal that aborts with $name', async ({ adapter, reason }) => {
    const [given, own] = [new AbortController(), new AbortController()];
    const expected = await theirs(adapter, { signal: given.signal }, () => given.abort(reason));
    const watched = watch({ signal: own.signal }, adapter);
    const error = failure(watched.race(never));
    own.abort(reason);
    expect(toldWhole(await error)).toEqual(toldWhole(expected));
    expect(watched.failure).toBe('cancelled');
  });

  test.each(ADAPTERS)('%s: a token that cancels, with its own reason', async (adapter) => {
    const [given, own] = [axios.CancelToken.source(), axios.CancelToken.source()];
    const expected = await theirs(adapter, { cancelToken: given.token }, () => given.cancel('user left'));
    const watched = watch({ cancelToken: own.token }, adapter);
    const error = failure(watched.race(never));
    own.cancel('user left');
    expect(toldWhole(await error)).toEqual(toldWhole(expected));
    expect(await error).toBe(own.token.reason);
    expect(watched.failure).toBe('cancelled');
  });

  const TIMEOUTS: readonly (readonly [string, object])[] = [
    ['a number', {}],
    ['a text', { timeout: '20' }],
    ['an own message', { timeoutErrorMessage: 'too slow' }],
    ['clarifyTimeoutError', { transitional: { clarifyTimeoutError: true } }],
  ];
  const timeouts = ADAPTERS.flatMap((adapter) => TIMEOUTS.map(([name, settings]) => ({ adapter, name, settings })));
  test.each(timeouts)('$adapter: a timeout, $name', async ({ adapter, settings }) => {
    const asked = { timeout: 20, ...settings };
    const expected = toldWhole(await theirs(adapter, asked, () => undefined));
    // Older copies tell it in other words; here they are those of the newer ones.
    const isReworded = adapter === 'fetch' && !(await axiosHas('fetchTimeoutInWords'));
    const message = isReworded ? { message: 'timeout of 20ms exceeded' } : {};
    jest.useFakeTimers();
    const watched = watch(asked, adapter);
    const error = failure(watched.race(never));
    jest.advanceTimersByTime(19);
    expect(watched.failure).toBeUndefined();
    jest.advanceTimersByTime(1);
    expect(toldWhole(await error)).toEqual({ ...expected, ...message });
    expect(watched.failure).toBe('timeout');
  });
});

describe('race', () => {
  test('settles as the promise does while the caller waits', async () => {
    const watched = watch({ signal: new AbortController().signal });
    const reason = new Error('origin');
    expect(await watched.race(Promise.resolve(1))).toBe(1);
    await expect(watched.race(Promise.reject(reason))).rejects.toBe(reason);
    expect(watched.failure).toBeUndefined();
  });

  test.each(['http', 'fetch', 'xhr', undefined] as const)("%s: rejects with the caller's config", async (dialect) => {
    const controller = new AbortController();
    const config = configOf({ signal: controller.signal });
    const watched = watchCaller(config, dialect);
    controller.abort();
    expect((await failure(watched?.race(never) ?? never)).config).toBe(config);
    watched?.dispose();
  });

  test('rejects at once where the caller had given up before it began to wait', async () => {
    const controller = new AbortController();
    const source = axios.CancelToken.source();
    controller.abort();
    source.cancel('before');
    for (const settings of [{ signal: controller.signal }, { cancelToken: source.token }]) {
      const watched = watch(settings);
      expect(watched.failure).toBe('cancelled');
      expect(axios.isCancel(await failure(watched.race(Promise.resolve('an answer'))))).toBe(true);
    }
  });

  test('the first to end the waiting gives the error', async () => {
    jest.useFakeTimers();
    const controller = new AbortController();
    const source = axios.CancelToken.source();
    const watched = watch({ signal: controller.signal, cancelToken: source.token, timeout: 10 });
    const error = failure(watched.race(never));
    jest.advanceTimersByTime(10);
    controller.abort();
    source.cancel('late');
    expect((await error).code).toBe('ECONNABORTED');
    expect(watched.failure).toBe('timeout');
  });

  test('a caller who goes to the origin itself keeps its signal, not its timer', async () => {
    jest.useFakeTimers();
    const controller = new AbortController();
    const watched = watch({ signal: controller.signal, timeout: 10 });
    const error = failure(watched.race(never));
    watched.stopTimer();
    jest.advanceTimersByTime(1000);
    expect(watched.failure).toBeUndefined();
    controller.abort();
    expect((await error).code).toBe('ERR_CANCELED');
  });
});

describe('what is left behind', () => {
  test('a thousand callers with one signal: one listener, each told, none left', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const callers = Array.from({ length: 1000 }, () => watch({ signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    const [leaving, ...staying] = callers;
    leaving?.dispose();
    leaving?.dispose();
    const errors = Promise.all(staying.map((caller) => failure(caller.race(never))));
    controller.abort();
    expect(new Set(await errors).size).toBe(999);
    expect(leaving?.failure).toBeUndefined();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('a caller that leaves takes its listeners and its timer along, one that comes later is heard again', () => {
    jest.useFakeTimers();
    const controller = new AbortController();
    const source = axios.CancelToken.source();
    const settings = { signal: controller.signal, cancelToken: source.token, timeout: 10 };
    const before = watch(settings);
    before.dispose();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(jest.getTimerCount()).toBe(0);
    expect((source.token as unknown as { _listeners: unknown[] })._listeners).toEqual([]);
    const after = watch(settings);
    before.dispose();
    controller.abort();
    expect([before.failure, after.failure]).toEqual([undefined, 'cancelled']);
  });

  test('a caller that fails leaves nothing either', () => {
    jest.useFakeTimers();
    const controller = new AbortController();
    watch({ signal: controller.signal, timeout: 10 });
    jest.advanceTimersByTime(10);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    watch({ signal: controller.signal, timeout: 10 });
    controller.abort();
    expect(jest.getTimerCount()).toBe(0);
  });
});
