/** A map with a bound, for what is remembered and may be forgotten. */

interface BoundedMapOptions<Key, Value> {
  /** How much of the bound one entry takes; every entry takes 1 where this is left out. */
  readonly sizeOf?: (key: Key) => number;
  /** Is given the entries that were forgotten to make room, oldest first. */
  readonly onForgotten?: (forgotten: ReadonlyMap<Key, Value>) => void;
}

/**
 * A Map that holds at most `limit` entries, two or more. It has two generations: what is set or got goes into the young
 * one. When that has taken half of the bound it becomes the old one, and the former old one is forgotten as a whole.
 * So what was used last is kept, and each operation takes the same time however large the map is.
 */
export class BoundedMap<Key, Value> {
  readonly #half: number;
  readonly #sizeOf: ((key: Key) => number) | undefined;
  readonly #onForgotten: ((forgotten: ReadonlyMap<Key, Value>) => void) | undefined;
  /** It is made when it is first needed, as many are never. */
  #young: Map<Key, Value> | undefined;
  #old: Map<Key, Value> | undefined;
  /** How much of the bound the young generation has taken since it began. */
  #taken = 0;

  constructor(limit: number, options?: BoundedMapOptions<Key, Value>) {
    this.#half = limit / 2;
    this.#sizeOf = options?.sizeOf;
    this.#onForgotten = options?.onForgotten;
  }

  /** How many entries there are. */
  get size(): number {
    return (this.#young?.size ?? 0) + (this.#old?.size ?? 0);
  }

  /** Gives the value of `key`, and keeps it from being forgotten next. */
  get(key: Key): Value | undefined {
    const value = this.#young?.get(key);
    if (value !== undefined || this.#old === undefined) return value;
    const former = this.#old.get(key);
    if (former !== undefined) this.set(key, former);
    return former;
  }

  /** Gives the entries, of which a use does not count. */
  *entries(): IterableIterator<[Key, Value]> {
    if (this.#old !== undefined) yield* this.#old;
    if (this.#young !== undefined) yield* this.#young;
  }

  has(key: Key): boolean {
    return this.#young?.has(key) === true || this.#old?.has(key) === true;
  }

  set(key: Key, value: Value): void {
    this.#old?.delete(key);
    if (this.#young?.has(key) !== true) this.#makeRoom(this.#sizeOf?.(key) ?? 1);
    (this.#young ??= new Map()).set(key, value);
  }

  delete(key: Key): void {
    this.#young?.delete(key);
    this.#old?.delete(key);
  }

  #makeRoom(size: number): void {
    this.#taken += size;
    if (this.#taken <= this.#half) return;
    const forgotten = this.#old;
    this.#old = this.#young;
    this.#young = undefined;
    this.#taken = size;
    if (forgotten !== undefined && forgotten.size > 0) this.#onForgotten?.(forgotten);
  }
}
