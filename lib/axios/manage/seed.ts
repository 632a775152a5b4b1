/** This file stores an answer that was never fetched, for `instance.cache.set`. */
import type { AxiosRequestConfig } from 'axios';
import { headerFields } from '../native/headers.js';
import { bypassReason } from '../request/locate.js';
import { locateManaged, type Place } from './managed-requests.js';
import { CacheError } from '../../api/errors.js';
import type { SeedResponse } from '../../api/manager.js';
import type { Answer } from '../../engine/exchange/answer.js';
import { copyOf } from '../../entries/body.js';
import { noFields } from '../../rfc9111/fields.js';
import { bytesOf } from '../../support/exact-bytes.js';
import { isPlainObject } from '../../support/plain-object.js';
import { isUnawaited } from '../../support/user-promise.js';
import { encoder } from '../../support/utf8.js';

/** Stores it as the answer to `instance.get(url, config)`; gives false where such an answer may not be stored. */
export async function seed(
  place: Place,
  url: string,
  given: SeedResponse,
  config?: AxiosRequestConfig,
): Promise<boolean> {
  const { session } = place;
  const answer = answerOf(given, session.options.now());
  const { config: asked, target, locator, request } = await locateManaged(place, url, config);
  const refusal = bypassReason(asked, target.policy) ?? locator.refusalOf(request);
  return refusal === undefined && session.engine.seed(request, answer);
}

/** Makes the answer as an adapter would have got it. */
function answerOf(given: SeedResponse, now: number): Answer {
  if (!isPlainObject(given) || !Object.hasOwn(given, 'data')) {
    throw wrong('response', 'an object that has `data`, such as { data: { id: 1 } }');
  }
  const { data, status = 200, headers: named } = given;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw wrong('status', 'a status from 200 to 599');
  const { bytes, type } = bodyOf(data);
  const { headers, headerCase } = headerFields(named);
  const typed = type === undefined ? {} : { 'content-type': type };
  return {
    status,
    statusText: status === 200 ? 'OK' : '',
    headers: Object.assign(noFields(), typed, headers),
    headerCase,
    body: { kind: 'bytes', bytes },
    bodyBytes: bytes.byteLength,
    streaming: undefined,
    missing: undefined,
    fromAskedUrl: true,
    hidesVary: false,
    finalUrl: undefined,
    chain: undefined,
    seenRedirects: [],
    requestTime: now,
    responseTime: now,
    heedsValidateStatus: true,
    adapterResponse: undefined,
  };
}

/** Nothing that its owner may change is kept. */
function bodyOf(data: unknown): { readonly bytes: Uint8Array; readonly type: string | undefined } {
  const known = bytesOf(data);
  if (known !== undefined) return { bytes: copyOf(known), type: undefined };
  if (typeof data === 'string') return { bytes: encoder.encode(data), type: undefined };
  if (data === undefined) return { bytes: new Uint8Array(0), type: undefined };
  const text = isUnawaited(data) ? undefined : textOf(data);
  if (text === undefined) throw wrong('data', 'bytes, a text, or what JSON can express');
  return { bytes: encoder.encode(text), type: 'application/json' };
}

function textOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch {
    return undefined;
  }
}

const wrong = (option: string, allowed: string): CacheError =>
  new CacheError('ERR_CACHE_OPTION', `set(): ${option} must be ${allowed}.`, { option });
