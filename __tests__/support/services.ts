/**
 * Real engines for tests: the server that `REDIS_URL`, `MONGO_URL` or `DYNAMODB_URL` names, else one that is started
 * here, at most one of each in a test file, and ended after its tests. Where there is none, its tests are skipped with
 * a line that says so, or fail where `REQUIRE_SERVICES=1`.
 */
import type { OwnService, Service, ServiceSource } from '../../services/service.js';
import { type OwnServiceOf, type ServiceName, SOURCES } from '../../services/services.js';
import { describeWhere, LIMIT_MS } from './describe-where.js';

export type { OwnCluster, OwnService, Service } from '../../services/service.js';

const started = new Map<ServiceName, Promise<OwnService>>();

afterAll(async () => {
  const services = await Promise.allSettled(started.values());
  for (const service of services) if (service.status === 'fulfilled') await service.value.stop();
}, LIMIT_MS);

/** An engine to store in; undefined where there is none. Tests that break it use `own`. */
export async function service(name: ServiceName): Promise<Service | undefined> {
  const source: ServiceSource = SOURCES[name];
  const url = given(source);
  if (url !== undefined) return { name: source.name, url, version: await source.versionAt(url) };
  return own(name);
}

/** An engine of this test file's own, whatever the environment names; undefined where there is none. */
export async function own<Name extends ServiceName>(name: Name): Promise<OwnServiceOf<Name> | undefined> {
  const source: ServiceSource = SOURCES[name];
  if (source.missing() !== undefined) return undefined;
  const starting = started.get(name) ?? source.start();
  started.set(name, starting);
  // The type of the map forgets which source each came from.
  return (await starting) as OwnServiceOf<Name>;
}

/** A `describe` of tests that store in an engine. It answers from the first `beforeAll` of `tests` on. */
export function describeService(name: ServiceName, tests: (engine: () => Service) => void): void {
  const source: ServiceSource = SOURCES[name];
  const reason = given(source) === undefined ? source.missing() : undefined;
  describeWhere(name, reason, () => service(name), tests);
}

/** The same of tests that stop, freeze or restart it: never one that the environment names. */
export function describeOwnService<Name extends ServiceName>(
  name: Name,
  tests: (engine: () => OwnServiceOf<Name>) => void,
): void {
  describeWhere(name, SOURCES[name].missing(), () => own(name), tests);
}

function given({ variable }: ServiceSource): string | undefined {
  const url = variable === undefined ? undefined : process.env[variable];
  return url === '' ? undefined : url;
}
