/** These tests say what is read once of a request (RFC 9111 sections 4.3.2, 5.2.1 and 5.4). */
import { describeRequestHead } from '../../lib/rfc9111/describe-request-head.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import { IN_CLEAR, URL_OF_ALL } from './heads.js';

const HONOURED = { cacheControl: true, ignoreVary: [] };
const IGNORED = { cacheControl: false, ignoreVary: [] };

const describedBy = (headers: HeaderFields, policy = HONOURED) =>
  describeRequestHead('GET', URL_OF_ALL, headers, policy, IN_CLEAR);

test('a request keeps its method, its URL and its headers', () => {
  const headers = { accept: 'x' };
  const target = { method: 'GET', url: URL_OF_ALL };
  expect(describedBy(headers)).toEqual({
    ...target,
    headers,
    directives: {},
    isConditional: false,
    ignoreVary: [],
    selection: IN_CLEAR,
  });
});

test('sections 5.2.1 and 5.4: Cache-Control is read, and Pragma where there is none', () => {
  expect(describedBy({ 'cache-control': 'max-age=60' }).directives).toMatchObject({ maxAge: 60 });
  expect(describedBy({ pragma: 'no-cache' }).directives).toEqual({ noCache: true });
});

test('neither is read where headers are not honoured', () => {
  expect(describedBy({ 'cache-control': 'no-store' }, IGNORED).directives).toEqual({});
  expect(describedBy({ pragma: 'no-cache' }, IGNORED).directives).toEqual({});
});

test('requests without directives share one object, which nobody can write to', () => {
  const { directives } = describedBy({});
  expect(describedBy({ 'cache-control': 'no-store' }, IGNORED).directives).toBe(directives);
  expect(Object.isFrozen(directives)).toBe(true);
});

test('section 4.3.2: a condition of the caller is known, whether or not headers are honoured', () => {
  expect(describedBy({ 'if-none-match': '"a"' }).isConditional).toBe(true);
  expect(describedBy({ 'if-none-match': '"a"' }, IGNORED).isConditional).toBe(true);
});
