/** This file reads an adapter's data into a body that can be kept. */
import type { ResponseType } from 'axios';
import { formOf, isServedBy } from '../request/response-form.js';
import { type Body, copyOfJson } from '../../entries/body.js';
import { bytesOf, isWellFormed } from '../../support/exact-bytes.js';
import { isPlainObject, tagOf } from '../../support/plain-object.js';

/**
 * Reads what an adapter gave. It returns `undefined` where the data cannot be kept (a stream, a Blob, a class instance,
 * data that is not JSON, text that is not Unicode, a view that no hit could be made into again). Bytes stay those of
 * `data`: who keeps them makes a copy, as most large bodies are not kept. JSON values are copied.
 */
export function parseBody(data: unknown): Body | undefined {
  if (data === undefined) return { kind: 'none' };
  if (typeof data === 'string') return isWellFormed(data) ? { kind: 'text', text: data } : undefined;
  if (isByteArray(data)) return { kind: 'bytes', bytes: bytesOf(data) as Uint8Array };
  return isJson(data, MAX_DEPTH) ? { kind: 'value', value: copyOfJson(data) } : undefined;
}

/** Tells an ArrayBuffer and a Uint8Array, which may be a Buffer, over memory that nobody else writes to. */
const isByteArray = (data: unknown): boolean =>
  tagOf(ArrayBuffer.isView(data) && tagOf(data) === 'Uint8Array' ? data.buffer : data) === 'ArrayBuffer';

/** Copies a typed array of any kind, a Buffer too, whose own method shares the bytes. */
const copyOfView = (view: ArrayBufferView): unknown => Uint8Array.prototype.slice.call(view as Uint8Array);

/** Copies data as what it is. It returns `undefined` for what nobody can copy, such as a stream. */
export function copyOfData(data: unknown): unknown {
  if (ArrayBuffer.isView(data) && tagOf(data) !== 'DataView') return copyOfView(data);
  if (typeof data !== 'object' || data === null) return data;
  if (isJson(data, MAX_DEPTH)) return copyOfJson(data);
  try {
    return globalThis.structuredClone(data);
  } catch {
    return undefined;
  }
}

/**
 * Reads what an adapter gave for `responseType`. It is kept only where such was asked for: for bytes an adapter that
 * has none may give base64, and one that gives bytes for text gives its caller what no stored text could.
 */
export function keptBody(data: unknown, responseType: ResponseType | undefined, method: string): Body | undefined {
  const body = parseBody(data);
  if (body === undefined || body.kind === 'none' || method === 'HEAD') return body;
  const isAsked =
    body.kind === 'bytes' ? formOf(responseType) === 'arraybuffer' : isServedBy(body.kind, responseType, undefined);
  return isAsked ? body : undefined;
}

/**
 * Data that is nested deeper is not kept, which also ends cycles; JSON.stringify overflows the stack not far beyond.
 */
const MAX_DEPTH = 1000;

/** Tells whether JSON.stringify and JSON.parse give back an equal value. */
function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  // JSON turns -0 into 0.
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || depth === 0) return false;
  // Array.from turns holes into `undefined`, which is not JSON.
  const areJson = (members: readonly unknown[]): boolean => members.every((member) => isJson(member, depth - 1));
  if (Array.isArray(value)) return isPlainList(value) && areJson(Array.from(value));
  return isPlainObject(value) && areJson(Object.values(value));
}

/** Tells a list of any realm that has no class of its own, nor members besides its items. */
const isPlainList = (value: readonly unknown[]): boolean =>
  Object.keys(value).length === value.length && protoOf(protoOf(protoOf(value))) === null;

const protoOf = (value: unknown): unknown => Object.getPrototypeOf(value);
