/** This file compares settings by what they say. */
import { isPlainObject } from './plain-object.js';

/** Settings nest less deeply. Beyond this, two objects are the same only if they are one, which also ends cycles. */
const MAX_DEPTH = 4;

/** Tells whether two settings are one object, or plain data that is equal. */
export function isSame(one: unknown, other: unknown, depth = 0): boolean {
  if (one === other || Object.is(one, other)) return true;
  if (depth > MAX_DEPTH || !isData(one) || !isData(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name], depth + 1));
}

const isData = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isPlainObject(value) || Array.isArray(value);
