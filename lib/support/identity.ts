/** A number for an object whose content cannot be read: the same for the same object, in this process. */

const identities = new WeakMap<object, number>();
let last = 0;

export function identityOf(value: object): number {
  const known = identities.get(value);
  if (known !== undefined) return known;
  last += 1;
  identities.set(value, last);
  return last;
}
