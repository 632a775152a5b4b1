/** The settings of which a schedule may have one, and what each allows an answer to be. */
import type { CacheOptions } from 'axios-client-cache';
import type { Played } from './played.js';

/** What the model knows of a setting. */
interface Allowance {
  readonly options: CacheOptions;
  /** Past its end an answer may be used so long, in seconds: at once, while it is renewed, or where the origin fails. */
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** The longest lifetime, in seconds. */
  readonly maxLifetime: number;
  /** After so long what is stored may answer in place of the origin. */
  readonly softTimeoutMs: number;
  /** Answers of users are nobody's, unless the origin says must-revalidate. */
  readonly isShared: boolean;
  readonly maxVariants: number;
  /** So many entries has a storage in memory. */
  readonly room: number;
}

const USUAL: Allowance = {
  options: {},
  staleWhileRevalidate: 0,
  staleIfError: 0,
  maxLifetime: Infinity,
  softTimeoutMs: Infinity,
  isShared: false,
  maxVariants: Infinity,
  room: 50,
};

const SETTINGS = {
  usual: USUAL,
  softTimeout: { ...USUAL, options: { softTimeout: '100ms' }, softTimeoutMs: 100 },
  'collapse: false': { ...USUAL, options: { collapse: false } },
  'maxVariants: 1': { ...USUAL, options: { maxVariants: 1 }, maxVariants: 1 },
  'maxVariants: 2': { ...USUAL, options: { maxVariants: 2 }, maxVariants: 2 },
  'little room': { ...USUAL, room: 2 },
  /** It is one of the second instance alone. */
  readOnly: USUAL,
  'staleIfError: 30': { ...USUAL, options: { staleIfError: 30 }, staleIfError: 30 },
  'staleIfError: true': { ...USUAL, options: { staleIfError: true }, staleIfError: Infinity },
  'staleWhileRevalidate: 10': { ...USUAL, options: { staleWhileRevalidate: 10 }, staleWhileRevalidate: 10 },
  'staleWhileRevalidate: true': { ...USUAL, options: { staleWhileRevalidate: true }, staleWhileRevalidate: Infinity },
  'conditionalRequests: false': { ...USUAL, options: { conditionalRequests: false } },
  'maxLifetime: 4': { ...USUAL, options: { maxLifetime: 4 }, maxLifetime: 4 },
  'keepStale: 0': { ...USUAL, options: { keepStale: 0 } },
  shared: { ...USUAL, options: { shared: true }, isShared: true },
  'cacheControl: false': { ...USUAL, options: { cacheControl: false } },
  frozenData: { ...USUAL, options: { frozenData: true } },
  'a filter that takes its time': { ...USUAL, options: { filter: () => Promise.resolve(true) } },
} as const satisfies Readonly<Record<string, Allowance>>;

export type Setting = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as Setting[];

export const allowanceOf = ({ setting }: { readonly setting: Setting }): Allowance => SETTINGS[setting];

/** Whether the instance neither stores nor deletes anything for requests. */
export const isReadOnly = ({ setting }: { readonly setting: Setting }, on: number): boolean =>
  setting === 'readOnly' && on === 1;

/** What an instance is set up with. Without a time of its own nobody can tell how long real engines take. */
export function optionsOf(of: { readonly setting: Setting }, on: number, time: 'virtual' | 'real'): CacheOptions {
  if (isReadOnly(of, on)) return { readOnly: true };
  return of.setting === 'softTimeout' && time === 'real' ? {} : allowanceOf(of).options;
}

/** Where Cache-Control is ignored, it is as if nobody had said anything by it. */
export function asHeeded(played: Played): Played {
  const { schedule, asked } = played;
  if (schedule.setting !== 'cacheControl: false') return played;
  const resources = schedule.resources.map((each) => ({ ...each, kind: 'says nothing' as const }));
  const sources = schedule.sources.map((each) => ({ ...each, cacheControl: undefined }));
  return {
    ...played,
    schedule: { ...schedule, resources, sources },
    asked: asked.map((each) => ({ ...each, step: { ...each.step, directive: '' as const } })),
  };
}
