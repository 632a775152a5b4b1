/** This file reads an adapter's data into a body that can be kept. */
import type { ResponseType } from 'axios';
import { formOf, isServedBy } from '../request/response-form.js';
import { type Body, copyOf, copyOfJson } from '../../entries/body.js';
import { bytesOf, isWellFormed } from '../../support/exact-bytes.js';
import { isPlainObject } from '../../support/plain-object.js';

/**
 * Reads what an adapter gave. It returns `undefined` where the data cannot be kept (a stream, a Blob, a class instance,
 * data that is not JSON, text that is not Unicode). Bytes stay those of `data`: who keeps them makes a copy, as most
 * large bodies are not kept. JSON values are copied.
 */
function bodyOver(data: unknown): Body | undefined {
  if (data === undefined) return { kind: 'none' };
  if (typeof data === 'string') return isWellFormed(data) ? { kind: 'text', text: data } : undefined;
  const bytes = bytesOf(data);
  if (bytes !== undefined) return { kind: 'bytes', bytes };
  return isJson(data, MAX_DEPTH) ? { kind: 'value', value: copyOfJson(data) } : undefined;
}

/** Copies what an adapter gave, as `bodyOver` reads it: later changes to `data` change nothing. */
export function parseBody(data: unknown): Body | undefined {
  const body = bodyOver(data);
  return body?.kind === 'bytes' ? { kind: 'bytes', bytes: copyOf(body.bytes) } : body;
}

/**
 * Reads what an adapter gave for `responseType`. It is kept only where such was asked for: for bytes an adapter that
 * has none may give base64, and one that gives bytes for text gives its caller what no stored text could.
 */
export function keptBody(data: unknown, responseType: ResponseType | undefined, method: string): Body | undefined {
  const body = bodyOver(data);
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
