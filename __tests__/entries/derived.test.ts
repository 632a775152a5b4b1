/** What is made of an entry is kept by the storages that can keep it, and no failure of theirs is one of the reader. */
import { derivedFrom, keepDerived } from '../../lib/entries/derived.js';
import { entryOf } from '../support/entry.js';

test('what was offered is given back', () => {
  const kept = new Map<string, unknown>();
  const raw = entryOf({
    derived: (source) => kept.get(source),
    keepDerived: (source, value, bytes) => void kept.set(source, { value, bytes }),
  });
  keepDerived(raw, 'head', 'made', 7);
  expect(derivedFrom(raw, 'head')).toEqual({ value: 'made', bytes: 7 });
});

test('a storage that keeps nothing, or fails in it, is one without anything kept', () => {
  const fail = (): never => {
    throw new Error('not kept');
  };
  for (const raw of [entryOf(), entryOf({ derived: fail, keepDerived: fail })]) {
    expect(() => keepDerived(raw, 'head', 'made', 7)).not.toThrow();
    expect(derivedFrom(raw, 'head')).toBeUndefined();
  }
});
