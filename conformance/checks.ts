/** The checks of one test in the suite's order, responses first, then the server's record; the first miss is thrown. */
import { resolveValue } from './fields.js';
import type { Recorded } from './origin.js';
import type { FieldCheck, InterimResponse, TestRequest } from './suite.js';

export interface SeenInterim {
  readonly status: number;
  /** Names in lower case. */
  readonly fields: ReadonlySet<string>;
}

/** One response as the user of the client sees it. */
export interface Seen {
  readonly status: number;
  /** Lines of one name joined with ", "; undefined where there is none. */
  field(name: string): string | undefined;
  readonly body: string;
  readonly interim: readonly SeenInterim[];
}

/** `Setup`: the test could not be carried out, which says nothing about the cache. */
export class CheckError extends Error {
  override readonly name: 'Setup' | 'Assertion';

  constructor(isSetup: boolean, message: string) {
    super(message);
    this.name = isSetup ? 'Setup' : 'Assertion';
  }
}

/** A request of the test with its number, from 1. */
export interface Step {
  readonly number: number;
  readonly request: TestRequest;
}

const UNCHECKED_FIELDS = new Set(['date']);
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

function check(isSetup: boolean, holds: boolean, message: () => string): void {
  if (!holds) throw new CheckError(isSetup, message());
}

/** Does a miss of this member say something about the set-up only? */
function isSetup(request: TestRequest, member: keyof TestRequest): boolean {
  return request.setup === true || request.setup_tests?.includes(member) === true;
}

export function checkResponse(step: Step, seen: Seen, uuid: string): void {
  checkRetry(seen);
  checkType(step, seen);
  checkStatus(step, seen);
  checkPresent(step, seen);
  checkMissing(step, seen);
  checkInterim(step, seen);
  checkBody(step, seen, uuid);
}

function checkRetry(seen: Seen): void {
  const numbers = seen.field('Request-Numbers')?.split(' ') ?? [];
  check(true, new Set(numbers).size === numbers.length, () => 'retry');
}

function checkType({ number, request }: Step, seen: Seen): void {
  const setup = isSetup(request, 'expected_type');
  const count = Number.parseInt(seen.field('Server-Request-Count') ?? '', 10);
  if (request.expected_type === 'cached' && !(seen.status === 304 && Number.isNaN(count))) {
    check(setup, count < number, () => `Response ${number} does not come from cache`);
  }
  if (request.expected_type === 'not_cached')
    check(setup, count === number, () => `Response ${number} comes from cache`);
}

function checkStatus({ number, request }: Step, seen: Seen): void {
  const miss = (expected: number) => (): string => `Response ${number} status is ${seen.status}, not ${expected}`;
  const { expected_status: expected, response_status: configured } = request;
  if (expected === null) return;
  if (expected !== undefined)
    return check(isSetup(request, 'expected_status'), seen.status === expected, miss(expected));
  if (configured !== undefined) return check(true, seen.status === configured[0], miss(configured[0]));
  check(
    isSetup(request, 'expected_type'),
    seen.status !== 999,
    () => `Request ${number} should have been conditional, but it was not`,
  );
  check(true, seen.status === 200, miss(200));
}

function checkPresent(step: Step, seen: Seen): void {
  const setup = isSetup(step.request, 'expected_response_headers');
  for (const expected of step.request.expected_response_headers ?? []) checkField(setup, step, seen, expected);
}

function checkField(setup: boolean, { number, request }: Step, seen: Seen, expected: FieldCheck): void {
  const name = typeof expected === 'string' ? expected : expected[0];
  const value = seen.field(name);
  if (typeof expected === 'string')
    return check(setup, value !== undefined, () => `Response ${number} ${name} header not present`);
  if (expected.length === 2) {
    const anchor = { now: Number(seen.field('Server-Now')), base: seen.field('Server-Base-Url') ?? '' };
    const wanted = resolveValue(expected, anchor, request);
    return check(setup, value === wanted, () => `Response ${number} header ${name} is "${value}", not "${wanted}"`);
  }
  const [, operator, operand] = expected;
  check(setup, value !== undefined, () => `Response ${number} ${name} header not present`);
  const holds =
    operator === '=' ? value === seen.field(String(operand)) : Number.parseInt(value ?? '', 10) > Number(operand);
  check(setup, holds, () => `Response ${number} header ${name} is ${value}, should be ${operator} ${operand}`);
}

function checkMissing({ number, request }: Step, seen: Seen): void {
  const setup = isSetup(request, 'expected_response_headers_missing');
  for (const unwanted of request.expected_response_headers_missing ?? []) {
    const [name, part] = typeof unwanted === 'string' ? [unwanted, ''] : unwanted;
    const absent = seen.field(name)?.includes(String(part)) !== true;
    check(setup, absent, () => `Response ${number} includes unexpected header ${name}: "${seen.field(name)}"`);
  }
}

