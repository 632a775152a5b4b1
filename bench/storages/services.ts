/** The engines of the groups: what a variable of the environment names, else one that is started here. */
import type { ServiceSource } from '../../services/service.js';
import { Absent } from '../candidates/candidate.js';

export interface RunningService {
  readonly url: string;
  readonly version: string;
  readonly stop: () => Promise<void>;
}

/** @throws Absent where there is none */
export async function serviceOf(source: ServiceSource): Promise<RunningService> {
  const { variable, name } = source;
  const url = (variable === undefined ? undefined : process.env[variable]) ?? '';
  if (url !== '') return { url, version: await source.versionAt(url), stop: () => Promise.resolve() };
  const missing = source.missing();
  if (missing !== undefined) throw new Absent(`${name}: ${missing}`);
  const own = await source.start();
  return { url: own.url, version: own.version, stop: () => own.stop() };
}
