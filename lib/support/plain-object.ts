/** Kinds of objects, told without the class that made them, which may be of another realm, a polyfill or missing. */

/** True for an object literal of any realm and for an object without prototype; false for a Map, a Date or a list. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Gives what an object calls itself, such as `URLSearchParams`. */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Makes an object of the members of others, the later ones first, without what a prototype may have been given. */
export const ownOf = <T extends object>(...sources: readonly Partial<T>[]): T =>
  Object.assign(Object.create(null) as T, ...sources) as T;
