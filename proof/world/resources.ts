/** What the origin has: a few resources, each with rules for caches of its own, and bodies that tell what they are. */

/** Seconds that a caller of the rules may add to. */
export interface ResourceRules {
  /** Its Cache-Control; the settings of the cache speak where there is none. */
  readonly cacheControl: string | undefined;
  /** How long it is fresh by its own word; `undefined` leaves that to the settings. */
  readonly lifetime: number | undefined;
  /** So long after its end it may be used while it is renewed, and where the origin fails. */
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** It is never used stale, nor without the origin where it says `no-cache`. */
  readonly forbidsStale: boolean;
  /** It is asked for each time. */
  readonly validatesAlways: boolean;
  readonly noStore: boolean;
  /** Every other version of it is not fresh or must not be stored, and ends what is stored of the one before. */
  readonly alternates: boolean;
}

const RULES: ResourceRules = {
  cacheControl: undefined,
  lifetime: undefined,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  forbidsStale: false,
  validatesAlways: false,
  noStore: false,
  alternates: false,
};

export const KINDS = {
  'says nothing': RULES,
  'max-age': { ...RULES, cacheControl: 'max-age=10', lifetime: 10 },
  'max-age=0': { ...RULES, cacheControl: 'max-age=0', lifetime: 0 },
  'no-cache': { ...RULES, cacheControl: 'no-cache', lifetime: 0, forbidsStale: true, validatesAlways: true },
  'no-store': { ...RULES, cacheControl: 'no-store', lifetime: 0, noStore: true },
  'must-revalidate': { ...RULES, cacheControl: 'max-age=6, must-revalidate', lifetime: 6, forbidsStale: true },
  alternating: { ...RULES, cacheControl: 'max-age=10', lifetime: 10, alternates: true },
  windows: {
    ...RULES,
    cacheControl: 'max-age=5, stale-while-revalidate=10, stale-if-error=30',
    lifetime: 5,
    staleWhileRevalidate: 10,
    staleIfError: 30,
  },
} as const satisfies Readonly<Record<string, ResourceRules>>;

export type ResourceKind = keyof typeof KINDS;

/** The rules for one version. */
export function rulesOf(kind: ResourceKind, version: number): ResourceRules {
  if (!KINDS[kind].alternates || version % 2 === 1) return KINDS[kind];
  return KINDS[version % 4 === 0 ? 'no-store' : 'max-age=0'];
}

export type Validator = 'etag' | 'last-modified' | 'none';

/** What the origin makes of conditions on another version than the present one, or of any. */
export type ConditionsAs =
  | 'judges'
  /** It answers 304 all the same, which is about its present version. */
  | 'confuses'
  /** It takes no request that has a condition. */
  | 'refuses';

export interface Resource {
  readonly kind: ResourceKind;
  readonly validator: Validator;
  /** Whether `X-Variant` selects an answer. */
  readonly varies: boolean;
  readonly conditions: ConditionsAs;
  /** Whether it answers a request for a range with that part alone. */
  readonly ranges: boolean;
}

export const USERS = ['', 'ada', 'grace'] as const;
/** The last one sends no field by which an answer is selected. */
export const VARIANTS = ['a', 'b', 'none'] as const;

/** What an answer is: which resource, whose, in which variant and version. */
export interface Identity {
  readonly resource: number;
  readonly user: string;
  readonly variant: string;
  readonly version: number;
  /** Whether a version is as long as the next one, so that its length does not tell that they are two. */
  readonly hasTwin?: boolean;
}

/** Without a validator nothing but the length tells an answer to HEAD which version it is about. */
export const hasTwin = ({ ranges, validator }: Resource): boolean => ranges && validator !== 'none';

export const nameOf = ({ resource, user, variant, version }: Identity): string =>
  `${resource}.${user || 'nobody'}.${variant || '-'}.${version}`;

/** The whole body of an answer: its length and its filler follow from what it is. */
export function bodyOf(identity: Identity): string {
  const telling = identity.hasTwin === true ? (identity.version - 1) >> 1 : identity.version;
  const length = 20 + ((telling * 7 + identity.resource * 3) % 40);
  // Each part of it tells the version, as far as there are letters.
  const letter = String.fromCharCode(97 + (identity.version % 26));
  return JSON.stringify({ [letter]: letter.repeat(9), is: nameOf(identity), filler: letter.repeat(length) });
}

/** A URL that leads to another one, which may be such a URL too. */
export interface Source {
  readonly status: 301 | 302 | 307 | 308;
  readonly cacheControl: undefined | 'max-age=5' | 'max-age=20' | 'no-store';
  /** Where it leads to at first. */
  readonly to: string;
}

/** What a redirect says of how long it holds, in the terms of an answer. */
export function rulesOfSource({ cacheControl }: Source): ResourceRules {
  if (cacheControl === 'no-store') return KINDS['no-store'];
  const lifetime = cacheControl === undefined ? undefined : Number(cacheControl.slice('max-age='.length));
  return { ...RULES, cacheControl, lifetime };
}

/** The bytes from `first` to `last`, both included. */
export interface Part {
  readonly first: number;
  readonly last: number;
}

/** Which bytes of so many a Range is for; `undefined` where it is none that the origin heeds. */
export function partOf(range: string, length: number): Part | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return { first: Math.max(0, length - Number(last)), last: length - 1 };
  return { first: Number(first), last: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}

/** As Content-Range has it. */
export const rangeText = ({ first, last }: Part, length: number): string => `bytes ${first}-${last}/${length}`;

/** As Content-Range has it; `undefined` for what is none, and so for a whole body. */
export function partIn(contentRange: string | undefined): Part | undefined {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(contentRange ?? '') ?? [];
  return first === undefined ? undefined : { first: Number(first), last: Number(last) };
}

export const tagOf = (resource: number): string => `tag ${resource % 2}`;
