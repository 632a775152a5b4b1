/** Copies of JSON data, by a plan that is made once from its shape: a tenth of the cost of parsing the text again. */

/** How a value of one shape is copied; rows of one shape share one plan. */
export type CopyPlan =
  /** An array of primitives. */
  | { readonly kind: 'flat-array' }
  /** An object of primitives. */
  | { readonly kind: 'flat-object' }
  /** An array all of whose elements are copied alike. */
  | { readonly kind: 'rows'; readonly row: CopyPlan }
  /** An array with a plan for each element; `undefined`: a primitive. */
  | { readonly kind: 'array'; readonly elements: readonly (CopyPlan | undefined)[] }
  /** An object, and those of its members that are no primitives. */
  | { readonly kind: 'object'; readonly names: readonly string[]; readonly members: readonly CopyPlan[] }
  /** An object with so many members that a spread of it is slow. */
  | {
      readonly kind: 'large-object';
      readonly names: readonly string[];
      readonly members: readonly (CopyPlan | undefined)[];
    };

/** JSON data with the plan by which it is copied. */
export interface CopyableTree {
  readonly value: object;
  readonly plan: CopyPlan;
}

/** Deeper data is left alone, as copying goes by recursion. */
const MAX_DEPTH = 500;
/** From here on V8 keeps objects as dictionaries, which a spread copies slowly. */
const LARGE = 128;

const FLAT_ARRAY: CopyPlan = { kind: 'flat-array' };
const FLAT_OBJECT: CopyPlan = { kind: 'flat-object' };

/** `undefined`: nothing that is worth copying: a primitive, or data that is too deep. */
export function copyableTree(value: unknown): CopyableTree | undefined {
  if (!isObject(value)) return undefined;
  const plan = planOf(value, 0);
  return plan === undefined ? undefined : { value, plan };
}

export const copyOfTree = ({ value, plan }: CopyableTree): unknown => copy(value, plan);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function planOf(value: object, depth: number): CopyPlan | undefined {
  if (depth > MAX_DEPTH) return undefined;
  return Array.isArray(value) ? planOfArray(value, depth) : planOfObject(value, depth);
}

function planOfArray(values: readonly unknown[], depth: number): CopyPlan | undefined {
  const elements: (CopyPlan | undefined)[] = [];
  let isFlat = true;
  let areAlike = true;
  for (const value of values) {
    if (!isObject(value)) {
      elements.push(undefined);
      areAlike = false;
      continue;
    }
    isFlat = false;
    const plan = planOf(value, depth + 1);
    if (plan === undefined) return undefined;
    const first = elements[0];
    // Rows share the plan of the first, so that a long list holds one.
    if (areAlike && first !== undefined && !isSame(first, plan)) areAlike = false;
    elements.push(areAlike && first !== undefined ? first : plan);
  }
  if (isFlat) return FLAT_ARRAY;
  const [row] = elements;
  return areAlike && row !== undefined ? { kind: 'rows', row } : { kind: 'array', elements };
}

function planOfObject(value: object, depth: number): CopyPlan | undefined {
  const names = Object.keys(value);
  const nested: string[] = [];
  const members: CopyPlan[] = [];
  const all: (CopyPlan | undefined)[] = [];
  for (const name of names) {
    const member = (value as Record<string, unknown>)[name];
    if (!isObject(member)) {
      all.push(undefined);
      continue;
    }
    const plan = planOf(member, depth + 1);
    if (plan === undefined) return undefined;
    nested.push(name);
    members.push(plan);
    all.push(plan);
  }
  if (names.length >= LARGE) return { kind: 'large-object', names, members: all };
  return nested.length === 0 ? FLAT_OBJECT : { kind: 'object', names: nested, members };
}

function isSame(one: CopyPlan, other: CopyPlan): boolean {
  if (one === other) return true;
  if (one.kind === 'rows' && other.kind === 'rows') return isSame(one.row, other.row);
  if (one.kind === 'array' && other.kind === 'array') return areSame(one.elements, other.elements);
  if (one.kind === 'object' && other.kind === 'object') {
    return (
      one.names.length === other.names.length &&
      one.names.every((name, index) => name === other.names[index]) &&
      areSame(one.members, other.members)
    );
  }
  return false;
}

const areSame = (ones: readonly (CopyPlan | undefined)[], others: readonly (CopyPlan | undefined)[]): boolean =>
  ones.length === others.length &&
  ones.every((one, index) => {
    const other = others[index];
    return one === undefined || other === undefined ? one === other : isSame(one, other);
  });

function copy(value: object, plan: CopyPlan): object {
  switch (plan.kind) {
    case 'flat-object':
      return { ...value };
    case 'flat-array':
      return (value as unknown[]).slice();
    case 'object':
      return copyObject(value as Record<string, object>, plan.names, plan.members);
    case 'rows':
      return copyRows(value as object[], plan.row);
    case 'array':
      return copyArray(value as object[], plan.elements);
    case 'large-object':
      return copyLarge(value as Record<string, object>, plan.names, plan.members);
  }
}

function copyObject(value: Record<string, object>, names: readonly string[], members: readonly CopyPlan[]): object {
  const own = { ...value };
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    own[name] = copy(own[name] as object, members[index] as CopyPlan);
  }
  return own;
}

/** Rows of primitives, and rows with nested members, each in a loop of its own. */
function copyRows(rows: readonly object[], plan: CopyPlan): object[] {
  const own = rows.slice();
  const { length } = own;
  if (plan.kind === 'flat-object') for (let index = 0; index < length; index += 1) own[index] = { ...own[index] };
  else if (plan.kind === 'object') {
    const { names, members } = plan;
    for (let index = 0; index < length; index += 1) {
      own[index] = copyObject(own[index] as Record<string, object>, names, members);
    }
  } else for (let index = 0; index < length; index += 1) own[index] = copy(own[index] as object, plan);
  return own;
}

function copyArray(values: readonly object[], elements: readonly (CopyPlan | undefined)[]): object[] {
  const own = values.slice();
  for (let index = 0; index < own.length; index += 1) {
    const plan = elements[index];
    if (plan !== undefined) own[index] = copy(own[index] as object, plan);
  }
  return own;
}

const OWN_MEMBER = { enumerable: true, writable: true, configurable: true };

function copyLarge(
  value: Record<string, object>,
  names: readonly string[],
  members: readonly (CopyPlan | undefined)[],
): object {
  const own: Record<string, object> = {};
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    const plan = members[index];
    const member = value[name] as object;
    const copied = plan === undefined ? member : copy(member, plan);
    // A member of that name is data, and must not become the copy's prototype.
    if (name === '__proto__') Object.defineProperty(own, name, { ...OWN_MEMBER, value: copied });
    else own[name] = copied;
  }
  return own;
}
