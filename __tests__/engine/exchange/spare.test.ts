/** A fault of the cache itself, which no storage and no origin has made, loses no answer that is there. */
import type { CacheError } from '../../../lib/api/errors.js';
import { engineRig, gate, type Given, settled } from '../../support/exchange.js';

const FRESH = { 'cache-control': 'max-age=60' };
const answering = (headers: Readonly<Record<string, string>>): Given => ({
  origin: () => ({ text: 'the answer', headers }),
});
const fault = new TypeError('a fault of the cache');

test('the caller has an answer that cannot be worked on, and one event says why it is not stored', async () => {
  const rig = engineRig();
  const made = rig.exchange(answering({ ...FRESH, 'cache-groups': '"g"' }));
  const request = { ...made.request, originOf: () => { throw fault; } };
  const { content, notStored } = await rig.engine.handle({ ...made, request });
  expect(content).toMatchObject({ kind: 'origin', answer: { body: { text: 'the answer' } } });
  expect(notStored).toBe('storage-error');
  const told = rig.events.filter((event) => event.type === 'storage-error');
  expect(told).toMatchObject([{ operation: 'set', circuitOpen: false }]);
  const error = told[0]?.error as CacheError;
  expect([error.code, error.message, error.cause]).toEqual([
    'ERR_CACHE_STORAGE', 'axios-client-cache: the cache failed to work on an answer', fault,
  ]);
});

test('so it is where the work fails only later', async () => {
  const rig = engineRig();
  rig.guarded.set = () => Promise.reject(fault);
  const { content, notStored } = await rig.engine.handle(rig.exchange(answering(FRESH)));
  expect(content).toMatchObject({ kind: 'origin', answer: { body: { text: 'the answer' } } });
  expect([notStored, rig.events.at(-1)?.type]).toEqual(['storage-error', 'storage-error']);
});

test('who waits for another’s answer, of which cannot be judged whether it suits, looks for his own', async () => {
  const rig = engineRig();
  const held = gate();
  const origin = async () => {
    await held.passed;
    return { text: 'the answer', headers: FRESH };
  };
  const [first, second] = [rig.exchange({ origin }), rig.exchange({ origin })];
  let isFaulty = true;
  const isServedBy = (): boolean => {
    if (!isFaulty) return true;
    isFaulty = false;
    throw fault;
  };
  const answers = [
    rig.engine.handle(first),
    rig.engine.handle({ ...second, request: { ...second.request, isServedBy } }),
  ];
  await settled();
  held.open();
  const [own, other] = await Promise.all(answers);
  expect([own?.status, other?.status, other?.collapsed]).toEqual(['miss', 'hit', false]);
});

test('an answer that is for one caller alone is no fault: the other asks, and no event says otherwise', async () => {
  const rig = engineRig();
  const held = gate();
  const origin = async () => {
    await held.passed;
    return { text: 'the answer', headers: { 'cache-control': 'no-store' } };
  };
  const answers = [rig.engine.handle(rig.exchange({ origin })), rig.engine.handle(rig.exchange({ origin }))];
  await settled();
  held.open();
  expect((await Promise.all(answers)).map(({ collapsed }) => collapsed)).toEqual([false, false]);
  expect(rig.events.filter(({ type }) => type === 'storage-error')).toEqual([]);
});
