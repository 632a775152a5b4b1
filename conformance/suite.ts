/** The suite as data: its types, a reader that refuses what it does not know, and the choice of tests that count. */
import { readFile } from 'node:fs/promises';

export type Kind = 'required' | 'optimal' | 'check';
/** A number under a date field is an offset in seconds. `check: false` keeps it out of the final comparison. */
export type FieldLine = readonly [name: string, value: string | number, check?: boolean];
export type InterimResponse = readonly [status: number, fields?: readonly (readonly [name: string, value: string])[]];
/** A name, or a name with its value, or `[name, '=', other name]`, or `[name, '>', number]`. */
export type FieldCheck = string | readonly [string, string | number] | readonly [string, string, string | number];

export interface TestRequest {
  readonly request_method?: string;
  readonly request_headers?: readonly FieldLine[];
  readonly request_body?: string;
  readonly query_arg?: string;
  readonly filename?: string;
  readonly redirect?: 'manual' | 'follow' | 'error';
  readonly cache?: string;
  readonly pause_after?: boolean;
  readonly disconnect?: boolean;
  readonly magic_locations?: boolean;
  readonly magic_ims?: boolean;
  readonly rfc850date?: readonly string[];
  readonly interim_responses?: readonly InterimResponse[];
  readonly response_status?: readonly [number, string];
  readonly response_headers?: readonly FieldLine[];
  readonly response_body?: string | null;
  readonly response_pause?: number;
  readonly check_body?: boolean;
  readonly setup?: boolean;
  readonly setup_tests?: readonly string[];
  readonly expected_type?: 'cached' | 'not_cached' | 'lm_validated' | 'etag_validated';
  readonly expected_method?: string;
  readonly expected_status?: number | null;
  readonly expected_request_headers?: readonly FieldCheck[];
  readonly expected_request_headers_missing?: readonly FieldCheck[];
  readonly expected_response_headers?: readonly FieldCheck[];
  readonly expected_response_headers_missing?: readonly FieldCheck[];
  readonly expected_interim_responses?: readonly InterimResponse[];
  readonly expected_response_text?: string | null;
}

export interface Test {
  readonly id: string;
  readonly name: string;
  readonly kind?: Kind;
  readonly requests: readonly TestRequest[];
  readonly depends_on?: readonly string[];
  readonly browser_only?: boolean;
  readonly browser_skip?: boolean;
  readonly cdn_only?: boolean;
}

export interface Suite {
  readonly id: string;
  readonly name: string;
  readonly tests: readonly Test[];
}

type Shape = readonly [words: string, holds: (value: unknown) => boolean];

const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isInteger(value);
const isFieldValue = (value: unknown): boolean => isString(value) || isNumber(value);
const isListOf = (value: unknown, holds: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);
const isTuple = (value: unknown, holds: readonly ((item: unknown) => boolean)[], least = holds.length): boolean =>
  Array.isArray(value) &&
  value.length >= least &&
  value.length <= holds.length &&
  value.every((item, i) => holds[i]?.(item));

const STRING: Shape = ['a string', isString];
const STRING_OR_NULL: Shape = ['a string or null', (value) => value === null || isString(value)];
const NUMBER: Shape = ['an integer', isNumber];
const NUMBER_OR_NULL: Shape = ['an integer or null', (value) => value === null || isNumber(value)];
const FLAG: Shape = ['true or false', (value) => typeof value === 'boolean'];
const NAMES: Shape = ['a list of strings', (value) => isListOf(value, isString)];
const ANYTHING: Shape = ['anything', () => true];
const oneOf = (...words: string[]): Shape => [
  `one of ${words.join(', ')}`,
  (value) => isString(value) && words.includes(value),
];
const STATUS_LINE: Shape = ['[code, phrase]', (value) => isTuple(value, [isNumber, isString])];
const FIELDS: Shape = [
  'a list of [name, value, check]',
  (value) => isListOf(value, (line) => isTuple(line, [isString, isFieldValue, FLAG[1]], 2)),
];
const FIELD_CHECKS: Shape = [
  "a list of names, [name, value], [name, '=', other name] or [name, '>', number]",
  (value) => isListOf(value, (item) => isString(item) || isTuple(item, [isString, isFieldValue]) || isComparison(item)),
];
const INTERIM: Shape = [
  'a list of [status] or [status, [[name, value]]]',
  (value) => isListOf(value, (item) => isTuple(item, [isNumber, (fields) => isListOf(fields, isNamedValue)], 1)),
];

