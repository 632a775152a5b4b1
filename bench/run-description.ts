/** Where a run took place, and which versions were compared. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CANDIDATES, CANDIDATE_NAMES } from './candidates/candidates.js';
import type { Run } from './results.js';

export function describeRun(): Pick<Run, 'node' | 'platform' | 'cores' | 'versions'> {
  const packages = new Set(CANDIDATE_NAMES.flatMap((name) => CANDIDATES[name].package ?? []));
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    versions: Object.fromEntries([...packages].map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const manifest = join(import.meta.dirname, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
