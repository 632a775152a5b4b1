/** What all parts of RedisStorage work with. */
import type { RecordCodec } from '../record/codec.js';
import { malformed } from '../record/part.js';
import type { Reports } from '../reports.js';
import { type Argument, type RedisLink, runScript } from './client.js';
import { type RedisKeys, typeOf } from './keys.js';
import { HEAL, type Script } from './scripts.js';
import { type NamespaceRecord, writeMetaName, writeMetaValue } from './tokens.js';

export class RedisContext {
  readonly link: RedisLink;
  readonly keys: RedisKeys;
  readonly codec: RecordCodec;
  readonly reports: Reports;
  readonly meta = new HeldMeta();
  /** True where what belongs to a resource and what belongs to the namespace must not stand in one command. */
  isSplit: boolean;

  constructor(link: RedisLink, keys: RedisKeys, codec: RecordCodec, reports: Reports) {
    this.link = link;
    this.keys = keys;
    this.codec = codec;
    this.reports = reports;
    this.isSplit = link.isCluster;
  }

  /** True for the first error by which a cluster shows itself that stands behind the address of one server. */
  splitsBy(error: unknown): boolean {
    if (this.isSplit || !String(error).includes('CROSSSLOT')) return false;
    this.isSplit = true;
    return true;
  }

  run(script: Script, keys: readonly [string, ...string[]], args?: readonly Argument[]): Promise<unknown> {
    return this.#healing(keys, () => runScript(this.link, script, keys, args));
  }

  /** @param name of the command, which has no other key than this. */
  command(name: string, key: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.#healing([key], () => this.link.run(key, [name, key, ...args]));
  }

  /** A key of another type than ours has is somebody else's mistake, or damage. It goes, and the call is made again. */
  #healing(keys: readonly string[], work: () => Promise<unknown>): Promise<unknown> {
    return work().catch(async (error: unknown) => {
      if (!String(error).includes('WRONGTYPE')) throw error;
      await Promise.all(keys.map((key) => this.#heal(key)));
      return work();
    });
  }

  async #heal(key: string): Promise<void> {
    const found = (await runScript(this.link, HEAL, [key], [typeOf(key)])) as Buffer | null;
    if (found === null) return;
    this.reports.damage('get', malformed(`a ${String(found)} of Redis stands in place of it`));
  }
}

/**
 * The `meta` values that this process was given. They are written again with a record of the namespace that is made
 * anew, so that processes which live on keep what they have in common.
 */
export class HeldMeta {
  /** As they are written. */
  readonly #held = new Map<string, string>();

  hold(writtenName: string, writtenValue: string): void {
    this.#held.set(writtenName, writtenValue);
  }

  /** Text for scripts. A value that is to be made stands behind those that are held. */
  written(more?: { readonly name: string; readonly value: string }): string {
    const held = [...this.#held].map(([name, value]) => `|${name}=${value}`).join('');
    return more === undefined ? held : `${held}|${writeMetaName(more.name)}=${writeMetaValue(more.value)}`;
  }

  /** `differs`: others go by another value by now, so that they and this process do not understand each other. */
  compare({ meta }: NamespaceRecord): 'same' | 'lacking' | 'differs' {
    let result: 'same' | 'lacking' = 'same';
    for (const [name, value] of this.#held) {
      const found = meta.get(name);
      if (found === undefined) result = 'lacking';
      else if (found !== value) return 'differs';
    }
    return result;
  }
}
