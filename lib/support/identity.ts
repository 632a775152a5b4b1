/** Numbers for objects whose content cannot be read: in one process the same object always has the same number. */

const identities = new WeakMap<object, number>();
/** Another copy of this package begins elsewhere, so that its numbers are never taken for those of this one. */
let last = Math.random();

export function identityOf(value: object): number {
  const known = identities.get(value);
  if (known !== undefined) return known;
  last += 1;
  identities.set(value, last);
  return last;
}
