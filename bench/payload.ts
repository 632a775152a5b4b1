/** What the origin of a benchmark answers. */

/** A list of records, as an API would send it, of about that many bytes. */
export function jsonOf(bytes: number): string {
  const record = (id: number): object => ({
    id,
    name: `Customer ${id}`,
    email: `customer.${id}@example.com`,
    active: id % 3 > 0,
    balance: id * 12.75,
    tags: ['newsletter', `group-${id % 7}`],
    address: { street: `Main Street ${id}`, city: 'Springfield', country: 'US' },
  });
  const each = JSON.stringify(record(500)).length;
  return JSON.stringify(Array.from({ length: Math.round(bytes / each) }, (_, id) => record(id + 1)));
}
