/** This file says which kinds of kept body will do for a `responseType`. */
import type { ResponseType } from 'axios';
import type { Dialect } from '../native/dialect.js';
import type { BodyKind } from '../../entries/body.js';

/** Returns `'text'` for the types that are made of text, and other types as they are. */
export function formOf(responseType: ResponseType | undefined): string {
  const type = nameOf(responseType);
  return type === 'json' ? 'text' : type;
}

/** Without a type axios parses text that is JSON. */
const nameOf = (responseType: ResponseType | undefined): string => String(responseType || 'json').toLowerCase();

/**
 * Tells whether a body that is kept as `kind` can be made into what a caller asks for. axios' own adapters make each
 * type from bytes, while of another adapter (`dialect` is `undefined`) nobody knows how it makes a Blob. Bytes cannot
 * be made from text, nor text from a JSON value.
 */
export function isServedBy(
  kind: BodyKind,
  responseType: ResponseType | undefined,
  dialect: Dialect | undefined,
): boolean {
  switch (kind) {
    case 'none':
      return true;
    case 'bytes':
      return dialect !== undefined || ['text', 'arraybuffer'].includes(formOf(responseType));
    case 'text':
      return formOf(responseType) === 'text';
    case 'value':
      return nameOf(responseType) === 'json';
  }
}
