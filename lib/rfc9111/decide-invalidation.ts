/** Which URLs a request makes stale (RFC 9111 section 4.4). */
import { fieldValue } from './fields.js';
import type { RequestHead, ResponseHead } from './model.js';

/** RFC 9110 section 9.2.1, and QUERY. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE']);

/**
 * Absolute URLs to invalidate: the target of an unsafe request, and what Location and Content-Location name on the same
 * origin, and where redirects led to (`finalUrl`); nothing after an error answer. `unknown`: no answer came, so that the request may have had its effect.
 */
export function decideInvalidation(
  request: RequestHead,
  response: ResponseHead | 'unknown',
  finalUrl?: string,
): readonly string[] {
  if (response === 'unknown') return SAFE_METHODS.has(request.method) ? [] : [request.url];
  if (!isSuccessfulChange(request, response)) return [];
  const named = ['location', 'content-location'].map((name) => fieldValue(response.headers, name));
  const urls = [...named, finalUrl].map((reference) => (reference === undefined ? undefined : onSameOrigin(reference, request.url)));
  return [...new Set([request.url, ...urls.filter((url) => url !== undefined)])];
}

/** Whether the request was unsafe, and the answer is no error. */
export const isSuccessfulChange = ({ method }: RequestHead, { status }: ResponseHead): boolean =>
  !SAFE_METHODS.has(method) && status >= 200 && status <= 399;

/** Another origin's entries are not for this one to invalidate. */
function onSameOrigin(reference: string, target: string): string | undefined {
  try {
    const base = new URL(target);
    const url = new URL(reference, base);
    url.hash = '';
    return url.origin === base.origin ? url.href : undefined;
  } catch {
    return undefined;
  }
}
