/** The storage in Redis: what a user makes, and what the port asks of it. */
import type {
  CacheStorage,
  Fence,
  ProblemListener,
  RenewedEntry,
  StorageLease,
  StorageReading,
  StorageRevisions,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { Reports } from '../reports.js';
import { adoptClient, type RedisLink } from './client.js';
import { RedisContext } from './context.js';
import { RedisKeys } from './keys.js';
import { takeLease } from './lease.js';
import { readPage, scanPages } from './listing.js';
import { readMeta } from './meta.js';
import { type RedisStorageOptions, type RedisTarget, resolveRedisOptions } from './options.js';
import { ownClientOf } from './own-client.js';
import { RedisReader } from './reader.js';
import { RedisRemover } from './remover.js';
import { checkRoom, explainFull } from './room.js';
import { RedisWriter } from './writer.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';

/**
 * Keeps entries in Redis, Valkey or what speaks like them, for many processes at once. What one of them invalidates
 * does not come back by an answer that was under way in another. Redis lets entries expire by itself.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor for an option that is unknown or wrong; `ERR_CACHE_DRIVER`
 * from the first call where the package redis is not installed.
 */
export class RedisStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'redis';
  /** Only where the option `lease` is given, as is `lease`. */
  readonly leaseMs?: number;
  readonly lease?: (key: string, ttlMs: number) => Promise<StorageLease | undefined>;
  readonly #context: RedisContext;
  readonly #reader: RedisReader;
  readonly #writer: RedisWriter;
  readonly #remover: RedisRemover;
  readonly #reports = new Reports('RedisStorage');
  readonly #calls = new Calls(this.name, this.#reports);
  #isRoomChecked = false;
  #isFullTold = false;

  /** @param target the address of the server, or options. */
  constructor(target?: string | RedisStorageOptions) {
    super();
    const options = resolveRedisOptions(target);
    const link = linkTo(options.target, this.#reports);
    this.#context = new RedisContext(link, new RedisKeys(options.namespace), options.codec, this.#reports);
    this.#reader = new RedisReader(this.#context);
    this.#writer = new RedisWriter(this.#context, this.#reader);
    this.#remover = new RedisRemover(this.#context);
    const { leaseMs } = options;
    if (leaseMs !== undefined) {
      this.leaseMs = leaseMs;
      this.lease = (key, ttlMs) => this.#calls.run(() => takeLease(this.#context, key, Math.min(leaseMs, ttlMs)));
    }
  }

  get(key: string, scope: StorageScope): Promise<StorageReading> {
    return this.#calls.run(() => this.#reader.lookUp(key, scope));
  }

  /** As `get`, but no bodies are read: two short commands in one trip. */
  revisions(key: string, scope: StorageScope): Promise<StorageRevisions> {
    return this.#calls.run(() => this.#reader.revisions(key, scope));
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean> {
    return this.#write(() => this.#writer.set(entry, fence));
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#write(() => this.#writer.touch(entry, fence));
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#calls.run(() => this.#remover.delete(selector));
  }

  /** Redis has deleted by itself what is past; only what a clock that is ahead of this machine's calls past is left. */
  async deleteExpired(nowMs: number): Promise<number> {
    this.#calls.assertOpen();
    if (nowMs <= Date.now()) return 0;
    let count = 0;
    for await (const { address, info } of this.#listed()) {
      if (info.purgeAtMs > nowMs && info.createdAtMs <= nowMs + CLOCK_STEP_MS) continue;
      count += await this.#calls.run(() => this.#remover.deleteVariant(address, info.variant, info.revision));
    }
    return count;
  }

  /** All is void when it resolves. The room is given back after that. */
  async clear(): Promise<void> {
    const hasEntries = await this.#calls.run(() => this.#remover.clear());
    if (!hasEntries) return;
    // Where this fails, what is void stays until it expires.
    this.#calls.run(() => this.#remover.sweep(() => this.#calls.isEnding)).catch(() => undefined);
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    for await (const { info } of this.#listed()) yield info;
  }

  async *#listed(): AsyncIterable<{ address: Parameters<RedisRemover['deleteVariant']>[0]; info: StoredEntryInfo }> {
    this.#calls.assertOpen();
    const pages = scanPages(this.#context)[Symbol.asyncIterator]();
    yield* this.#calls.pages(async () => {
      const page = await pages.next();
      return page.done === true ? undefined : readPage(this.#context, this.#reader, page.value);
    });
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    return this.#calls.run(() => readMeta(this.#context, name, makeIfAbsent));
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Waits for calls under way. A client of the user's stays open. */
  close(): Promise<void> {
    return this.#calls.end(() => this.#context.link.close());
  }

  #write(work: () => Promise<boolean>): Promise<boolean> {
    return this.#calls.run(async () => {
      this.#checkRoomOnce();
      try {
        return await work();
      } catch (error) {
        if (this.#context.splitsBy(error)) return work();
        throw this.#explained(error);
      }
    });
  }

  #checkRoomOnce(): void {
    if (this.#isRoomChecked) return;
    this.#isRoomChecked = true;
    void this.#calls.track(checkRoom(this.#context));
  }

  /** That Redis is full is told once. */
  #explained(error: unknown): unknown {
    const full = explainFull(error);
    if (full === undefined) return error;
    if (!this.#isFullTold) this.#reports.problem('set', full);
    this.#isFullTold = true;
    return full;
  }
}

function linkTo(target: RedisTarget, reports: Reports): RedisLink {
  if (target.kind === 'client') return adoptClient(target.client);
  return ownClientOf('RedisStorage', target, { onLost: (error) => { reports.problem('get', error); } });
}
