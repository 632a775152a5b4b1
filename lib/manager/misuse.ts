/** Errors for calls of `instance.cache` that cannot be meant as they are made. */
import { CacheError } from '../api/errors.js';
import { isPlainObject } from '../support/plain-object.js';

/** Makes the error; `problem` goes on after the name of the call, and `option` is what is at fault. */
export const misused = (call: string, problem: string, option = call): CacheError =>
  new CacheError('ERR_CACHE_OPTION', `${call} ${problem}.`, { option });

/** @throws CacheError where `options` is no object, or has another name than `names`. */
export function assertOptions(
  call: string,
  options: unknown,
  names: readonly string[],
  example: string,
): asserts options is Readonly<Record<string, unknown>> {
  if (!isPlainObject(options)) throw misused(call, `takes options such as ${example}`, 'options');
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw misused(call, `has no option ${unknown}. There are ${names.join(', ')}`, unknown);
}
