/** What a worker of the soak has seen, as it writes it to a file for the judge. Times are of the machine's clock. */

/** Nanoseconds of the one clock that all processes of a machine share, as a number of microseconds. */
export const now = (): number => Number(process.hrtime.bigint() / 1000n);

/** An answer as it was stored: when its look-up had ended, and when it was handed to the storage. */
export interface Asked {
  readonly lookedUp: number;
  readonly stored: number;
}

/** An entry that a look-up gave. */
export interface Served {
  readonly begun: number;
  /** Each of these may have been invalidated. */
  readonly names: readonly string[];
  readonly body: Asked;
  /** Of the renewal that has written its head, where there was one. */
  readonly renewal: Asked | undefined;
}

/** `under way` as a name: nothing is deleted, and what was looked up before is not stored any more. */
export interface Invalidated {
  readonly name: string;
  readonly called: number;
  readonly resolved: number;
}

/** How often something was done or seen. */
export type Counts = Record<'rounds' | 'hits' | 'stored' | 'refused' | 'lost' | 'invalidations' | 'heads', number>;

export interface Log {
  readonly served: readonly Served[];
  readonly invalidated: readonly Invalidated[];
  readonly counts: Counts;
  /** By message. */
  readonly failures: Readonly<Record<string, number>>;
}
