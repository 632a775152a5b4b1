/** What older copies of axios lack, each found by trying: a test whose expectation depends on it names it. */
import axios, { Axios, type AxiosError, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { cutShort, type Handler, startOrigin } from './origin.js';

type Probe = () => boolean | Promise<boolean>;

const getUri = (config: object): string => new Axios({}).getUri(config as AxiosRequestConfig);

/** Throws what axios throws where it refuses a URL. */
function refuses(url: string): boolean {
  try {
    getUri({ url });
    return false;
  } catch {
    return true;
  }
}

/** The body that such an origin answers with, or the error. */
async function ofOrigin(
  handler: Handler,
  config: AxiosRequestConfig,
  userInfo = '',
): Promise<string | Partial<AxiosError>> {
  const origin = await startOrigin(handler);
  const url = origin.url.replace('//', `//${userInfo}`);
  try {
    return await axios.request<string>({ url, ...config }).then(
      ({ data }) => data,
      (error: unknown) => error as AxiosError,
    );
  } finally {
    await origin.close();
  }
}

const authorized: Handler = ({ headers }) => ({ body: headers.authorization ?? 'none' });
const silent: Handler = () => new Promise(() => undefined);
const reviving = { parseReviver: () => 'revived' } as unknown as InternalAxiosRequestConfig;

const PROBES = {
  /** `allowAbsoluteUrls: false` puts the base before an absolute URL. */
  allowAbsoluteUrls: () =>
    getUri({ url: 'http://a.test', baseURL: 'http://b.test', allowAbsoluteUrls: false }) !== 'http://a.test',
  /** JSON is parsed with the request's `parseReviver`. */
  parseReviver: () => {
    const [parse] = [axios.defaults.transformResponse ?? []].flat();
    return parse?.call(reviving, '1', {} as never, 200) === 'revived';
  },
  /** The fetch adapter calls the `fetch` of `env`, where there is one. */
  fetchOfEnv: async () => {
    const env = { fetch: () => Promise.resolve(new Response('mine')) };
    return (await ofOrigin(authorized, { adapter: 'fetch', env } as object)) === 'mine';
  },
  /** Where strict parsing fails, the error has the text as its `response.data`. */
  rawTextOfBrokenJson: async () => {
    const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
    const error = await ofOrigin(() => ({ body: '{oops' }), strict);
    return typeof error !== 'string' && error.response?.data === '{oops';
  },
  /** `http:/path` is no URL. */
  refusesSchemeWithoutSlashes: () => refuses('http:/path'),
  /** A status below 400 that is not accepted has a code, as those above have. */
  codeOfEveryStatus: async () => {
    const error = await ofOrigin(authorized, { validateStatus: () => false });
    return typeof error !== 'string' && error.code !== undefined;
  },
  /** A timeout of the fetch adapter is told in the words of the http adapter. */
  fetchTimeoutInWords: async () => {
    const error = await ofOrigin(silent, { adapter: 'fetch', timeout: 1 });
    return typeof error !== 'string' && error.message === 'timeout of 1ms exceeded';
  },
  /** The fetch adapter knows `maxContentLength`. */
  fetchMaxContentLength: async () =>
    typeof (await ofOrigin(authorized, { adapter: 'fetch', maxContentLength: 1 })) !== 'string',
  /** The fetch adapter knows `maxBodyLength`. */
  fetchMaxBodyLength: async () => {
    const asked = { adapter: 'fetch', method: 'post', data: 'xx', maxBodyLength: 1 } as const;
    return typeof (await ofOrigin(authorized, asked)) !== 'string';
  },
  /** The error of an answer that breaks off has what came of it as its `response`. */
  responseOfBrokenAnswer: async () => {
    const error = await ofOrigin(cutShort('12', 1), { adapter: 'http', responseType: 'arraybuffer' });
    return typeof error !== 'string' && error.response !== undefined;
  },
  /** The fetch adapter makes Authorization of the user-info in a URL, which fetch itself refuses. */
  fetchUserInfo: async () => (await ofOrigin(authorized, { adapter: 'fetch' }, 'a:b@')) === `Basic ${btoa('a:b')}`,
  /** User-info in a URL is decoded before it becomes Authorization. */
  decodesUserInfo: async () => (await ofOrigin(authorized, { adapter: 'http' }, 'a:%40@')) === `Basic ${btoa('a:@')}`,
} satisfies Record<string, Probe>;

export type AxiosFeature = keyof typeof PROBES;
export const AXIOS_FEATURES = Object.keys(PROBES) as AxiosFeature[];

const found = new Map<AxiosFeature, Promise<boolean>>();

/** Whether the axios under test has it. */
export function axiosHas(feature: AxiosFeature): Promise<boolean> {
  const known = found.get(feature) ?? Promise.resolve().then<boolean>(PROBES[feature]);
  found.set(feature, known);
  return known;
}
