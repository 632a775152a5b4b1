/** What an answer's headers say of the caches that it has passed (RFC 9211, RFC 9111 section 5.1). */
import fc from 'fast-check';
import { upstreamOf } from '../../lib/rfc9111/upstream.js';

const of = (status: string, hit: boolean, by?: string, age?: number) => ({ status, hit, by, age });

test.each<[string, Record<string, string | readonly string[]>, object | undefined]>([
  ['nothing is said', { 'content-type': 'text/html' }, undefined],
  ['a hit', { 'cache-status': 'ExampleCache; hit; ttl=376' }, of('hit', true, 'ExampleCache')],
  ['a stale hit', { 'cache-status': 'A; hit; ttl=-3; detail="a;b"' }, of('stale', true, 'A')],
  ['a hit at the end of its lifetime', { 'cache-status': 'A; hit; ttl=0' }, of('hit', true, 'A')],
  ['a miss of what was stale', { 'cache-status': 'A; fwd=stale; fwd-status=200' }, of('miss', false, 'A')],
  ['a 304 that renewed nothing', { 'cache-status': 'A; fwd=uri-miss; fwd-status=304' }, of('miss', false, 'A')],
  ['a method that is not cached', { 'cache-status': 'A; fwd=method' }, of('bypass', false, 'A')],
  ['a name with quotes', { 'cache-status': String.raw`"In \"B\" \\ C"; hit` }, of('hit', true, String.raw`In "B" \ C`)],
  ['a name of two words', { 'cache-status': 'a b; hit' }, undefined],
  ['a name that begins with a digit', { 'cache-status': '7a; hit' }, undefined],
  ['a renewal', { 'cache-status': '"In, Paris"; fwd=stale; fwd-status=304' }, of('revalidated', true, 'In, Paris')],
  ['a miss', { 'cache-status': 'A; fwd=uri-miss; stored' }, of('miss', false, 'A')],
  ['a bypass', { 'cache-status': 'A;fwd=bypass' }, of('bypass', false, 'A')],
  ['the nearest that had it', { 'cache-status': 'A; hit, Shield; hit, Edge; fwd=miss' }, of('hit', true, 'Shield')],
  ['the last where none had it', { 'cache-status': ['A; fwd=miss', 'B; fwd=bypass'] }, of('bypass', false, 'B')],
  ['what cannot be read is not there', { 'cache-status': '7; hit, ; ;, (a b); hit' }, undefined],
  ['and leaves the rest', { 'cache-status': '7; hit, A; hit', age: '-1' }, of('hit', true, 'A')],
  ['Cloudflare', { 'cf-cache-status': 'HIT', age: '17' }, of('hit', true, 'Cloudflare', 17)],
  ['Cloudflare, dynamic', { 'cf-cache-status': 'DYNAMIC' }, of('bypass', false, 'Cloudflare')],
  ['Cloudflare, updating', { 'cf-cache-status': 'updating' }, of('stale', true, 'Cloudflare')],
  ['Cloudflare, stale', { 'cf-cache-status': 'STALE' }, of('stale', true, 'Cloudflare')],
  ['Cloudflare, renewed', { 'cf-cache-status': 'REVALIDATED' }, of('revalidated', true, 'Cloudflare')],
  ['Cloudflare, a miss', { 'cf-cache-status': 'MISS' }, of('miss', false, 'Cloudflare')],
  ['Cloudflare, expired', { 'cf-cache-status': 'EXPIRED' }, of('miss', false, 'Cloudflare')],
  ['Cloudflare, a bypass', { 'cf-cache-status': 'BYPASS' }, of('bypass', false, 'Cloudflare')],
  ['Cloudflare, unheard of', { 'cf-cache-status': 'SOON' }, undefined],
  ['CloudFront', { 'x-cache': 'Hit from cloudfront' }, of('hit', true, 'cloudfront')],
  ['CloudFront, renewed', { 'x-cache': 'RefreshHit from cloudfront' }, of('revalidated', true, 'cloudfront')],
  ['CloudFront, an error', { 'x-cache': 'Error from cloudfront' }, undefined],
  ['Fastly, stale', { 'x-cache': 'STALE' }, of('stale', true)],
  ['Fastly, passed', { 'x-cache': 'PASS' }, of('bypass', false)],
  ['a bypass in X-Cache', { 'x-cache': 'BYPASS' }, of('bypass', false)],
  ['a word that ends as one of these', { 'x-cache': 'NOHIT' }, undefined],
  ['Fastly, from the origin to us', { 'x-cache': 'HIT, MISS' }, of('hit', true)],
  ['Fastly, none', { 'x-cache': 'MISS, MISS' }, of('miss', false)],
  ['Akamai', { 'x-cache': 'TCP_MEM_HIT from a1-2.deploy' }, of('hit', true, 'a1-2.deploy')],
  ['Akamai, renewed', { 'x-cache': 'TCP_REFRESH_HIT from a1-2' }, of('revalidated', true, 'a1-2')],
  ['Squid', { 'x-cache': 'MISS from proxy.example.com:3128' }, of('miss', false, 'proxy.example.com:3128')],
  ['two caches', { 'x-cache': 'Miss from cloudfront', 'cf-cache-status': 'HIT' }, of('hit', true, 'Cloudflare')],
  ['Age alone', { age: '120' }, of('hit', true, undefined, 120)],
  ['an Age of 0 alone', { age: '0' }, of('miss', false, undefined, 0)],
  [
    'all at once',
    { age: '1', 'x-cache': 'MISS', 'cache-status': 'A; fwd=miss', 'cf-cache-status': 'HIT' },
    of('hit', true, 'Cloudflare', 1),
  ],
  ['an Age with a unit', { age: '5 s' }, undefined],
  ['no Age', { age: 'old' }, undefined],
])('%s', (_name, headers, expected) => {
  expect(upstreamOf(headers)).toEqual(expected);
});

test('no header makes it throw', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('a; hit', '"', 'a;ttl', 'HIT from', ',,', '\\'));
  const fields = { 'cache-status': text, 'x-cache': text, 'cf-cache-status': text, age: text };
  const headers = fc.record(fields, { requiredKeys: [] });
  fc.assert(fc.property(headers, (given) => { upstreamOf(given); }));
});
