/** The variants of a key without their bodies, with the tokens of the resource, as one step of Redis gives them. */
import type { RedisContext } from './context.js';
import { type Frame, readFrame } from './frame.js';
import type { KeyAddress } from './keys.js';
import { DESCRIBE } from './scripts.js';
import { readResource, type ResourceTokens } from './tokens.js';

export interface Heads {
  /** What is none of this version's, or damaged so that it can be seen, is left out. */
  readonly heads: readonly Frame[];
  readonly tokens: ResourceTokens | undefined;
}

export async function readHeads(context: RedisContext, address: KeyAddress): Promise<Heads> {
  const { entry, others, tokens } = address;
  const reply = (await context.run(DESCRIBE, [entry, others, tokens])) as [Buffer, ...unknown[]];
  const [resource, ...variants] = reply;
  const heads: Frame[] = [];
  for (let place = 0; place < variants.length; place += 2) {
    const start = variants[place] as Buffer;
    const frame = readFrame(start);
    // What has no body at all was cut off.
    const isWhole = Number(variants[place + 1]) > start.byteLength;
    if (typeof frame === 'object' && isWhole) heads.push(frame);
  }
  return { heads, tokens: readResource(resource.byteLength === 0 ? null : resource, address.key) };
}
