/**
 * This file makes of bytes what the http adapter does: Buffers, streams of Node, and text in any encoding of Buffer.
 */
import type { AxiosAdapter } from 'axios';
import { AxiosError } from '../native/library.js';
import type { AskedData, Reader } from './reader.js';
import type { Dialect } from '../native/dialect.js';
import { copyOf } from '../../entries/body.js';
import { tagOf } from '../../support/plain-object.js';
import { nodeStream } from '../../support/platform.js';

/** These are the types of data that the fetch adapter gives, of whichever realm they are. */
const OF_FETCH = /Buffer|Blob|ReadableStream/;

/** It holds which of axios' adapters an adapter that is not axios' own gives bytes and streams like. */
const seen = new WeakMap<AxiosAdapter, Dialect>();

/** Learns from what an adapter that is not axios' own has given of which types its bytes are. */
export function noteLikeness(adapter: AxiosAdapter, data: unknown): void {
  if (typeof data !== 'object') return;
  // Of an answer without a body fetch gives no stream.
  if (data === null || OF_FETCH.test(tagOf(data))) seen.set(adapter, 'fetch');
  else if (ArrayBuffer.isView(data) || 'pipe' in data) seen.set(adapter, 'http');
}

/** Returns axios' default adapter here for an adapter of which nothing is known: most often it wraps that one. */
export const likenessOf = (adapter: AxiosAdapter | undefined): Dialect =>
  (adapter && seen.get(adapter)) ?? (globalThis.Buffer === undefined ? 'fetch' : 'http');

/** These make what the http adapter gives for each type it knows; for all others it gives text. */
export const HTTP_READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['arraybuffer', (bytes) => bufferOver(copyOf(bytes))],
  ['stream', nodeReadable],
]);

const bufferOver = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  globalThis.Buffer.from(buffer, byteOffset, byteLength);

/** Decodes text. The adapter removes a byte order mark only where the encoding is unset or spelt exactly `'utf8'`. */
export function httpText(bytes: Uint8Array, _contentType: string | undefined, { responseEncoding }: AskedData): string {
  const text = bufferOver(bytes).toString(responseEncoding as BufferEncoding | undefined);
  const stripped = responseEncoding === undefined || responseEncoding === 'utf8';
  return stripped && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Makes a stream that fails as soon as it is read. */
export function failingStream(error: Error): unknown {
  const { Readable } = nodeStream() ?? {};
  return Readable && new Readable({ read() { this.destroy(error); } });
}

function nodeReadable(bytes: Uint8Array): unknown {
  const { Readable } = nodeStream() ?? {};
  if (Readable === undefined) throw new AxiosError('There is no node:stream here', AxiosError.ERR_NOT_SUPPORT);
  return Readable.from([bufferOver(copyOf(bytes))], { objectMode: false });
}
