/** These tests serve what is stored while the origin takes its time: what forbids that elsewhere forbids it here. */
import type { DecisionPolicy, HeaderFields, StoredHead } from '../../lib/rfc9111/model.js';
import { softAnswer } from '../../lib/rfc9111/soft-answer.js';
import { NOW, policyOf, requestOf, seconds, storedOf } from './heads.js';

interface Situation {
  readonly asks?: HeaderFields;
  readonly says?: HeaderFields;
  readonly changes?: Partial<StoredHead>;
  readonly policy?: Partial<DecisionPolicy>;
  /** The response was stored so many seconds ago, with a lifetime of 60. */
  readonly later?: number;
}

const FRESH = 10;
const STALE = 70;
const cc = (value: string): HeaderFields => ({ 'cache-control': value });

const answer = ({ asks, says, changes, policy, later = FRESH }: Situation) =>
  softAnswer(requestOf(asks, 'GET', policy), storedOf(says, changes), policyOf(policy), NOW + seconds(later));

test.each<[string, Situation, number, boolean]>([
  ['fresh', {}, 10, true],
  ['stale', { later: STALE }, 70, false],
  ['at the end of its lifetime', { later: 60 }, 60, false],
  ['5.2.1.1 as old as the request allows', { asks: cc('max-age=10') }, 10, true],
  ['5.2.1.3 fresh for as long as the request demands', { asks: cc('min-fresh=50') }, 10, true],
  ['5.2.2.2 must-revalidate while it is fresh', { says: cc('must-revalidate') }, 10, true],
  ['5.2.2.8 proxy-revalidate for one user', { says: cc('proxy-revalidate'), later: STALE }, 70, false],
  ['Fetch: no-cache, which asks the origin first', { policy: { mode: 'no-cache' } }, 10, true],
])('%s: it answers', (_name, situation, age, isFresh) => {
  expect(answer(situation)).toEqual({ age, isFresh });
});

test.each<[string, Situation]>([
  ['Fetch: reload', { policy: { mode: 'reload' } }],
  ['4.3.2 a condition of the caller', { asks: { 'if-none-match': '"a"' } }],
  ['5.2.1.4 no-cache of the request', { asks: cc('no-cache') }],
  ['5.2.1.1 older than the request allows', { asks: cc('max-age=9') }],
  ['5.2.1.1 max-age=0 in the same instant', { asks: cc('max-age=0'), later: 0 }],
  ['5.2.1.3 not fresh for as long as the request demands', { asks: cc('min-fresh=51') }],
  ['5.2.2.4 no-cache of the response', { says: cc('no-cache') }],
  ['4.1 Vary: *', { changes: { vary: [['*', null]] } }],
  ['5.2.2.2 must-revalidate once it is stale', { says: cc('must-revalidate'), later: STALE }],
  ['5.2.2.2 must-revalidate at the end of its lifetime', { says: cc('must-revalidate'), later: 60 }],
  ['5.2.2.8 proxy-revalidate for many', { says: cc('proxy-revalidate'), later: STALE, policy: { shared: true } }],
])('%s: it does not', (_name, situation) => {
  expect(answer(situation)).toBeUndefined();
});
