/** Inputs that are nearly right: valid texts and bytes, changed in a few places. */
import fc from 'fast-check';

interface Edit {
  readonly kind: 'delete' | 'insert' | 'repeat' | 'replace' | 'splice';
  /** Counted from the start, and round again where the text is shorter. */
  readonly at: number;
  readonly length: number;
  readonly text: string;
  readonly other: number;
}

const KINDS = ['delete', 'insert', 'repeat', 'replace', 'splice'] as const;

/** What breaks a parser that does not expect it. */
const ODD_TEXTS = [
  '', ' ', '\t', '\n', '\r\n', '\0', ',', ';', '=', '"', '\\', '\\"', "'", '%', '%00', '%zz', '%C3', '&', '#', '?', '/',
  '//', '..', '@', ':', '[', ']', '{', '}', '(', ')', '*', '**', '+', '-', '-1', '0', '00', '1e999', '9'.repeat(20), 'NaN',
  'null', 'true', '__proto__', 'constructor', 'prototype', 'toString', '\ud800', '\udfff', '\ufeff', '\u2028', 'é', '😀',
];

const editOf = (words: readonly string[]): fc.Arbitrary<Edit> =>
  fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fc.nat(4000),
    length: fc.nat(12),
    text: fc.oneof(fc.constantFrom(...ODD_TEXTS, ...words), fc.string({ unit: 'binary', maxLength: 4 })),
    other: fc.nat(100),
  });

/** Texts near `seeds`; `words` are those that mean something in them. */
export const textNear = (seeds: readonly string[], words: readonly string[] = []): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...seeds), fc.array(editOf(words), { maxLength: 4 })).map(([seed, edits]) => {
    let text = seed;
    for (const edit of edits) text = edited(text, edit, seeds);
    return text;
  });

function edited(text: string, { kind, at, length, text: inserted, other }: Edit, seeds: readonly string[]): string {
  const from = at % (text.length + 1);
  const [before, part, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
  switch (kind) {
    case 'delete':
      return before + after;
    case 'insert':
      return before + inserted + part + after;
    case 'repeat':
      return before + part.repeat(3) + after;
    case 'replace':
      return before + inserted + after;
    case 'splice':
      return before + (seeds[other % seeds.length] ?? '').slice(from);
  }
}

/** One change of some bytes. */
export interface ByteEdit {
  readonly kind: 'delete' | 'insert' | 'flip' | 'cut' | 'splice';
  readonly at: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

export const byteEdit: fc.Arbitrary<ByteEdit> = fc.record({
  kind: fc.constantFrom('delete', 'insert', 'flip', 'cut', 'splice'),
  // The head of a record is where most decisions fall.
  at: fc.oneof(fc.nat(16), fc.nat(4000)),
  length: fc.integer({ min: 1, max: 8 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});

/** @param other what `splice` goes on with. */
export function editedBytes(given: Uint8Array, edit: ByteEdit, other: Uint8Array): Uint8Array {
  const { kind, length, bytes } = edit;
  const at = edit.at % (given.byteLength + 1);
  const [before, after] = [given.subarray(0, at), given.subarray(at)];
  switch (kind) {
    case 'delete':
      return Buffer.concat([before, after.subarray(length)]);
    case 'insert':
      return Buffer.concat([before, bytes, after]);
    case 'flip': {
      const copy = Uint8Array.from(given);
      for (let offset = 0; offset < bytes.length; offset += 1) {
        if (at + offset < copy.length) copy[at + offset] = (copy[at + offset] ?? 0) ^ (bytes[offset] ?? 0);
      }
      return copy;
    }
    case 'cut':
      return before;
    case 'splice':
      return Buffer.concat([before, other.subarray(at)]);
  }
}
