/** Tells OpenTelemetry of the requests that go through a cache. It needs the package `@opentelemetry/api`. */
import type { AxiosInstance } from 'axios';
import { type Attributes, context, type Meter, metrics, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { CacheError } from '../api/errors.js';
import { sessionOf } from '../axios/install.js';
import type { TracedRequest, Tracer } from '../session.js';
import type { MaybePromise } from '../support/maybe-promise.js';

const SCOPE = 'axios-client-cache';

/**
 * Makes a span for each request of an instance that has a cache, and counts its requests. The span is a child of the
 * one that is active: without one there is none, as a span of its own would say nothing. What the cache sends to the
 * server happens within it. It is no CLIENT span: those are for requests that leave the process, which the
 * instrumentation of the HTTP client tells of.
 *
 * - Spans: named `cache.get` by the method, with `http.request.method`, `url.full` (without user-info, query and
 *   fragment), `http.cache.hit` (boolean), `http.cache.status`, `http.cache.reason`, and `http.cache.age` in seconds.
 * - Metrics: the counters `http.client.cache.requests` by `http.cache.status` and `server.address`, and
 *   `http.client.cache.bytes_saved` in bytes by `server.address`.
 *
 * Children that share the cache are included. It holds until the cache is taken off the instance.
 *
 * @returns the function that takes it off.
 * @throws CacheError `ERR_CACHE_INSTANCE` where the instance has no cache.
 * @example
 * const off = instrument(setupCache(axios.create(), { expireAfter: '1h' }));
 */
export function instrument(instance: AxiosInstance): () => void {
  const session = sessionOf(instance);
  if (session === undefined) {
    throw new CacheError('ERR_CACHE_INSTANCE', 'instrument takes an instance with a cache: call setupCache first.');
  }
  const tracer = createTracer();
  session.tracers = [...(session.tracers ?? []), tracer];
  return () => {
    const others = session.tracers?.filter((each) => each !== tracer) ?? [];
    session.tracers = others.length === 0 ? undefined : others;
  };
}

function createTracer(): Tracer {
  const count = counting(metrics.getMeter(SCOPE));
  return (request, make) => {
    const parent = trace.getSpan(context.active());
    if (parent === undefined) return ended(make, () => { count(request); });
    const attributes = { 'http.request.method': request.method, 'url.full': request.url };
    const span = trace.getTracer(SCOPE).startSpan(`cache.${request.method.toLowerCase()}`, { attributes });
    return ended(
      () => context.with(trace.setSpan(context.active(), span), make),
      () => {
        count(request);
        complete(span, request);
      },
    );
  };
}

/** Calls `after` when what `make` gives is there, or has failed. */
function ended<T>(make: () => MaybePromise<T>, after: () => void): MaybePromise<T> {
  let answer: MaybePromise<T>;
  try {
    answer = make();
  } catch (error) {
    after();
    throw error;
  }
  if (answer instanceof Promise) return answer.finally(after);
  after();
  return answer;
}

const HITS: ReadonlySet<string> = new Set(['hit', 'stale', 'revalidated']);

function complete(span: Span, { info, error }: TracedRequest): void {
  if (info !== undefined) {
    const { status, reason, age } = info;
    const words = { 'http.cache.status': status, 'http.cache.reason': reason };
    span.setAttributes({ 'http.cache.hit': HITS.has(status), ...words });
    if (age !== undefined) span.setAttribute('http.cache.age', age);
  }
  if (error instanceof Error) {
    const { code } = error as { readonly code?: unknown };
    span.setAttribute('error.type', typeof code === 'string' ? code : error.name);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end();
}

function counting(meter: Meter): (request: TracedRequest) => void {
  const requests = meter.createCounter('http.client.cache.requests', {
    description: 'Requests that went through the cache, by what it did with them.',
    unit: '{request}',
  });
  const saved = meter.createCounter('http.client.cache.bytes_saved', {
    description: 'Bytes of bodies that came from the cache in place of a server.',
    unit: 'By',
  });
  return ({ info, url, savedBytes }) => {
    const host: Attributes = url === '' ? {} : { 'server.address': new URL(url).hostname };
    requests.add(1, { ...host, 'http.cache.status': info?.status ?? 'bypass' });
    if (savedBytes > 0) saved.add(savedBytes, host);
  };
}
