/** Bodies of many kinds on an origin, and what can be told of the `response.data` that comes of them. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type CachedOrigin, startCached } from './cached-instance.js';
import type { Reply } from './origin.js';

/** The adapters of axios that Node has. */
export const ADAPTERS = ['http', 'fetch'] as const;

const FORM = '--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--limit--\r\n';
/** By path. */
export const BODIES: Readonly<Record<string, Reply>> = {
  '/json': { body: { list: [1, { deep: 'é' }], none: null } },
  '/broken-json': { headers: { 'Content-Type': 'application/json' }, body: '{oops' },
  '/text': { headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Mixed-Case': 'A' }, body: 'é\u2028text' },
  '/bom': { headers: { 'Content-Type': 'application/json' }, body: Buffer.from('\uFEFF{"ok":true}') },
  '/latin1': { headers: { 'Content-Type': 'text/plain; charset=latin1' }, body: Buffer.from('déjà', 'latin1') },
  '/bytes': { headers: { 'Content-Type': 'image/png' }, body: Uint8Array.from({ length: 256 }, (_, at) => at) },
  '/form': { headers: { 'Content-Type': 'multipart/form-data; boundary=limit' }, body: FORM },
  '/empty': { headers: { 'Content-Length': '0' }, body: '' },
  '/no-content': { status: 204 },
  '/gzip': {
    headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' },
    body: gzipSync('{"packed":true}'),
  },
};

/** An origin that has them all, before an instance that may store them all. */
export const startBodies = (): Promise<CachedOrigin> => startCached(BODIES, { allowedCodes: () => true });

/** Uses streams up. Bytes as text, which is quick to compare; plain data stands for itself. */
export async function showData(data: unknown): Promise<unknown> {
  if (data instanceof Readable) return { stream: 'node', content: latin1(await buffer(data)) };
  if (data instanceof ReadableStream) return { stream: 'web', content: latin1(await buffer(data)) };
  if (data instanceof Blob) return { blob: data.type, content: latin1(await data.arrayBuffer()) };
  if (data instanceof FormData) return { form: [...data] };
  if (Buffer.isBuffer(data)) return { bytes: 'Buffer', content: latin1(data) };
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    ? { bytes: 'ArrayBuffer', content: latin1(data as ArrayBuffer) }
    : data;
}

const latin1 = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(new Uint8Array(bytes)).toString('latin1');
