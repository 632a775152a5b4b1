/** Where the time of a request goes: what V8's profiler samples, summed up by the folder or package of the code. */
import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/** Microseconds by place, such as `lib/axios/send/` or `axios`. */
export type Places = Readonly<Record<string, number>>;

const INTERVAL_US = 200;
const NATIVE = 'V8 and C++';
/** By the names that the profiler gives to what has no source. No time counts in which it starts, or nothing works. */
const WITHOUT_SOURCE: Readonly<Record<string, string | undefined>> = {
  '(garbage collector)': 'garbage collection',
  '(idle)': undefined,
  'dispatch': undefined,
};

/** Gives the time that `work` takes, by place. */
export async function profiled(work: () => Promise<void>): Promise<Places> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return placesIn(profile);
}

function placesIn({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Places {
  const placeOfNode = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const places: Record<string, number> = {};
  for (const [index, id] of samples.entries()) {
    const place = placeOfNode.get(id);
    if (place !== undefined) places[place] = (places[place] ?? 0) + (timeDeltas[index] ?? 0);
  }
  return places;
}

/** @returns undefined for what is no work */
function placeOf({ functionName, url, lineNumber }: Profiler.Profile['nodes'][number]['callFrame']): string | undefined {
  if (url === '') return functionName in WITHOUT_SOURCE ? WITHOUT_SOURCE[functionName] : NATIVE;
  if (url.startsWith('node:')) return 'Node';
  if (!/^(?:file:|\/)/.test(url)) return NATIVE;
  const packageName = /.*\/node_modules\/((?:@[^/]+\/)?[^./][^/]*)\//.exec(url)?.[1];
  return packageName ?? folderOf(sourceAt(url, lineNumber));
}

export const folderOf = (source: string): string => /^.*\//.exec(source)?.[0] ?? 'the benchmark';

const bundles = new Map<string, readonly string[]>();

/** The source that a line of a bundle is from: the bundler names each in a comment before its code. */
function sourceAt(url: string, line: number): string {
  let sources = bundles.get(url);
  if (sources === undefined) {
    sources = sourcesIn(readFileSync(fileURLToPath(url), 'utf8'));
    bundles.set(url, sources);
  }
  return sources[line] ?? '';
}

export function sourcesIn(bundle: string): readonly string[] {
  let source = '';
  return bundle.split('\n').map((line) => (source = /^\/\/ (?:.*\/)?(lib\/.+)\.ts$/.exec(line)?.[1] ?? source));
}
