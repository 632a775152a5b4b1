/** How schedules are drawn: what is all over the place, what is about one thing, and what races. */
import fc from 'fast-check';
import { type ConditionsAs, KINDS, type Resource, type ResourceKind, type Source, USERS, VARIANTS } from '../world/resources.js';
import type { ResourceState } from '../world/origin.js';
import type { StorageState } from '../world/gated-storage.js';
import type { Ending } from '../world/tasks.js';
import { type Setting, SETTING_NAMES } from './settings.js';
import { type Directive, DIRECTIVES, LIFETIMES, type Mode, MODES, type Range, RANGES, type RequestStep, RESOURCES, type Schedule, type Step, TARGETS, TYPES } from './steps.js';

const any = <T,>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** The first value mostly. */
const mostly = <T,>(first: T, others: readonly T[], weight: number): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: any(others) });

const on = any([0, 0, 1]);
const resource = any([0, 0, 0, 1, 1, 2]);
const user = any(USERS);

const request: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('request' as const),
  on,
  method: mostly('GET' as const, ['HEAD' as const], 7),
  resource,
  user: mostly<(typeof USERS)[number]>('', USERS, 3),
  named: mostly(false, [true], 5),
  variant: mostly<(typeof VARIANTS)[number]>('a', VARIANTS, 1),
  mode: mostly<Mode>('default', MODES, 4),
  directive: mostly<Directive>('', DIRECTIVES, 4),
  lifetime: mostly<(typeof LIFETIMES)[number]>(0, LIFETIMES, 3),
  type: mostly<(typeof TYPES)[number]>('json', TYPES, 1),
  timeout: mostly(0, [40, 1000, 5000], 5),
  drops: mostly(false, [true], 4),
  range: mostly<Range>('', RANGES, 6),
  via: mostly<RequestStep['via']>(-1, [0, 0, 1], 8),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: request },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      on,
      method: any(['PUT', 'POST', 'PATCH', 'DELETE'] as const),
      resource,
      user,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      resource,
      to: mostly<ResourceState>('there', ['gone', 'fails'], 5),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('invalidate' as const),
      on,
      resource,
      by: any(['url', 'url', 'tag', 'pattern', 'clear'] as const),
      via: mostly<RequestStep['via']>(-1, [0, 0, 1], 8),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      nth: fc.nat(5),
      ending: mostly<Ending>('whole', ['half', 'half', 'fails', 'fails late'], 3),
    }),
  },
  { weight: 22, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('abort' as const), nth: fc.nat(5) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: any([30, 300, 1100, 2500, 70_000]) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      seconds: any([1, 2, 2, 4, 4, 5, 7, 9, 12, 16, 20, 30, 45, 100_000, -3, -20, -5000]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('storage' as const),
      is: any<StorageState>(['at once', 'at once', 'waits', 'waits', 'rejects', 'throws']),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete expired' as const), on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), on }) },
);

/** What a schedule may be about: one kind of resource, one user, one directive and mode besides the usual ones. */
interface Focus {
  /** The seconds by which time goes on instead of what is rare and has nothing to do with age. */
  readonly seconds: number;
  readonly kind: ResourceKind;
  readonly directive: Directive;
  readonly mode: Mode;
}

const focus: fc.Arbitrary<Focus> = fc.record({
  seconds: any([1, 2, 4, 4, 5, 9, 16, 20]),
  kind: any(Object.keys(KINDS) as ResourceKind[]),
  directive: any([...DIRECTIVES.filter((each) => each !== ''), 'stale-if-error=20', 'stale-if-error=20'] as const),
  mode: any(['default', 'default', 'default', ...MODES] as const),
});

const ASIDE: ReadonlySet<Step['do']> = new Set(['change', 'pass', 'storage', 'delete expired', 'close']);

/** What is drawn at random is all over the place: limits show where the same is asked for again and again. */
function focused({ resources, steps, ...others }: Schedule, of: Focus): Schedule {
  const { kind, directive, mode, seconds } = of;
  const isOfFailures = directive === 'stale-if-error=20';
  const onFocus = (step: Step, index: number): Step => {
    if (ASIDE.has(step.do)) return { do: 'jump', seconds };
    // What fails is asked once more without conditions, so that one failure is not enough.
    const isFailing = step.do === 'invalidate' || (step.do === 'settle' && index % 2 === 1);
    if (isOfFailures && isFailing) return { do: 'release', nth: 0, ending: 'fails' };
    if (step.do === 'release' && step.ending === 'half') return { ...step, ending: 'fails' };
    if (step.do !== 'request') return step;
    const isUsual = step.directive === '' && step.variant === 'a';
    return {
      ...step,
      user: '',
      resource: step.resource === 2 ? 2 : 0,
      directive: isUsual ? '' : directive,
      mode: step.mode === 'default' ? 'default' : mode,
    };
  };
  return { ...others, resources: resources.map((each) => ({ ...each, kind })), steps: steps.map(onFocus) };
}

const sources: fc.Arbitrary<readonly Source[]> = fc.array(
  fc.record({
    status: any([301, 302, 307, 308] as const),
    cacheControl: any([undefined, undefined, 'max-age=5', 'max-age=20', 'no-store'] as const),
    to: any(TARGETS.filter((to) => to.startsWith('/r'))),
  }),
  { minLength: 2, maxLength: 2 },
);

const scattered: fc.Arbitrary<Schedule> = fc.record({
  sources,
  tells: any(['redirects', 'redirects', 'nothing'] as const),
  resources: fc.array(
    fc.record({
      kind: any(Object.keys(KINDS) as ResourceKind[]),
      validator: any(['etag', 'etag', 'last-modified', 'none'] as const),
      varies: any([false, false, true]),
      conditions: mostly<ConditionsAs>('judges', ['confuses', 'refuses'], 2),
      ranges: mostly(false, [true], 4),
    }),
    { minLength: RESOURCES, maxLength: RESOURCES },
  ),
  setting: mostly<Setting>('usual', SETTING_NAMES, 2),
  second: any(['none', 'same object', 'other process', 'other process'] as const),
  inProcess: any([true, true, false]),
  storage: any<StorageState>(['at once', 'waits']),
  hasFences: mostly(true, [false], 5),
  made: any(['when asked', 'when released'] as const),
  steps: fc.array(step, { minLength: 1, maxLength: 36, size: 'max' }),
});

/** What a schedule of parts may be about: bytes of one resource, whole and in parts, which is changed meanwhile. */
interface PartsFocus {
  readonly kind: ResourceKind;
  readonly validator: Resource['validator'];
  readonly ranges: readonly Range[];
}

const partsFocus: fc.Arbitrary<PartsFocus> = fc.record({
  kind: any<ResourceKind>(['max-age', 'max-age', 'says nothing', 'windows', 'must-revalidate', 'no-cache', 'alternating']),
  validator: any(['etag', 'etag', 'last-modified', 'none'] as const),
  ranges: fc.array(any(RANGES), { minLength: 7, maxLength: 7 }),
});

const DISTURBING: ReadonlySet<Step['do']> = new Set(['write', 'invalidate', 'jump', 'storage', 'close', 'abort']);

function inParts({ resources, steps, ...others }: Schedule, { kind, validator, ranges }: PartsFocus): Schedule {
  const ofParts = (step: Step, index: number): Step => {
    // What ends a part leaves nothing to join.
    if (DISTURBING.has(step.do) && index % 3 !== 0) return { do: 'settle' };
    if (!('resource' in step)) return step;
    const resource = step.resource === 2 ? 2 : 0;
    if (step.do !== 'request') return { ...step, resource };
    const type = step.type === 'stream' && index % 2 === 1 ? 'stream' : 'arraybuffer';
    const asUsual = index % 4 === 0 ? {} : { mode: 'default', directive: '', method: 'GET', via: -1, variant: 'a' } as const;
    return { ...step, ...asUsual, resource, type, user: '', range: ranges[index % ranges.length] ?? '' };
  };
  const ofBytes = resources.map((each) => ({ ...each, kind, validator, ranges: true }));
  return { ...others, resources: ofBytes, steps: steps.map(ofParts) };
}

/** What a schedule of redirects may be about: by which of two sources each step goes, and what changes. */
interface WaysFocus {
  readonly kind: ResourceKind;
  readonly vias: readonly RequestStep['via'][];
  readonly targets: readonly (typeof TARGETS)[number][];
}

const waysFocus: fc.Arbitrary<WaysFocus> = fc.record({
  kind: any<ResourceKind>(['max-age', 'says nothing', 'says nothing', 'windows', 'must-revalidate', 'alternating']),
  vias: fc.array(any([-1, 0, 0, 1] as const), { minLength: 7, maxLength: 7 }),
  targets: fc.array(any(TARGETS), { minLength: 5, maxLength: 5 }),
});

function byWays({ resources, steps, ...others }: Schedule, { kind, vias, targets }: WaysFocus): Schedule {
  const byWay = (step: Step, index: number): Step => {
    const to = targets[index % targets.length];
    if (step.do === 'change' && index % 2 === 0 && to !== undefined) return { do: 'retarget', source: index % 4 >> 1, to };
    if (step.do !== 'request' && step.do !== 'invalidate') return step;
    const via = vias[index % vias.length] ?? -1;
    return step.do === 'request' ? { ...step, via, user: '' } : { ...step, via };
  };
  const ofKind = resources.map((each) => ({ ...each, kind }));
  return { ...others, resources: ofKind, tells: 'redirects', steps: steps.map(byWay) };
}

/** What may come in another order: requests that are not shared, changes and deletions, and their answers. */
const racing = (changes: number, invalidations: number): fc.Arbitrary<Step> => fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      on,
      method: mostly('GET' as const, ['HEAD' as const], 9),
      resource: fc.constant(0),
      user: fc.constant('' as const),
      named: fc.constant(false),
      variant: fc.constant('a' as const),
      mode: any<Mode>(['default', 'default', 'reload', 'no-cache']),
      directive: fc.constant('' as const),
      lifetime: fc.constant(0 as const),
      type: any(['json', 'json', 'json', 'stream'] as const),
      timeout: fc.constant(0),
      drops: fc.constant(false),
      range: any(['', '', ...RANGES] as const),
      via: fc.constant(-1 as const),
    }),
  },
  { weight: changes, arbitrary: fc.record({
    do: fc.constant('change' as const),
    resource: fc.constant(0),
    to: mostly<ResourceState>('there', ['gone'], 9),
  }) },
  {
    weight: invalidations,
    arbitrary: fc.record({
      do: fc.constant('invalidate' as const),
      on,
      resource: fc.constant(0),
      by: any(['url', 'url', 'tag', 'clear'] as const),
      via: fc.constant(-1 as const),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({ do: fc.constant('release' as const), nth: fc.nat(2), ending: fc.constant('whole' as const) }),
  },
  { weight: 8, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('jump' as const), seconds: any([2, 12]) }) },
);

