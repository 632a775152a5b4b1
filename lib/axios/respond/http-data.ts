/**
 * This file makes of bytes what the http adapter does: Buffers, streams of Node, and text in any encoding of Buffer.
 */
import { AxiosError } from '../native/library.js';
import type { AskedData, Reader } from './reader.js';
import type { Dialect } from '../native/dialect.js';
import { copyOf } from '../../entries/body.js';
import { nodeStream } from '../../support/platform.js';

/** Returns axios' default adapter here, since an adapter that is not axios' own most often wraps that one. */
export const defaultDialect = (): Dialect => (globalThis.Buffer === undefined ? 'fetch' : 'http');

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