function checkInterim({ number, request }: Step, seen: Seen): void {
  const expected = request.expected_interim_responses;
  if (expected === undefined) return;
  const setup = isSetup(request, 'expected_interim_responses');
  const where = (i: number): string => `Interim response ${i + 1} of response ${number}`;
  expected.forEach(([status, fields = []]: InterimResponse, i) => {
    const received = seen.interim[i];
    check(setup, received !== undefined, () => `${where(i)} was not received`);
    check(setup, received?.status === status, () => `${where(i)} has status ${received?.status}, not ${status}`);
    for (const [name] of fields)
      check(setup, received?.fields.has(name.toLowerCase()) === true, () => `${where(i)} has no header ${name}`);
  });
  const count = seen.interim.length;
  check(
    setup,
    count === expected.length,
    () => `Received ${count} interim responses before response ${number}, expected ${expected.length}`,
  );
}

function checkBody({ number, request }: Step, seen: Seen, uuid: string): void {
  if (request.check_body === false || request.expected_response_text === null) return;
  const miss = (expected: string) => (): string => `Response ${number} body is "${seen.body}", not "${expected}"`;
  const expected = request.expected_response_text;
  if (expected !== undefined)
    return check(isSetup(request, 'expected_response_text'), seen.body === expected, miss(expected));
  const configured = request.response_body;
  if (configured !== undefined && configured !== null) return check(true, seen.body === configured, miss(configured));
  if (WITHOUT_BODY.has(seen.status) || request.request_method === 'HEAD') return;
  check(true, seen.body === uuid, miss(uuid));
}

/** Pairs the requests that should have reached the server with those that did, in order. */
export function checkState(steps: readonly Step[], seen: readonly Seen[], state: readonly Recorded[]): void {
  let reached = 0;
  for (const step of steps) {
    if (step.request.expected_type === 'cached') continue;
    const recorded = state[reached];
    reached += 1;
    checkRequest(step, recorded);
    checkUnchanged(step, seen[step.number - 1], recorded);
    const method = step.request.expected_method;
    if (method === undefined) continue;
    const actual = recorded?.request_method;
    check(
      isSetup(step.request, 'expected_method'),
      actual === method,
      () => `Request ${step.number} had method ${actual}, not ${method}`,
    );
  }
}

function checkRequest({ number, request }: Step, recorded: Recorded | undefined): void {
  const setup = isSetup(request, 'expected_type');
  if (request.expected_type === 'not_cached') {
    check(
      setup,
      recorded?.request_num === number,
      () => `Response ${number} comes from cache (${recorded?.request_num} on server)`,
    );
  }
  const validator = {
    etag_validated: 'if-none-match',
    lm_validated: 'if-modified-since',
    not_cached: undefined,
    cached: undefined,
  };
  const condition = request.expected_type === undefined ? undefined : validator[request.expected_type];
  if (condition !== undefined) {
    check(setup, recorded !== undefined, () => `Request ${number} wasn't sent to server`);
    check(
      setup,
      recorded?.request_headers[condition] !== undefined,
      () => `Request ${number} doesn't have ${condition} header`,
    );
  }
  checkSent({ number, request }, recorded, 'expected_request_headers', true);
  checkSent({ number, request }, recorded, 'expected_request_headers_missing', false);
}

function checkSent(
  { number, request }: Step,
  recorded: Recorded | undefined,
  member: 'expected_request_headers' | 'expected_request_headers_missing',
  wanted: boolean,
): void {
  for (const expected of request[member] ?? []) {
    const [name, value] = typeof expected === 'string' ? [expected, undefined] : expected;
    const actual = recorded?.request_headers[name.toLowerCase()];
    const found = recorded !== undefined && (value === undefined ? actual !== undefined : actual === String(value));
    const holds = recorded !== undefined && found === wanted;
    check(
      isSetup(request, member),
      holds,
      () =>
        `Request ${number} header ${name} is "${String(actual)}", should ${wanted ? '' : 'not '}be "${value ?? 'any'}"`,
    );
  }
}

function checkUnchanged({ number }: Step, seen: Seen | undefined, recorded: Recorded | undefined): void {
  for (const [name, sent] of recorded?.response_headers ?? []) {
    if (UNCHECKED_FIELDS.has(name.toLowerCase())) continue;
    const value = typeof sent === 'string' ? sent : sent.join(', ');
    const received = seen?.field(name);
    check(true, received === value, () => `Response ${number} header ${name} is "${received}", not "${value}"`);
  }
}
