/** Schedules: what callers, the origin, the storage and the clock do, one step after another. */
import type { Setting } from './settings.js';
import type { Tells } from '../world/redirects.js';
import type { ResourceState } from '../world/origin.js';
import type { ConditionsAs, Resource, Source, USERS, VARIANTS } from '../world/resources.js';
import type { StorageState } from '../world/gated-storage.js';
import type { Ending } from '../world/tasks.js';

export const RESOURCES = 3;

/** Where a source may lead to: resources, and the first source. */
export const TARGETS = ['/r0', '/r0', '/r1', '/r2', '/m0', '/m0'] as const;

export const MODES = ['default', 'reload', 'no-cache', 'no-store', 'force-cache', 'only-if-cached'] as const;
export type Mode = (typeof MODES)[number];

export const DIRECTIVES = [
  '', 'no-cache', 'no-store', 'max-age=0', 'max-age=3', 'min-fresh=4', 'max-stale', 'max-stale=5', 'only-if-cached',
  'stale-if-error=20', 'max-age=3, max-stale=10',
] as const;
export type Directive = (typeof DIRECTIVES)[number];

/** Seconds; 0 is no lifetime of the request's own. */
export const LIFETIMES = [0, 3, 25] as const;
export const TYPES = ['json', 'text', 'arraybuffer', 'stream'] as const;

/** Bytes from within a body, whose parts overlap, adjoin and leave gaps; empty is no range. */
export const RANGES = ['', 'bytes=0-3', 'bytes=0-19', 'bytes=4-', 'bytes=10-39', 'bytes=20-', 'bytes=-10'] as const;
export type Range = (typeof RANGES)[number];

export interface RequestStep {
  readonly do: 'request';
  readonly on: number;
  readonly method: 'GET' | 'HEAD';
  readonly resource: number;
  readonly user: (typeof USERS)[number];
  /** Names the user by `partition`, and sends a token that differs each time. */
  readonly named: boolean;
  readonly variant: (typeof VARIANTS)[number];
  readonly mode: Mode;
  readonly directive: Directive;
  readonly lifetime: (typeof LIFETIMES)[number];
  readonly type: (typeof TYPES)[number];
  /** In milliseconds; 0 is none. */
  readonly timeout: number;
  /** Drops a stream after its first bytes. */
  readonly drops: boolean;
  readonly range: Range;
  /** The source whose URL is asked for in place of the resource's own; -1 is none. */
  readonly via: -1 | 0 | 1;
}

export type Step =
  | RequestStep
  | {
      readonly do: 'write';
      readonly on: number;
      readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
      readonly resource: number;
      readonly user: (typeof USERS)[number];
    }
  /** The origin changes a resource by itself. */
  | { readonly do: 'change'; readonly resource: number; readonly to: ResourceState }
  /** The origin lets a source lead elsewhere. */
  | { readonly do: 'retarget'; readonly source: number; readonly to: (typeof TARGETS)[number] }
  | {
      readonly do: 'invalidate';
      readonly on: number;
      readonly resource: number;
      readonly by: 'url' | 'tag' | 'pattern' | 'clear';
      /** The source that is meant in place of the resource; -1 is none. */
      readonly via: -1 | 0 | 1;
    }
  | { readonly do: 'release'; readonly nth: number; readonly ending: Ending }
  /** Everything that is under way goes on to its end, in order. */
  | { readonly do: 'settle' }
  | { readonly do: 'abort'; readonly nth: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'jump'; readonly seconds: number }
  | { readonly do: 'storage'; readonly is: StorageState }
  | { readonly do: 'delete expired'; readonly on: number }
  | { readonly do: 'close'; readonly on: number };

export interface Schedule {
  readonly resources: readonly Resource[];
  readonly sources: readonly Source[];
  /** Whether the adapter tells of redirects, and which URL has answered. */
  readonly tells: Tells;
  /** Of the instances, besides what all have. */
  readonly setting: Setting;
  /** Whether a second instance uses the storage too, as one in this process or as another process would. */
  readonly second: 'none' | 'same object' | 'other process';
  /** Whether keys leave the process, so that digests stand for them. */
  readonly inProcess: boolean;
  readonly storage: StorageState;
  /** False for a storage that knows no fences: then the instance alone sees to it that nothing comes back. */
  readonly hasFences: boolean;
  /** When the origin makes its answers; it sends them when a step releases them. */
  readonly made: 'when asked' | 'when released';
  readonly steps: readonly Step[];
}

/** Whether the storage always works at once. */
export const isUndisturbed = ({ storage, steps }: Schedule): boolean =>
  storage === 'at once' && !steps.some((each) => each.do === 'storage');

const TOLD: Readonly<Record<ConditionsAs, string>> = {
  judges: '',
  confuses: ', says 304 of other versions',
  refuses: ', refuses conditions',
};

/** One step a line, without what is as usual. */
export function written({ steps, ...setting }: Schedule): string {
  const usual = {
    method: 'GET', user: '', named: false, mode: 'default', directive: '', lifetime: 0, type: 'json', timeout: 0,
    drops: false, range: '', via: -1, to: 'there', on: 0, ending: 'whole',
  };
  const line = ({ do: what, ...given }: Step): string => {
    const unusual = Object.entries(given).filter(([name, value]) => usual[name as keyof typeof usual] !== value);
    return `  ${what} ${unusual.map(([name, value]) => `${name}=${String(value)}`).join(' ')}`.trimEnd();
  };
  const { resources, sources, tells, setting: set, second, inProcess, storage, hasFences, made } = setting;
  const shown = resources.map(({ kind, validator, varies, conditions, ranges }, index) =>
    `  resource ${index}: ${kind}, ${validator === 'none' ? 'no validator' : validator}${varies ? ', varies' : ''}` +
    `${ranges ? ', has parts' : ''}${TOLD[conditions]}`);
  const where = [
    `  storage ${storage}, ${inProcess ? 'in the process' : 'outside'}; second instance: ${second}`,
    ...(set === 'usual' ? [] : [`  with ${set}`]),
    ...(hasFences ? [] : ['  the storage has no fences']),
    `  answers are made ${made}`,
  ];
  const isLed = steps.some((step) => step.do === 'request' && step.via >= 0);
  const leading = sources.map(({ status, cacheControl = 'no lifetime', to }, index) =>
    `  /m${index}: ${status} to ${to}, ${cacheControl}`);
  return [...shown, ...(isLed ? leading : []), `  the adapter tells ${tells}`, ...where, ...steps.map(line)].join('\n');
}
