/** Load, many URLs and a long day: each in seconds for `npm run proof`, and in full. */
import { SOURCES } from '../../services/services.js';
import { playDay } from '../day/day.js';
import { playUnique } from '../unique/unique.js';
import { forkOrigin } from './fork-origin.js';
import { LATENCY_TITLES } from './latency.js';
import { playLoad } from './load.js';

export interface LoadPartSettings {
  readonly seed: number;
  readonly length: 'short' | 'long';
}

export interface PlayedPart {
  /** What was played, with its numbers. */
  readonly played: string;
  /** For people. */
  readonly failures: readonly string[];
  /** Rows of a table for docs/reliability.md, titles first; empty where `played` says all. */
  readonly rows: readonly (readonly string[])[];
  /** In bytes, one sample after the other. */
  readonly held: readonly number[];
}

export type LoadPartName = 'load' | 'unique' | 'day';

const CALLERS = 200;

const withCommas = (count: number): string => count.toLocaleString('en');

/** From the samples after the warm-up, of which the short forms have none. */
function heldAs(samples: readonly number[]): string {
  const megabytes = samples.map((bytes) => bytes / 1e6);
  if (megabytes.length === 0) return '';
  return `; ${Math.min(...megabytes).toFixed(1)} to ${Math.max(...megabytes).toFixed(1)} MB held`;
}

/** It is a failure that is said aloud where the machine has to have all engines. */
function notPlayed(why: string): PlayedPart {
  const failures = process.env['REQUIRE_SERVICES'] === '1' ? [why] : [];
  return { played: `not played: ${why}`, failures, rows: [], held: [] };
}

async function load({ seed, length }: LoadPartSettings): Promise<PlayedPart> {
  const missing = SOURCES.redis.missing();
  if (missing !== undefined) return notPlayed(missing);
  const requests = length === 'long' ? 100_000 : 2_000;
  // Callers who never rest would wait for turns of their own process alone.
  const restMs = length === 'long' ? 1000 : 100;
  const settings = { seed, requests, callers: CALLERS, restMs, startOrigin: forkOrigin };
  const { failed, kills, storageErrors, held, latencies, faults } = await playLoad(settings);
  const played = [
    `${withCommas(requests)} requests by ${CALLERS} callers`,
    `${withCommas(failed.alone)} of them failed by axios alone, ${withCommas(failed.cached)} with the cache`,
    `Redis killed ${kills} times, ${withCommas(storageErrors)} of its calls failed`,
  ].join('; ');
  return { played: played + heldAs(held), failures: faults, rows: [LATENCY_TITLES, ...latencies], held };
}

async function unique({ length }: LoadPartSettings): Promise<PlayedPart> {
  const urls = length === 'long' ? 1_000_000 : 10_000;
  const { hits, entries, held, faults } = await playUnique({ urls });
  const counts = `${withCommas(urls)} URLs, ${withCommas(hits)} hits, ${withCommas(entries)} entries at the end`;
  return { played: counts + heldAs(held), failures: faults, rows: [], held };
}

async function day({ length }: LoadPartSettings): Promise<PlayedPart> {
  const hours = length === 'long' ? 24 : 2;
  const { requests, refreshes, sweeps, mostEntries, held, faults } = await playDay({ hours });
  const counts = [
    `${hours} hours of the clock, ${withCommas(requests)} requests`, `${withCommas(refreshes)} refreshes in the background`,
    `${withCommas(sweeps)} sweeps, at most ${withCommas(mostEntries)} entries`,
  ];
  return { played: counts.join('; ') + heldAs(held), failures: faults, rows: [], held };
}

export const LOAD_PARTS: Readonly<Record<LoadPartName, (settings: LoadPartSettings) => Promise<PlayedPart>>> = {
  load, unique, day,
};
