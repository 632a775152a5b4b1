/** What can be told of `response.data`: its type and its content, comparable whoever gave it. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** Uses streams up. Plain data stands for itself. */
export async function showData(data: unknown): Promise<unknown> {
  if (typeof data !== 'object' || data === null) return data;
  if (data instanceof Readable) return { stream: 'node', bytes: await buffer(data) };
  if (data instanceof ReadableStream) return { stream: 'web', bytes: await buffer(data) };
  if (data instanceof Blob) return { blob: data.type, bytes: Buffer.from(await data.arrayBuffer()) };
  if (data instanceof FormData) return { form: [...data] };
  if (Buffer.isBuffer(data)) return { buffer: data.toString('latin1') };
  const isArrayBuffer = Object.prototype.toString.call(data) === '[object ArrayBuffer]';
  return isArrayBuffer ? { arrayBuffer: Buffer.from(data as ArrayBuffer).toString('latin1') } : { plain: data };
}