interface Race extends Pick<Schedule, 'hasFences' | 'made' | 'steps'>, Partial<Pick<Schedule, 'second'>> {
  readonly kind: ResourceKind;
  /** Whether parts are asked for too, all as bytes. */
  readonly hasParts: boolean;
}

/** Half of them without fences: what the instance itself sees to is not to hide behind what the storage does. */
const races: fc.Arbitrary<Race> = fc.record({
  kind: any<ResourceKind>(['alternating', 'alternating', 'max-age', 'says nothing', 'windows']),
  hasParts: mostly(false, [true], 2),
  hasFences: any([true, false]),
  made: mostly<Schedule['made']>('when asked', ['when released'], 3),
  steps: fc.array(racing(12, 5), { minLength: 4, maxLength: 24, size: 'max' }),
});

/** Two processes, of which one deletes what the other has under way. */
const raceOfTwo: fc.Arbitrary<Race> = fc.record({
  kind: any<ResourceKind>(['max-age', 'says nothing', 'windows']),
  hasParts: mostly(false, [true], 2),
  second: fc.constant('other process' as const),
  hasFences: fc.constant(true),
  made: any(['when asked', 'when released'] as const),
  steps: fc.array(racing(3, 15), { minLength: 4, maxLength: 16, size: 'max' }),
});

