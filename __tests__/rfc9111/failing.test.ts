/** These tests tell a failure of the moment from an answer (RFC 9110 section 15). */
import { isFailing } from '../../lib/rfc9111/failing.js';

test.each([408, 425, 429, 500, 503, 599])('%s says nothing of the resource', (status) => {
  expect(isFailing(status)).toBe(true);
});

test.each([200, 304, 400, 404, 410, 499])('%s is an answer', (status) => {
  expect(isFailing(status)).toBe(false);
});
