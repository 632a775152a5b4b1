/**
 * Copies of JSON data, at a fraction of the cost of parsing the text again: by a plan that is made once from its shape,
 * or where there is too much of it for that, member by member.
 */

/**
 * How a value of one shape is copied: with all its members at once, and then by `members` those that are objects. Rows
 * of one shape share one plan, so that a long list holds one.
 */
interface CopyPlan {
  /**
   * - `array`: each element has its place in `members`, which is empty where all elements are primitives.
   * - `rows`: all elements of the array are copied alike, by the one plan in `members`.
   * - `flat-object`: all members are primitives.
   * - `object`: `names` are those of `members`.
   * - `unplanned`: its members are looked at each time.
   */
  readonly kind: 'array' | 'rows' | 'flat-object' | 'object' | 'unplanned';
  readonly names: readonly string[];
  /** `undefined`: a primitive. */
  readonly members: readonly (CopyPlan | undefined)[];
}

/** JSON data with the plan by which it is copied. */
export interface CopyableTree {
  readonly value: object;
  plan: CopyPlan;
  copies: number;
}

/** Deeper data is left alone, as copying goes by recursion. */
const MAX_DEPTH = 500;
const TOO_DEEP = new RangeError('The data is too deep to be copied.');
/** From here on V8 keeps objects as dictionaries, which a spread copies slowly. */
const LARGE = 128;
/**
 * Text of so many characters is not planned for at first: a plan costs as much as some copies, up to thrice the time of
 * parsing, and in a page that would be one long task beside the parsing itself.
 */
const LONG = 200_000;
/** Data that is copied so often is worth a plan all the same, by which a copy takes a third of the time. */
const OFTEN = 10;
const UNPLANNED: CopyPlan = { kind: 'unplanned', names: [], members: [] };

/**
 * `length` is that of the text that `value` was parsed from, in characters. `undefined`: nothing that is worth copying:
 * a primitive, or data that is too deep.
 */
export function copyableTree(value: unknown, length: number): CopyableTree | undefined {
  if (!isObject(value)) return undefined;
  if (length >= LONG) return { value, plan: UNPLANNED, copies: 0 };
  return unlessTooDeep(() => ({ value, plan: planOf(value, 0, undefined), copies: 0 }));
}

/** `undefined`: the data is too deep. */
export const copyOfTree = (tree: CopyableTree): object | undefined =>
  unlessTooDeep(() => {
    tree.copies += 1;
    if (tree.copies === OFTEN && tree.plan === UNPLANNED) tree.plan = planOf(tree.value, 0, undefined);
    return copy(tree.value, tree.plan);
  });

function unlessTooDeep<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error === TOO_DEEP) return undefined;
    throw error;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Gives the plan of `value`, which is `like` itself where that is the same: then both are held as one. */
function planOf(value: object, depth: number, like: CopyPlan | undefined): CopyPlan {
  if (depth > MAX_DEPTH) throw TOO_DEEP;
  const names: string[] = [];
  const members: (CopyPlan | undefined)[] = [];
  const planOfMember = (member: unknown): CopyPlan | undefined =>
    isObject(member) ? planOf(member, depth + 1, like?.members[members.length] ?? members.at(-1)) : undefined;
  if (Array.isArray(value)) {
    for (const element of value) members.push(planOfMember(element));
    const [row] = members;
    const areAlike = members.every((plan) => plan === row);
    if (areAlike) members.length = row === undefined ? 0 : 1;
    return shared({ kind: areAlike && row !== undefined ? 'rows' : 'array', names, members }, like);
  }
  const all = Object.keys(value);
  if (all.length >= LARGE) return UNPLANNED;
  for (const name of all) {
    const plan = planOfMember((value as Record<string, unknown>)[name]);
    if (plan === undefined) continue;
    names.push(name);
    members.push(plan);
  }
  return shared({ kind: names.length === 0 ? 'flat-object' : 'object', names, members }, like);
}

const shared = (plan: CopyPlan, like: CopyPlan | undefined): CopyPlan =>
  like?.kind === plan.kind && isSame(like.names, plan.names) && isSame(like.members, plan.members) ? like : plan;

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index]);

function copy(value: object, plan: CopyPlan): object {
  switch (plan.kind) {
    case 'flat-object':
      return { ...value };
    case 'object':
      return copyMembers({ ...value }, value as Record<string, object>, plan);
    case 'unplanned':
      return unplannedCopy(value, 0);
    case 'array':
      return copyElements(value as readonly object[], plan.members);
    case 'rows':
      return copyRows(value as readonly object[], plan.members[0] as CopyPlan);
  }
}

function copyMembers(own: Record<string, object>, value: Record<string, object>, plan: CopyPlan): object {
  const { names, members } = plan;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    own[name] = copy(value[name] as object, members[index] as CopyPlan);
  }
  return own;
}

function copyElements(values: readonly object[], members: CopyPlan['members']): object[] {
  const own = values.slice();
  for (let index = 0; index < members.length; index += 1) {
    const plan = members[index];
    if (plan !== undefined) own[index] = copy(own[index] as object, plan);
  }
  return own;
}

function copyRows(rows: readonly object[], plan: CopyPlan): object[] {
  const own = rows.slice();
  const { length } = own;
  for (let index = 0; index < length; index += 1) own[index] = copy(own[index] as object, plan);
  return own;
}

function unplannedCopy(value: object, depth: number): object {
  if (depth > MAX_DEPTH) throw TOO_DEEP;
  return Array.isArray(value) ? unplannedCopyOfList(value, depth) : unplannedCopyOfObject(value, depth);
}

function unplannedCopyOfList(values: readonly unknown[], depth: number): unknown[] {
  const own = values.slice();
  for (let index = 0; index < own.length; index += 1) {
    const element = own[index];
    if (isObject(element)) own[index] = unplannedCopy(element, depth + 1);
  }
  return own;
}

function unplannedCopyOfObject(value: object, depth: number): object {
  const own: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    let member = (value as Record<string, unknown>)[name];
    if (isObject(member)) member = unplannedCopy(member, depth + 1);
    if (name !== '__proto__') own[name] = member;
    // Assigned, it would become the prototype.
    else Object.defineProperty(own, name, { value: member, writable: true, enumerable: true, configurable: true });
  }
  return own;
}
