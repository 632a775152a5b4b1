/** This file serves storages that hold recordings: it finds their requests, and keeps others from the network. */
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { AxiosHeaders } from '../native/library.js';
import type { LocatedRequest, RecordedRequest, Recording } from '../../api/storage.js';
import { methodOf } from '../native/config.js';
import { optionError } from '../native/errors.js';
import { locatorOf } from '../request/locate.js';
import { redactText, textOfBody } from '../request/recorded.js';
import { displayUrl } from '../request/target.js';
import { entryOfRecorded } from '../../engine/storing/store.js';
import type { CacheSession } from '../../session.js';

/** These fields of a recorded request are about one connection, or follow from the rest of the request. */
const OF_CONNECTION = /^(?::.*|host|connection|content-length|accept-encoding|transfer-encoding)$/i;

/** Finds a request in a session by what a file has of it; see `CacheStorage.bind`. */
export function locateRecorded(
  session: CacheSession,
  { method, url, headers = {}, body }: RecordedRequest,
): LocatedRequest | undefined {
  const digest = session.digest();
  if (digest === undefined || digest instanceof Promise) return undefined;
  const kept = Object.entries(headers).filter(([name]) => !OF_CONNECTION.test(name));
  const config: InternalAxiosRequestConfig = {
    url,
    method: method.toLowerCase(),
    headers: new AxiosHeaders(Object.fromEntries(kept)),
    data: body,
  };
  const request = locatorOf(session, digest).locate(config, 'http', undefined);
  if (request === undefined) return undefined;
  const { key, resource } = request;
  return { key, resource, entryOf: (response) => entryOfRecorded(request, response) };
}

/** Each inner adapter has one that asks the recording first, for each recording. */
const guarded = new WeakMap<Recording, WeakMap<AxiosAdapter, AxiosAdapter>>();

/** Puts in front of an inner adapter what refuses the requests that the recording does not let go to their server. */
export function withRefusals(session: CacheSession, inner: AxiosAdapter): AxiosAdapter {
  const { recording, redactedParams } = session.options;
  if (recording === undefined) return inner;
  const known = guarded.get(recording) ?? new WeakMap<AxiosAdapter, AxiosAdapter>();
  guarded.set(recording, known);
  const made = known.get(inner);
  if (made !== undefined) return made;
  const adapter: AxiosAdapter = async (config) => {
    const body = textOfBody(config.data);
    const refusal = await recording.refusal({
      method: methodOf(config),
      url: shownUrl(session, config),
      body: body === undefined ? undefined : redactText(body, redactedParams),
    });
    if (refusal !== undefined) throw optionError(refusal, config);
    return inner(config);
  };
  known.set(inner, adapter);
  return adapter;
}

function shownUrl(session: CacheSession, config: InternalAxiosRequestConfig): string {
  const digest = session.digest();
  if (digest === undefined || digest instanceof Promise) return displayUrl(config);
  return locatorOf(session, digest).targets.of(config)?.normalUrl.url ?? displayUrl(config);
}
