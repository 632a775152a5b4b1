import { type Body, copyOf, copyOfJson } from '../../entries/body.js';

/**
 * What an adapter gave when it was asked for an `arraybuffer`, as an own copy: later changes to `data` change nothing.
 * `undefined`: it cannot be kept (a stream, a Blob, a class instance, data that is not JSON, text that is not Unicode).
 */
export function parseBody(data: unknown): Body | undefined {
  if (data === undefined) return { kind: 'none' };
  if (typeof data === 'string') return LONE_SURROGATE.test(data) ? undefined : { kind: 'text', text: data };
  if (isArrayBuffer(data)) return { kind: 'bytes', bytes: copyOf(new Uint8Array(data)) };
  if (ArrayBuffer.isView(data)) return { kind: 'bytes', bytes: copyOf(data) };
  return isJson(data, MAX_DEPTH) ? { kind: 'value', value: copyOfJson(data) } : undefined;
}

/** UTF-8 has no bytes for a surrogate without its other half. */
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Deeper data is not kept, which also ends cycles; JSON.stringify overflows the stack not far beyond. */
const MAX_DEPTH = 1000;

/** Also one of another realm. */
const isArrayBuffer = (data: unknown): data is ArrayBuffer =>
  Object.prototype.toString.call(data) === '[object ArrayBuffer]';

/** True where JSON.stringify and JSON.parse give back an equal value. */
function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  // -0 comes back as 0.
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || depth === 0) return false;
  // Array.from gives holes as `undefined`, which is not JSON.
  if (Array.isArray(value)) return Array.from(value).every((item) => isJson(item, depth - 1));
  return isPlain(value) && Object.values(value).every((item) => isJson(item, depth - 1));
}

/** An object literal, also one of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
