/** What the command line says of a failure: one line, without what is secret in a URL. */
import { lineOf, shownUrl } from '../../lib/cli/faults.js';

test.each([
  ['https://api.test/a?page=1', 'https://api.test/a?page=1'],
  ['https://api.test/a?token=abc&page=1', 'https://api.test/a?page=1&token=***'],
  ['https://api.test/a?auth[token]=abc', 'https://api.test/a?auth%5Btoken%5D=***'],
  ['https://u:p@api.test/a', 'https://***@api.test/a'],
  ['https://u:p@ss@api.test/a?x=a@b', 'https://***@api.test/a?x=a@b'],
  ['https://api.test/a@b', 'https://api.test/a@b'],
  ['no url at all', 'no url at all'],
])('%s is shown as %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

test.each([
  ['redis://u:p@ss@host:6379 refused', 'redis://***@host:6379 refused'],
  ['mongodb+srv://u:p@host/db and redis://:x@other', 'mongodb+srv://***@host/db and redis://***@other'],
])('%s', (message, line) => {
  expect(lineOf(new Error('axios-client-cache: of no use', { cause: new Error(message) }))).toBe(`of no use (${line})`);
});
