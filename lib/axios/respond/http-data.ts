/** What the http adapter makes of bytes: Buffers, streams of Node, and text in any encoding of Buffer. */
import { AxiosError } from 'axios';
import type { DataRequest, Reader } from './reader.js';
import type { Dialect } from '../native/dialect.js';
import { copyOf } from '../../entries/body.js';
import { nodeStream } from '../../support/platform.js';

/** That of the default adapter, which is what an adapter that is not axios' own most often wraps. */
export const defaultDialect = (): Dialect => (globalThis.Buffer === undefined ? 'fetch' : 'http');

/** What it gives for each type it knows; for all others it gives text. */
export const HTTP_READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['arraybuffer', (bytes) => bufferOver(copyOf(bytes))],
  ['stream', nodeReadable],
]);

const bufferOver = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  globalThis.Buffer.from(buffer, byteOffset, byteLength);

/** The byte order mark goes where the encoding is unset or `'utf8'`, and stays for every other name of it. */
export function httpText(bytes: Uint8Array, { responseEncoding }: DataRequest): string {
  const text = bufferOver(bytes).toString(responseEncoding as BufferEncoding | undefined);
  const stripped = responseEncoding === undefined || responseEncoding === 'utf8';
  return stripped && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function nodeReadable(bytes: Uint8Array): unknown {
  const { Readable } = nodeStream() ?? {};
  if (Readable === undefined) throw new AxiosError('There is no node:stream here', AxiosError.ERR_NOT_SUPPORT);
  return Readable.from([bufferOver(copyOf(bytes))], { objectMode: false });
}
