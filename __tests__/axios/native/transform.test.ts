/** axios' own `transformResponse` told from all others: where it alone is at work, parsed data may stand for text. */
import axios, { type AxiosRequestConfig, type AxiosResponseTransformer, type InternalAxiosRequestConfig } from 'axios';
import otherAxios from 'axios-1.3';
import fc from 'fast-check';
import type * as transformModule from '../../../lib/axios/native/transform.js';
import { parsesJsonAlone } from '../../../lib/axios/native/transform.js';

const OWN = [axios.defaults.transformResponse ?? []].flat() as [AxiosResponseTransformer];
const configOf = (config: object): InternalAxiosRequestConfig => ({ transformResponse: OWN, ...config }) as never;
const identity: AxiosResponseTransformer = (data: unknown) => data;

/** What axios makes of an adapter's data. */
function transformed(config: InternalAxiosRequestConfig, given: unknown): unknown {
  const transforms = [config.transformResponse ?? []].flat();
  return transforms.reduce((data, transform) => transform.call(config, data, {} as never, 200) as unknown, given);
}

const maybe = <T>(...values: T[]) => fc.constantFrom<(T | undefined)[]>(undefined, ...values);
const settings = fc.record({
  responseType: maybe('', 'json', 'text', 'arraybuffer', 'JSON', null),
  responseEncoding: maybe('utf8', 'latin1'),
  parseReviver: maybe((name: string, value: unknown) => (name === 'a' ? 'revived' : value)),
  transitional: maybe<object | null>(
    null,
    {},
    { forcedJSONParsing: true },
    { forcedJSONParsing: false, silentJSONParsing: false },
  ),
  transformResponse: fc.constantFrom<AxiosRequestConfig['transformResponse'][]>(
    OWN, OWN, [...OWN], OWN[0], [identity], [...OWN, identity], [identity, ...OWN], [], undefined,
  ),
});

test('where it says so, axios makes of text what JSON.parse does, and of an object nothing else', () => {
  fc.assert(
    fc.property(settings, fc.jsonValue(), (given, value) => {
      const config = configOf(given);
      if (!parsesJsonAlone(config)) return;
      const text = JSON.stringify(value);
      if (text !== '""') expect(transformed(config, text)).toEqual(JSON.parse(text));
      const data = { a: value };
      expect(transformed(config, data)).toBe(data);
    }),
    { numRuns: 1000 },
  );
});

test.each<[boolean, object]>([
  [true, {}],
  [true, { responseType: 'json' }],
  [true, { responseType: '' }],
  [true, { responseType: 'json', transitional: { forcedJSONParsing: false } }],
  [true, { transitional: { forcedJSONParsing: true, silentJSONParsing: false } }],
  [true, { transformResponse: [...OWN] }],
  [false, { transitional: { forcedJSONParsing: false } }],
  [false, { transitional: {} }],
  [false, { responseType: 'text' }],
  [false, { responseType: 'arraybuffer' }],
  [false, { responseEncoding: 'latin1' }],
  [false, { parseReviver: () => 1 }],
  [false, { transformResponse: [] }],
  [false, { transformResponse: undefined }],
  [false, { transformResponse: identity }],
  [false, { transformResponse: [...OWN, identity] }],
  [false, { transformResponse: otherAxios.defaults.transformResponse }],
])('%s: %j (%#)', (expected, config) => {
  expect(parsesJsonAlone(configOf(config))).toBe(expected);
});

describe('a transform that stood in axios.defaults before the cache was loaded is not taken for that of axios', () => {
  /** All of these read the option, as code that was made from that of axios does. */
  const parsing =
    (parse: (text: string) => unknown): AxiosResponseTransformer =>
    function (this: InternalAxiosRequestConfig, data: unknown) {
      return typeof data === 'string' && this.transitional?.forcedJSONParsing === true ? parse(data) : data;
    };
  const reviving = (revive: (name: string, value: unknown) => unknown): AxiosResponseTransformer =>
    parsing((text) => JSON.parse(text, revive) as unknown);

  test.each<[string, NonNullable<AxiosRequestConfig['transformResponse']>]>([
    ['one that does not read the option', [(data: string) => JSON.parse(data) as unknown]],
    ['large numbers as BigInt', [parsing(() => ({ data: { too_large: 1n, at: '' }, List: [] }))]],
    ['dates as Date', [reviving((name, value) => (name === 'at' ? new Date(value as string) : value))]],
    ['an envelope taken off', [parsing((text) => (JSON.parse(text) as { data: unknown }).data)]],
    ['null as undefined', [reviving((_name, value) => value ?? undefined)]],
    ['one that needs the headers', [parsing(() => { throw new TypeError('no headers'); })]],
    ['one after that of axios', [...OWN, identity]],
    ['none', []],
    ['one that stands alone', OWN[0]],
  ])('%s', (_name, transformResponse) => {
    jest.isolateModules(() => {
      const fresh = jest.requireActual<{ default: typeof axios }>('axios').default;
      fresh.defaults.transformResponse = transformResponse;
      const own = jest.requireActual<typeof transformModule>('../../../lib/axios/native/transform.js');
      expect(own.parsesJsonAlone(configOf({ transformResponse }))).toBe(false);
      expect(own.parsesJsonAlone(configOf({ transformResponse: [transformResponse].flat() }))).toBe(false);
    });
  });

  test('that of axios is, and none is where there was none', () => {
    jest.isolateModules(() => {
      const fresh = jest.requireActual<{ default: typeof axios }>('axios').default;
      const own = jest.requireActual<typeof transformModule>('../../../lib/axios/native/transform.js');
      expect(own.parsesJsonAlone(configOf({ transformResponse: fresh.defaults.transformResponse }))).toBe(true);
      expect(own.parsesJsonAlone(configOf({}))).toBe(false);
    });
  });
});
