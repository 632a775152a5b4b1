/** What the origin of a benchmark answers. */

export interface Payload {
  /** How long the JSON is, about. */
  readonly bytes: number;
  /** `true`: the answer depends on the number at the end of the path, so that a mix-up of keys is found. */
  readonly distinct: boolean;
}

const record = (id: number): object => ({
  id,
  name: `Customer ${id}`,
  email: `customer.${id}@example.com`,
  active: id % 3 > 0,
  balance: id * 12.75,
  tags: ['newsletter', `group-${id % 7}`],
  address: { street: `Main Street ${id}`, city: 'Springfield', country: 'US' },
});
const RECORD_BYTES = JSON.stringify(record(500)).length;

/** A list of records, as an API would send it. */
function jsonOf(bytes: number, first: number): string {
  const length = Math.max(1, Math.round(bytes / RECORD_BYTES));
  return JSON.stringify(Array.from({ length }, (_, index) => record(first + index)));
}

/** Gives the answer to each path. The one answer of all paths is made once. */
export function answersOf({ bytes, distinct }: Payload): (path: string) => string {
  const text = jsonOf(bytes, 1);
  return distinct ? (path) => jsonOf(bytes, Number(/\d+$/.exec(path)?.[0] ?? 1)) : () => text;
}
