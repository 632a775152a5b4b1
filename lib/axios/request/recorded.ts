/** This file takes secrets out of the body of a request, for those who record requests. */
import { isPlainObject } from '../../support/plain-object.js';

/** Returns the body of a request as text; it is undefined where it is none. */
export function textOfBody(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  return Object.prototype.toString.call(data) === '[object URLSearchParams]' ? String(data) : undefined;
}

/** This stands for what must not be shown. */
const REDACTED = '***';

/**
 * Replaces the values of secret members in JSON, at every depth, and of secret fields in a form. The names are in lower
 * case, and compared in any. A text without them stays as it is.
 */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  const isSecret = (name: string): boolean => secrets.has(name.toLowerCase());
  const json = parsedJson(text);
  if (json === undefined) return /^[^\s={}<>]+=[^\s{}<>]*$/.test(text) ? redactForm(text, isSecret) : text;
  let isChanged = false;
  const redacted = JSON.stringify(json.value, (name, value: unknown) => {
    if (!isSecret(name) || value === null || value === REDACTED) return value;
    isChanged = true;
    return REDACTED;
  });
  return isChanged ? redacted : text;
}

function parsedJson(text: string): { readonly value: object } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) || Array.isArray(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

const redactForm = (text: string, isSecret: (name: string) => boolean): string =>
  text
    .split('&')
    .map((field) => {
      const [name = ''] = field.split('=');
      return isSecret(decoded(name)) ? `${name}=${REDACTED}` : field;
    })
    .join('&');

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
