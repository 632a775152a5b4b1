/** OpenTelemetry, by its own SDK and the exporters in memory that it has for tests. */
import axios from 'axios';
import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { instrument } from '../../lib/otel.js';
import { type CachedOrigin, startCached } from '../support/cached-instance.js';
import { disconnect } from '../support/origin.js';

const spans = new InMemorySpanExporter();
const counters = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: counters, exportIntervalMillis: 3_600_000 });
const meters = new MeterProvider({ readers: [reader] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(meters);
});
beforeEach(() => { spans.reset(); });
afterAll(() => meters.shutdown());

/** Runs `make` under a span that is active meanwhile. */
const underParent = <T>(make: () => Promise<T>): Promise<T> =>
  trace.getTracer('test').startActiveSpan('parent', async (span) => make().finally(() => { span.end(); }));

const cacheSpans = () => spans.getFinishedSpans().filter(({ name }) => name !== 'parent');

const startUsers = (): Promise<CachedOrigin> => startCached({ '/users': { body: 'users' } });

test('under a parent each request has a span, which tells a hit by a boolean', async () => {
  const { http, origin } = await startUsers();
  instrument(http);
  await underParent(async () => {
    await http.get('/users?token=abc');
    await http.get('/users?token=abc');
  });
  const common = { 'http.request.method': 'GET', 'url.full': `${origin.url}/users` };
  expect(cacheSpans().map(({ name, attributes }) => ({ name, attributes }))).toEqual([
    {
      name: 'cache.get',
      attributes: {
        ...common,
        'http.cache.hit': false,
        'http.cache.status': 'miss',
        'http.cache.reason': 'uri-miss',
      },
    },
    {
      name: 'cache.get',
      attributes: {
        ...common,
        'http.cache.hit': true,
        'http.cache.status': 'hit',
        'http.cache.reason': 'fresh',
        'http.cache.age': 0,
      },
    },
  ]);
  const parent = spans.getFinishedSpans().find(({ name }) => name === 'parent');
  expect(cacheSpans().map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
    parent?.spanContext().spanId,
    parent?.spanContext().spanId,
  ]);
});

test('without a parent there is no span, and requests are counted all the same', async () => {
  const { http } = await startUsers();
  instrument(http);
  await http.get('/users');
  expect(cacheSpans()).toEqual([]);
});

test('what the cache sends to the server happens within the span', async () => {
  const { http } = await startUsers();
  instrument(http);
  let active: string | undefined;
  const adapter = axios.getAdapter('http');
  await underParent(() =>
    http.get('/users', {
      adapter: (config) => {
        active = trace.getSpan(context.active())?.spanContext().spanId;
        return adapter(config);
      },
    }),
  );
  expect(active).toBe(cacheSpans()[0]?.spanContext().spanId);
});

test('a failure marks the span, and brings no credentials into it', async () => {
  const { http } = await startCached({ '/users': disconnect });
  instrument(http);
  const failing = underParent(() => http.get('/users', { headers: { Authorization: 'Bearer secret' } }));
  await expect(failing).rejects.toMatchObject({ code: 'ECONNRESET' });
  const [span] = cacheSpans();
  expect(span?.status.code).toBe(SpanStatusCode.ERROR);
  expect(span?.attributes['error.type']).toBe('ECONNRESET');
  expect(JSON.stringify([span?.attributes, span?.status, span?.events])).not.toContain('secret');
});

/** What a counter has come to so far; the reader of these tests counts on from test to test. */
async function counted(name: string) {
  await reader.forceFlush();
  const all = counters.getMetrics().at(-1)?.scopeMetrics.flatMap(({ metrics: each }) => each) ?? [];
  return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
}
const savedSoFar = async (): Promise<number> =>
  Number((await counted('http.client.cache.bytes_saved'))[0]?.value ?? 0);

test('the metrics count requests by status and host, and the bytes of bodies that no server sent', async () => {
  const { http } = await startUsers();
  const before = await savedSoFar();
  const off = instrument(http);
  await http.get('/users');
  await http.get('/users');
  await http.get('/users');
  off();
  await http.get('/users');
  const hits = (await counted('http.client.cache.requests')).filter(
    ({ attributes }) => attributes['http.cache.status'] === 'hit',
  );
  expect(hits.map(({ attributes }) => attributes['server.address'])).toEqual(['127.0.0.1']);
  expect(Number(hits[0]?.value)).toBeGreaterThanOrEqual(2);
  expect((await savedSoFar()) - before).toBe(2 * 'users'.length);
});

test('the bytes that are saved are those of the statistics: of a HEAD none, of a Range the part', async () => {
  const headers = { 'Cache-Control': 'max-age=60', ETag: '"1"' };
  const { http, origin } = await startCached(() => ({ headers, body: 'ten bytes!' }));
  const off = instrument(http);
  let before = await savedSoFar();
  const saved: number[] = [];
  const note = async (...requests: Promise<unknown>[]): Promise<void> => {
    await Promise.allSettled(requests);
    const now = await savedSoFar();
    saved.push(now - before);
    before = now;
  };
  const gate = origin.hold('/a');
  const both = [http.get('/a'), http.get('/a')];
  await gate.arrived();
  gate.release();
  await note(...both);
  await note(http.get('/a'));
  await note(http.head('/a'));
  await note(http.get('/a', { headers: { Range: 'bytes=0-3' } }));
  await note(http.get('/a', { headers: { 'If-None-Match': '"1"' } }));
  off();
  expect(saved).toEqual([10, 10, 0, 4, 0]);
  expect(http.cache.stats().bytesSaved).toBe(24);
});

test('it is taken off, and children that share the cache are included', async () => {
  const { http } = await startUsers();
  const off = instrument(http);
  await underParent(() => http.create().get('/users'));
  expect(cacheSpans()).toHaveLength(1);
  off();
  off();
  await underParent(() => http.get('/users'));
  expect(cacheSpans()).toHaveLength(1);
});

test('an instance without a cache is refused', () => {
  expect(() => instrument(axios.create())).toThrow(expect.objectContaining({ code: 'ERR_CACHE_INSTANCE' }));
});
