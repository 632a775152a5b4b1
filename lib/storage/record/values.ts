/**
 * The values of `meta` as texts. Where keys are set a value is sealed as a body is, bound to its name, and written in
 * base64; else it is written as it is.
 */
import type { RecordCodec } from './codec.js';
import { base64, decodeBase64 } from '../../support/base64.js';
import { decoder, encoder } from '../../support/utf8.js';

export async function sealValue(codec: RecordCodec, name: string, value: string): Promise<string> {
  if (!codec.hasKeys) return value;
  return base64(await codec.encodeBody({ ...ownerOf(name), body: encoder.encode(value) }));
}

/** The inverse of `sealValue`; `undefined`: it was written by other keys or without any, or is damaged. */
export async function openValue(
  codec: RecordCodec,
  name: string,
  written: string | undefined,
): Promise<string | undefined> {
  if (written === undefined || !codec.hasKeys) return written;
  const reading = await codec.readBody(decodeBase64(written), ownerOf(name));
  return reading.kind === 'read' ? decoder.decode(reading.value) : undefined;
}

const ownerOf = (name: string) => ({ key: '', variant: name, revision: '' });