const REQUEST_SHAPES: { readonly [Name in keyof TestRequest]-?: Shape } & Readonly<Record<string, Shape>> = {
  request_method: STRING,
  request_headers: FIELDS,
  request_body: STRING,
  query_arg: STRING,
  filename: STRING,
  redirect: oneOf('manual', 'follow', 'error'),
  cache: STRING,
  pause_after: FLAG,
  disconnect: FLAG,
  magic_locations: FLAG,
  magic_ims: FLAG,
  rfc850date: NAMES,
  interim_responses: INTERIM,
  response_status: STATUS_LINE,
  response_headers: FIELDS,
  response_body: STRING_OR_NULL,
  response_pause: NUMBER,
  check_body: FLAG,
  setup: FLAG,
  setup_tests: NAMES,
  expected_type: oneOf('cached', 'not_cached', 'lm_validated', 'etag_validated'),
  expected_method: STRING,
  expected_status: NUMBER_OR_NULL,
  expected_response_text: STRING_OR_NULL,
  expected_request_headers: FIELD_CHECKS,
  expected_request_headers_missing: FIELD_CHECKS,
  expected_response_headers: FIELD_CHECKS,
  expected_response_headers_missing: FIELD_CHECKS,
  expected_interim_responses: INTERIM,
  mode: ANYTHING,
  credentials: ANYTHING, // fetch() options of browsers: they mean nothing to an HTTP client
};
const TEST_SHAPES: { readonly [Name in keyof Test]-?: Shape } & Readonly<Record<string, Shape>> = {
  id: STRING,
  name: STRING,
  kind: oneOf('required', 'optimal', 'check'),
  requests: ['a list of requests', Array.isArray],
  depends_on: NAMES,
  browser_only: FLAG,
  browser_skip: FLAG,
  cdn_only: FLAG,
  description: ANYTHING,
  spec_anchors: ANYTHING,
};
const SUITE_SHAPES: Readonly<Record<string, Shape>> = {
  id: STRING,
  name: STRING,
  tests: ['a list of tests', Array.isArray],
  description: ANYTHING,
  spec_anchors: ANYTHING,
};

export class SuiteError extends Error {
  override readonly name = 'SuiteError';
}

function isNamedValue(item: unknown): boolean {
  return isTuple(item, [isString, isString]);
}

function isComparison(item: unknown): boolean {
  if (!Array.isArray(item) || item.length !== 3 || !isString(item[0])) return false;
  return item[1] === '=' ? isString(item[2]) : item[1] === '>' && isNumber(item[2]);
}

function checkRecord(
  value: unknown,
  path: string,
  shapes: Readonly<Record<string, Shape>>,
  mandatory: readonly string[],
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SuiteError(`${path} is not an object`);
  for (const name of mandatory) if (!(name in value)) throw new SuiteError(`${path} has no member "${name}"`);
  for (const [name, member] of Object.entries(value)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (shape === undefined) throw new SuiteError(`${path} has a member "${name}" that this runner does not know`);
    if (!shape[1](member)) throw new SuiteError(`${path}.${name} is not ${shape[0]}: ${JSON.stringify(member)}`);
  }
}

/** The same rules for the file and for what the origin server is sent. */
export function parseRequests(value: unknown, path: string): readonly TestRequest[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new SuiteError(`${path} is not a list with at least one request`);
  value.forEach((request, i) => checkRecord(request, `${path}[${i}]`, REQUEST_SHAPES, []));
  return value as TestRequest[];
}

function parseTest(value: unknown, path: string, seen: Set<string>): void {
  checkRecord(value, path, TEST_SHAPES, ['id', 'name', 'requests']);
  const test = value as Test;
  if (seen.has(test.id)) throw new SuiteError(`${path}: two tests have the id "${test.id}"`);
  seen.add(test.id);
  parseRequests(test.requests, `${path} (${test.id}).requests`);
}

export function parseSuites(value: unknown): readonly Suite[] {
  if (!Array.isArray(value) || value.length === 0) throw new SuiteError('the file is not a list of suites');
  const seen = new Set<string>();
  value.forEach((suite, i) => {
    checkRecord(suite, `suite ${i}`, SUITE_SHAPES, ['id', 'name', 'tests']);
    (suite as Suite).tests.forEach((test, j) =>
      parseTest(test, `suite ${i} (${(suite as Suite).id}).tests[${j}]`, seen),
    );
  });
  return value as Suite[];
}

export async function readSuites(path: string): Promise<readonly Suite[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SuiteError(`cannot read ${path}`, { cause });
  });
  try {
    return parseSuites(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SuiteError(`${path} is not a cache-tests export: ${why}`, { cause });
  }
}

/** Neither a browser nor a CDN; what only a shared cache must do says so in its name. */
function applies(test: Test, shared: boolean): boolean {
  if (test.cdn_only === true || test.browser_only === true) return false;
  return shared || !/\bshared\b/i.test(test.name);
}

export function selectTests(suites: readonly Suite[], shared: boolean): readonly Suite[] {
  const chosen = suites.map((suite) => ({ ...suite, tests: suite.tests.filter((test) => applies(test, shared)) }));
  return chosen.filter((suite) => suite.tests.length > 0);
}

/** Tests whose id contains the text, or is it, and everything that they depend on at any depth. */
export function withDependencies(suites: readonly Suite[], isWanted: (id: string) => boolean): ReadonlySet<string> {
  const tests = new Map(suites.flatMap((suite) => suite.tests).map((test) => [test.id, test]));
  const needed = new Set<string>();
  const pending = [...tests.keys()].filter(isWanted);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const test = tests.get(id);
    if (test === undefined || needed.has(id)) continue;
    needed.add(id);
    pending.push(...(test.depends_on ?? []));
  }
  return needed;
}
