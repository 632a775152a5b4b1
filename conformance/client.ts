/** Drives one test through an axios instance: its requests one after another, the checks, and the result. */
import http from 'node:http';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AxiosHeaders, isAxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { CheckError, checkResponse, checkState, type Seen, type SeenInterim, type Step } from './checks.js';
import { combineLines, resolveValue } from './fields.js';
import type { Recorded } from './origin.js';
import type { FieldLine, Test, TestRequest } from './suite.js';

/** True, or what went wrong: `Setup`, `Assertion`, `Timeout`, or the name of the error. */
export type Result = true | readonly [name: string, message: string];

export interface Driver {
  readonly http: AxiosInstance;
  readonly origin: string;
  /** Interim responses are seen through `config.transport`, which only the http adapter has. */
  readonly adapter: 'http' | 'fetch';
}

type Trace = (line: string) => void;
type Config = AxiosRequestConfig & { cache?: 'no-cache' };

const PAUSE_MS = 3000;
const TIMEOUT_MS = 10_000;
/** For a client that never settles: it must not stop the run. */
const DEADLINE_MS = 15_000;
/** They keep fetch() from adding its own; the suite's results were all taken with them. */
const NEUTRAL: readonly FieldLine[] = [
  ['Pragma', 'foo'],
  ['Cache-Control', 'nothing-to-see-here'],
];

export async function driveTest(driver: Driver, test: Test, trace: Trace = () => {}): Promise<Result> {
  try {
    await runTest(driver, test, trace);
    return true;
  } catch (error) {
    return describeError(error);
  }
}

function describeError(error: unknown): Result {
  if (isAxiosError(error)) {
    const name = error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT' ? 'Timeout' : 'AxiosError';
    return [name, error.code === undefined ? error.message : `${error.code}: ${error.message}`];
  }
  return error instanceof Error ? [error.name, error.message] : ['unknown', String(error)];
}

async function runTest(driver: Driver, test: Test, trace: Trace): Promise<void> {
  const uuid = randomUUID();
  const steps = test.requests.map((request, i): Step => ({ number: i + 1, request }));
  const seen: Seen[] = [];
  await configure(driver, uuid, test.requests);
  for (const step of steps) {
    const answer = await sendStep(driver, test, uuid, step, seen.at(-1), trace);
    seen.push(answer);
    checkResponse(step, answer, uuid);
    if (step.request.pause_after === true) await sleep(PAUSE_MS);
  }
  const state = await readState(driver, uuid);
  for (const recorded of state) trace(`  server saw ${JSON.stringify(recorded)}`);
  checkState(steps, seen, state);
}

async function configure(driver: Driver, uuid: string, requests: readonly TestRequest[]): Promise<void> {
  const answer = await fetch(`${driver.origin}/config/${uuid}`, { method: 'PUT', body: JSON.stringify(requests) });
  const body = await answer.text();
  if (answer.status !== 201) throw new CheckError(true, `PUT config resulted in ${answer.status}: ${body}`);
}

async function readState(driver: Driver, uuid: string): Promise<readonly Recorded[]> {
  const answer = await fetch(`${driver.origin}/state/${uuid}`);
  const body = await answer.text();
  return answer.status === 200 ? (JSON.parse(body) as Recorded[]) : [];
}

async function sendStep(
  driver: Driver,
  test: Test,
  uuid: string,
  step: Step,
  before: Seen | undefined,
  trace: Trace,
): Promise<Seen> {
  const interim: SeenInterim[] = [];
  const config = buildConfig(driver, test, uuid, step, before);
  if (step.request.expected_interim_responses !== undefined && driver.adapter === 'http')
    config.transport = watchInterim(interim);
  trace(`  ${config.method} ${config.url} ${JSON.stringify(config.headers)}`);
  const response = await beforeDeadline(driver.http.request<unknown>(config)).catch((error: unknown) => {
    trace(`  rejected: ${String(error)}`);
    throw error;
  });
  trace(
    `  ${response.status} ${JSON.stringify(response.headers)} ${JSON.stringify(response.data)} ${cacheNote(response)}`,
  );
  return readResponse(response, interim);
}

async function beforeDeadline<T>(answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const deadline = sleep(DEADLINE_MS, undefined, { signal: timer.signal }).then((): never => {
    throw Object.assign(new Error(`the client did not settle within ${DEADLINE_MS / 1000} s`), { name: 'Timeout' });
  });
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    timer.abort();
    deadline.catch(() => {}); // the timer's own AbortError
  }
}

function cacheNote(response: AxiosResponse): string {
  return 'cache' in response ? `[${String(response.cache)}]` : '';
}

function buildConfig(
  { origin }: Driver,
  test: Test,
  uuid: string,
  { number, request }: Step,
  before: Seen | undefined,
): Config {
  const path = request.filename === undefined ? '' : `/${request.filename}`;
  const query = request.query_arg === undefined ? '' : `?${request.query_arg}`;
  const lines: readonly FieldLine[] = [
    ...NEUTRAL,
    ...fillDates(request, before),
    ['Test-Name', test.name],
    ['Test-ID', test.id],
    ['Req-Num', String(number)],
  ];
  return {
    url: `${origin}/test/${uuid}${path}${query}`,
    method: request.request_method ?? 'GET',
    headers: combineLines(lines),
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    timeout: TIMEOUT_MS,
    ...(request.request_body === undefined ? {} : { data: request.request_body }),
    ...(request.redirect === 'manual' ? { maxRedirects: 0, fetchOptions: { redirect: 'manual' } } : {}),
    ...(request.cache === 'no-cache' ? { cache: 'no-cache' } : {}),
  };
}

/** `magic_ims`: a numeric If-Modified-Since counts from the Server-Now of the response before. */
function fillDates(request: TestRequest, before: Seen | undefined): readonly FieldLine[] {
  const lines = request.request_headers ?? [];
  if (request.magic_ims !== true) return lines;
  const anchor = { now: Number(before?.field('Server-Now')), base: '' };
  return lines.map((line) =>
    line[0].toLowerCase() === 'if-modified-since' ? [line[0], resolveValue(line, anchor, request)] : line,
  );
}

function watchInterim(interim: SeenInterim[]): unknown {
  return {
    request(options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest {
      const request = http.request(options, onResponse);
      request.on('information', ({ statusCode, headers }) =>
        interim.push({ status: statusCode, fields: new Set(Object.keys(headers)) }),
      );
      return request;
    },
  };
}

function readResponse(response: AxiosResponse<unknown>, interim: readonly SeenInterim[]): Seen {
  const headers = AxiosHeaders.from(response.headers as AxiosHeaders);
  const field = (name: string): string | undefined => {
    const value = headers.get(name);
    return value === undefined || value === null ? undefined : [value].flat().join(', ');
  };
  return {
    status: response.status,
    field,
    body: typeof response.data === 'string' ? response.data : String(response.data),
    interim,
  };
}
