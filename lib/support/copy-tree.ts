/** Copies of JSON data, by a plan that is made once from its shape: a tenth of the cost of parsing the text again. */

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
   * - `large-object`: it has so many members that a spread is slow, so `names` and `members` hold all of them.
   */
  readonly kind: 'array' | 'rows' | 'flat-object' | 'object' | 'large-object';
  readonly names: readonly string[];
  /** `undefined`: a primitive. */
  readonly members: readonly (CopyPlan | undefined)[];
}

/** JSON data with the plan by which it is copied. */
export interface CopyableTree {
  readonly value: object;
  readonly plan: CopyPlan;
}

/** Deeper data is left alone, as copying goes by recursion. */
const MAX_DEPTH = 500;
const TOO_DEEP = new RangeError('The data is too deep to be copied.');
/** From here on V8 keeps objects as dictionaries, which a spread copies slowly. */
const LARGE = 128;

/** `undefined`: nothing that is worth copying: a primitive, or data that is too deep. */
export function copyableTree(value: unknown): CopyableTree | undefined {
  if (!isObject(value)) return undefined;
  try {
    return { value, plan: planOf(value, 0, undefined) };
  } catch (error) {
    if (error === TOO_DEEP) return undefined;
    throw error;
  }
}

export const copyOfTree = ({ value, plan }: CopyableTree): unknown => copy(value, plan);

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
  // By a spread, a member of that name stays data, and does not become the copy's prototype.
  const isLarge = all.length >= LARGE && !all.includes('__proto__');
  for (const name of all) {
    const plan = planOfMember((value as Record<string, unknown>)[name]);
    if (plan === undefined && !isLarge) continue;
    names.push(name);
    members.push(plan);
  }
  const small = names.length === 0 ? 'flat-object' : 'object';
  return shared({ kind: isLarge ? 'large-object' : small, names, members }, like);
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
    case 'large-object':
      return copyMembers({}, value as Record<string, object>, plan);
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
    const member = value[name] as object;
    const planOfMember = members[index];
    own[name] = planOfMember === undefined ? member : copy(member, planOfMember);
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