function raced({ resources, ...others }: Schedule, { kind, hasParts, steps, ...race }: Race): Schedule {
  const withParts = (step: Step): Step => {
    if (step.do !== 'request') return step;
    return hasParts ? { ...step, type: step.type === 'stream' ? 'stream' : 'arraybuffer' } : { ...step, range: '' };
  };
  const ofKind = resources.map((each) => ({ ...each, kind, ranges: hasParts || each.ranges }));
  return { ...others, ...race, steps: steps.map(withParts), resources: ofKind };
}

const drawn: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 4, arbitrary: scattered },
  { weight: 6, arbitrary: fc.tuple(scattered, focus).map(([schedule, of]) => focused(schedule, of)) },
  { weight: 2, arbitrary: fc.tuple(scattered, partsFocus).map(([schedule, of]) => inParts(schedule, of)) },
  { weight: 2, arbitrary: fc.tuple(scattered, waysFocus).map(([schedule, of]) => byWays(schedule, of)) },
  { weight: 2, arbitrary: fc.tuple(scattered, races).map(([schedule, race]) => raced(schedule, race)) },
);

export const schedules: fc.Arbitrary<Schedule> = drawn.map((schedule) => ofOneUser(withoutFences(schedule)));

/**
 * In a shared cache must-revalidate says that answers are for everybody, and those of the model's origin are not; nor do
 * its dates tell users apart, whose requests are held against one stored answer there.
 */
function ofOneUser(schedule: Schedule): Schedule {
  if (schedule.setting !== 'shared') return schedule;
  const resources = schedule.resources.map((each) => ({
    ...each,
    kind: each.kind === 'must-revalidate' ? 'max-age' as const : each.kind,
    validator: each.validator === 'last-modified' ? 'etag' as const : each.validator,
  }));
  return { ...schedule, resources };
}

/** For storages that other processes use: half of them are about what two do at once, as an engine plays fewer. */
export const schedulesOfEngines: fc.Arbitrary<Schedule> = fc.oneof(
  schedules,
  fc.tuple(scattered, raceOfTwo).map(([schedule, race]) => ofOneUser(raced(schedule, race))),
);

/** Without fences nothing is promised where others use the storage, or where it does one call before an earlier one. */
function withoutFences(schedule: Schedule): Schedule {
  if (schedule.hasFences) return schedule;
  return { ...schedule, second: 'none', storage: 'at once', steps: schedule.steps.filter((each) => each.do !== 'storage') };
}
