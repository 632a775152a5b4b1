/** This file knows the header fields by which a request names the method that its server will take instead. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import { fieldsOf } from '../native/headers.js';
import { isSafe } from '../../rfc9111/decide-invalidation.js';
import { fieldValue } from '../../rfc9111/fields.js';
import type { HeaderFields } from '../../rfc9111/model.js';

const FIELDS = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/** Returns the methods that the fields name, in upper case; `undefined` where there is no such field. */
export function overridingMethods(fields: HeaderFields): readonly string[] | undefined {
  const [one, two, three] = FIELDS;
  if (fields[one] === undefined && fields[two] === undefined && fields[three] === undefined) return undefined;
  return FIELDS.flatMap((name) => fieldValue(fields, name)?.toUpperCase().split(/\s*,\s*/) ?? []).filter(Boolean);
}

/**
 * Returns the method that the server will take, in upper case. Servers differ in which field they read: where the
 * fields name several methods, it is one that may change something, if there is such a one.
 */
export function effectiveMethodOf(config: Pick<InternalAxiosRequestConfig, 'method' | 'headers'>): string {
  const named = overridingMethods(fieldsOf(config.headers)) ?? [];
  return named.find((method) => !isSafe(method)) ?? named[0] ?? methodOf(config);
}
