/** Objects that are bags of named values, told apart from what a class made. */

/** True for an object literal of any realm and for an object without prototype; false for a Map, a Date or a list. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
