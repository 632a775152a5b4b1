/** The records of KeyValueStorage, each with all variants of one key: how they are read, written anew and repaired. */
import type { StorageOperation, StoredEntry } from '../../api/storage.js';
import type { RecordCodec } from '../record/codec.js';
import { malformed, type Unreadable } from '../record/part.js';
import type { Calls } from '../calls.js';
import type { Reports } from '../reports.js';
import type { BoundedDriver } from './driver.js';
import type { Names } from './names.js';
import { isEndless } from './tokens.js';
import { Turns } from './turns.js';
import { joinVariants, splitVariants, type Variant } from './variants.js';

/** How many records are read at once where many are. */
const BATCH = 32;
/** What nobody can use any more is kept for a minute at least: clocks differ, and some stores count in seconds. */
const SHORTEST_TTL_MS = 60_000;

export type IsKept = (variant: Variant) => boolean | Promise<boolean>;

/** What records are made of and told by. */
export interface RecordPorts {
  readonly driver: BoundedDriver;
  readonly codec: RecordCodec;
  readonly names: Names;
  readonly calls: Calls;
  readonly reports: Reports;
}

export class Records {
  readonly #ports: RecordPorts;
  readonly #turns = new Turns();

  constructor(ports: RecordPorts) {
    this.#ports = ports;
  }

  /** Who writes a record anew is the only one in this process meanwhile. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(name, work);
  }

  /** A record of another format is left to the version that wrote it; one that is damaged is deleted. */
  async read(operation: StorageOperation, name: string): Promise<readonly Variant[]> {
    const record = await this.#ports.driver.get(name);
    const reading = record && splitVariants(record);
    if (reading?.kind === 'read') return reading.value;
    if (reading?.kind === 'malformed') {
      this.#ports.reports.damage(operation, reading);
      await this.#ports.driver.delete(name);
    }
    return [];
  }

  /** What cannot be replaced, as it is too large or the store is full, must not stay in the place of what is newer. */
  async write(name: string, variants: readonly Variant[]): Promise<void> {
    const { driver } = this.#ports;
    if (variants.length === 0) {
      await driver.delete(name);
      return;
    }
    const purgeAtMs = Math.max(...variants.map(({ note }) => note.purgeAtMs));
    const ttlMs = isEndless(purgeAtMs) ? undefined : Math.ceil(Math.max(purgeAtMs - Date.now(), SHORTEST_TTL_MS));
    try {
      await driver.set(name, joinVariants(variants), ttlMs);
    } catch (error) {
      await driver.delete(name);
      throw error;
    }
  }

  /** Gives how many variants went. */
  keepOnly(operation: StorageOperation, name: string, isKept: IsKept): Promise<number> {
    return this.inTurn(name, async () => {
      const variants = await this.read(operation, name);
      const kept: Variant[] = [];
      for (const variant of variants) if (await isKept(variant)) kept.push(variant);
      if (kept.length < variants.length) await this.write(name, kept);
      return variants.length - kept.length;
    });
  }

  /** As `keepOnly`, for many records. */
  async keepOnlyIn(operation: StorageOperation, names: readonly string[], isKept: IsKept): Promise<number> {
    let count = 0;
    for await (const counts of inBatches(names, (name) => this.keepOnly(operation, name, isKept))) {
      for (const each of counts) count += each;
    }
    return count;
  }

  /** `undefined`: it is damaged, or of another format. */
  async readEntry(
    operation: StorageOperation,
    name: string,
    variant: Variant,
    key: string,
  ): Promise<StoredEntry | undefined> {
    const fields = await this.#ports.codec.readFields(variant.fields);
    if (fields.kind !== 'read') {
      this.noteDamage(operation, name, fields);
      return undefined;
    }
    const body = fields.value.key === key
      ? await this.#ports.codec.readBody(variant.body, fields.value)
      : malformed('it is of another key');
    if (body.kind === 'read') return { ...fields.value, body: body.value };
    this.noteDamage(operation, name, body);
    return undefined;
  }

  /**
   * Reports damage, and takes the damaged variants away, for which nobody waits: who finds them once more finds them
   * absent again. Those of another format are left to the version, or to the options, that wrote them.
   */
  noteDamage(operation: StorageOperation, name: string, reading: Unreadable): void {
    if (reading.kind !== 'malformed') return;
    const { calls, reports } = this.#ports;
    reports.damage(operation, reading);
    calls.goOn(operation, 'what is damaged could not be removed', () =>
      this.keepOnly(operation, name, (variant) => this.#isWhole(name, variant)));
  }

  async #isWhole(name: string, variant: Variant): Promise<boolean> {
    const { codec, names } = this.#ports;
    const fields = await codec.readFields(variant.fields);
    if (fields.kind !== 'read') return fields.kind === 'other-format';
    if (names.entry(fields.value.key, fields.value.resource) !== name) return false;
    return (await codec.readBody(variant.body, fields.value)).kind !== 'malformed';
  }
}

/** What `work` gives for each name, so many names at once that no store is flooded. */
export async function* inBatches<T>(
  names: readonly string[],
  work: (name: string) => Promise<T>,
): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < names.length; start += BATCH) {
    yield await Promise.all(names.slice(start, start + BATCH).map(work));
  }
}
