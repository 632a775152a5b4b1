/** One piece of work for all who need it at the same time. */

/** What is under way by this name, or what `begin` begins. */
export function shared<T>(underWay: Map<string, Promise<T>>, name: string, begin: () => Promise<T>): Promise<T> {
  const known = underWay.get(name);
  if (known !== undefined) return known;
  const begun = begin().finally(() => underWay.delete(name));
  underWay.set(name, begun);
  return begun;
}
