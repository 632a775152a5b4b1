/** All that a caller can see of how a request ended, as plain data by the names of its parts. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AxiosError, isCancel, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

export type Seen = ReadonlyMap<string, unknown>;

export async function seenOf(pending: Promise<AxiosResponse<unknown>>): Promise<Seen> {
  const seen = new Map<string, unknown>();
  const settled: unknown = await pending.catch((error: unknown) => error);
  const response = settled instanceof Error ? (settled as AxiosError).response : (settled as AxiosResponse | undefined);
  if (settled instanceof Error) await addError(seen, settled);
  seen.set('answered', response !== undefined);
  if (response !== undefined) await addResponse(seen, response);
  return seen;
}

async function addError(seen: Map<string, unknown>, error: Error): Promise<void> {
  const { code, status, request } = error as AxiosError;
  seen.set('error.name', error.name);
  seen.set('error.message', withoutPort(error.message));
  seen.set('error.isAxiosError', error instanceof AxiosError);
  seen.set('error.isCancel', isCancel(error));
  seen.set('error.code', code);
  seen.set('error.status', status);
  seen.set('error.request', request !== undefined && request !== null);
  const { config } = error as AxiosError;
  if (config !== undefined) addConfig(seen, 'error.config', config);
}

async function addResponse(seen: Map<string, unknown>, response: AxiosResponse<unknown>): Promise<void> {
  const { status, statusText, headers, data, config, request } = response;
  seen.set('status', status);
  seen.set('statusText', statusText);
  seen.set('headers', Object.prototype.toString.call(headers));
  for (const [name, value] of Object.entries(headers)) seen.set(`headers.${name}`, value);
  try {
    seen.set('data', await dataOf(data));
  } catch (error) {
    seen.set('data.error', (error as Error).message);
  }
  addConfig(seen, 'config', config);
  addRequest(seen, request as Readonly<Record<string, unknown>> | undefined);
}

async function dataOf(data: unknown): Promise<unknown> {
  // What a transform of the draws has put around it.
  if (typeof data === 'object' && data !== null && Object.keys(data).join() === 'given') {
    return { given: await dataOf((data as { given: unknown }).given) };
  }
  if (data instanceof Readable) return { stream: 'node', content: text(await buffer(data)) };
  if (data instanceof ReadableStream) return { stream: 'web', content: text(await buffer(data)) };
  if (data instanceof Blob) return { blob: data.type, content: text(await data.arrayBuffer()) };
  if (Buffer.isBuffer(data)) return { bytes: 'Buffer', content: text(data) };
  if (data instanceof ArrayBuffer) return { bytes: 'ArrayBuffer', content: text(data) };
  return data;
}

const text = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(new Uint8Array(bytes)).toString('latin1');

/** What axios alone has in its configs, whatever the cache adds. */
const NAMES = [
  'url', 'method', 'baseURL', 'data', 'params', 'responseType', 'responseEncoding', 'timeout', 'validateStatus',
  'maxContentLength', 'maxBodyLength', 'maxRedirects', 'auth', 'decompress', 'paramsSerializer', 'transformRequest',
  'transformResponse', 'transitional', 'withCredentials', 'adapter', 'signal', 'beforeRedirect',
] as const;

function addConfig(seen: Map<string, unknown>, name: string, config: InternalAxiosRequestConfig): void {
  for (const each of NAMES) seen.set(`${name}.${each}`, (config as unknown as Record<string, unknown>)[each]);
  const { headers } = config as Partial<InternalAxiosRequestConfig>;
  for (const [field, value] of Object.entries(headers ?? {})) seen.set(`${name}.headers.${field.toLowerCase()}`, value);
}

function addRequest(seen: Map<string, unknown>, request: Readonly<Record<string, unknown>> | undefined): void {
  seen.set('request', request !== undefined && request !== null);
  for (const name of ['path', 'method', 'host', 'protocol', 'url']) {
    const value = request?.[name];
    if (typeof value === 'string') seen.set(`request.${name}`, withoutPort(value));
  }
  const answer = request?.['res'] as Readonly<Record<string, unknown>> | undefined;
  for (const name of ['statusCode', 'statusMessage', 'responseUrl']) seen.set(`request.res.${name}`, answer?.[name]);
}

const withoutPort = (message: string): string => message.replace(/127\.0\.0\.1:\d+/g, 'origin');
