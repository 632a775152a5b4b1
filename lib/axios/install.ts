/** This file puts a cache on an axios instance and on the children that it creates, and takes it off again. */
import type { AxiosAdapter, AxiosInstance, CreateAxiosDefaults } from 'axios';
import { CacheError } from '../api/errors.js';
import type { AxiosObject } from '../api/instance.js';
import type { CacheManager } from '../api/manager.js';
import { createAdapter } from './adapter.js';
import { managedRequests } from './manage/calls.js';
import { resourceOfUrl } from './manage/managed-requests.js';
import { locateRecorded } from './manage/recordings.js';
import { type AdapterChoice, keepOwnAdapter } from './native/config.js';
import { isInstance, isStandIn, isTooOld, isWorking } from './native/instances.js';
import { createManager } from '../manager.js';
import { type GivenOptions, SAYS_NOTHING } from '../options/given.js';
import { CacheSession } from '../session.js';

/** This is what is remembered of one instance that has a cache. */
interface Installation {
  readonly session: CacheSession;
  readonly manager: CacheManager;
  readonly adapter: AxiosAdapter;
  /**
   * This is what the options say with which `setupCache` was called; it is undefined for a child that inherited the
   * cache.
   */
  readonly said: string | undefined;
  /** Takes the cache off this instance. */
  readonly remove: () => void;
}

/** By this an instance has its installation. All copies of this package in a process have the symbol in common. */
const INSTALLATION = Symbol.for('axios-client-cache.installation');
/**
 * By this each adapter of the cache has the one that it replaced. `axios.create(instance.defaults)` copies the cache's
 * adapter to a new instance, which is to have a cache of its own in front of the replaced one.
 */
const FORMER = Symbol.for('axios-client-cache.former');

interface Installed {
  [INSTALLATION]?: Installation;
}
type CachedAdapter = AxiosAdapter & { readonly [FORMER]: AdapterChoice };

/** It is asked of what a test uses in place of an instance too, which may be no object, or one that has all members. */
const installationOf = (instance: AxiosObject): Installation | undefined =>
  Object.getOwnPropertyDescriptor(Object(instance), INSTALLATION)?.value as Installation | undefined;
const isOfCache = (adapter: AdapterChoice): adapter is CachedAdapter =>
  typeof adapter === 'function' && FORMER in adapter;
/** Returns the adapter behind one of the cache's, and any other as it is. */
const wayTo = (adapter: AdapterChoice): AdapterChoice => (isOfCache(adapter) ? adapter[FORMER] : adapter);

export const managerOf = (instance: AxiosObject): CacheManager | undefined => installationOf(instance)?.manager;

/** Finds what serves the requests of an instance; `undefined` where there is no cache. */
export const sessionOf = (instance: AxiosObject): CacheSession | undefined => installationOf(instance)?.session;

/**
 * Tells whether a cache can be put on what `setupCache` was given: it cannot on what a test uses in place of an
 * instance, so that this one stays as it is. Anything else is refused.
 */
export function takesCache(instance: unknown): instance is AxiosInstance {
  if (isTooOld()) throw new CacheError('ERR_CACHE_INSTANCE', 'this axios is too old: npm install axios@^1.7.0.');
  if (isInstance(instance) && isWorking()) return true;
  if (isStandIn(instance)) return false;
  throw new CacheError(
    'ERR_CACHE_INSTANCE',
    `setupCache takes an axios instance, as axios.create() makes it; got ${instance === null ? 'null' : typeof instance}.`,
  );
}

/**
 * Puts a cache on an instance. One that is there already stays as it is where the options are the same or nothing is
 * said, as modules that are loaded again call it again. A cache that is closed, or inherited, is replaced.
 */
export function install(instance: AxiosInstance, given: GivenOptions): void {
  const present = installationOf(instance);
  if (present?.said !== undefined && present.session.state !== 'closed') {
    if (given.said === SAYS_NOTHING || given.said === present.said) return;
    throw new CacheError(
      'ERR_CACHE_INSTALLED',
      'setupCache was called on this instance before, with other options. ' +
        'Reuse getCache(instance), or call instance.cache.uninstall() first.',
    );
  }
  if (!mayBeChanged(instance)) {
    throw new CacheError('ERR_CACHE_INSTANCE', 'setupCache changes the instance, and this one is frozen.');
  }
  present?.remove();
  const session = new CacheSession(given.options, resourceOfUrl);
  session.storage.bind?.((request) => locateRecorded(session, request));
  attach(instance, session, given.said);
}

/** Tells whether a cache can be put on an instance: it is not frozen, nor are its defaults and its interceptors. */
function mayBeChanged(instance: AxiosInstance): boolean {
  const { defaults, interceptors } = instance;
  const { handlers } = interceptors.request as { handlers?: unknown };
  const canSet = Object.getOwnPropertyDescriptor(defaults, 'adapter')?.writable ?? Object.isExtensible(defaults);
  return Object.isExtensible(instance) && !Object.isFrozen(handlers) && canSet;
}

/** `said` is what the options of `setupCache` say; it is undefined for a child, which inherits the cache. */
function attach(instance: AxiosInstance, session: CacheSession, said: string | undefined): void {
  const { adapter: standing } = instance.defaults;
  const former = wayTo(standing);
  const create = (own: AdapterChoice): AxiosAdapter =>
    Object.assign(createAdapter(session, own, instance), { [FORMER]: own });
  const adapter = create(former);
  instance.defaults.adapter = adapter;
  const cachedBy = keptAdapters(create, adapter);
  const interceptor = instance.interceptors.request.use(keepOwnAdapter(cachedBy), null, { synchronous: true });
  const restoreCreate = wrapCreate(instance, session, adapter, former);
  const remove = (): void => {
    // It does nothing the second time, when another cache may be on the instance.
    if (installationOf(instance)?.adapter !== adapter) return;
    if (instance.defaults.adapter === adapter) restoreAdapter(instance, former);
    instance.interceptors.request.eject(interceptor);
    restoreCreate();
    delete (instance as { cache?: CacheManager }).cache;
    delete (instance as Installed)[INSTALLATION];
  };
  const uninstall = (): void => {
    if (said !== undefined) session.uninstall();
    remove();
  };
  const manager = createManager(session, managedRequests({ instance, session, wayTo }, uninstall));
  // Another copy of this package may read it: in quotes no build shortens the names.
  const installation: Installation = {
    'session': session,
    'manager': manager,
    'adapter': adapter,
    'said': said,
    'remove': remove,
  };
  Object.defineProperties(instance, {
    cache: { value: manager, configurable: true },
    [INSTALLATION]: { value: installation, configurable: true },
  });
}

/**
 * Returns the function that puts the cache in front of a request's own adapter. It gives the same adapter of the cache
 * each time, so that a request made again from its config, which holds that one already, is not wrapped twice.
 */
function keptAdapters(
  create: (own: AdapterChoice) => AxiosAdapter,
  adapter: AxiosAdapter,
): (own: AdapterChoice) => AxiosAdapter {
  const ours = new WeakSet<AxiosAdapter>([adapter]);
  const kept = new WeakMap<AxiosAdapter, AxiosAdapter>();
  const inFrontOf = (own: AdapterChoice): AxiosAdapter => {
    const made = create(own);
    ours.add(made);
    return made;
  };
  return (own) => {
    // For axios too, null means that the request has no adapter of its own.
    if (!own) return adapter;
    if (typeof own !== 'function') return inFrontOf(own);
    if (ours.has(own)) return own;
    // The adapter belongs to another cache, which is left out: a request does not pass through two caches.
    if (isOfCache(own)) return inFrontOf(own[FORMER]);
    const known = kept.get(own) ?? inFrontOf(own);
    kept.set(own, known);
    return known;
  };
}

function restoreAdapter(instance: AxiosInstance, former: AdapterChoice): void {
  if (former === undefined) delete instance.defaults.adapter;
  else instance.defaults.adapter = former;
}

/**
 * Tells the global axios by a static that instances lack. All libraries in the process make their instances from it.
 */
const isGlobal = (instance: AxiosInstance): boolean => 'CancelToken' in instance;

/**
 * Makes children share the cache. Those of the global axios do not, unless the option `inherit` says so, since they
 * belong to every library in the process. The returned function undoes it.
 */
function wrapCreate(
  instance: AxiosInstance,
  session: CacheSession,
  adapter: AxiosAdapter,
  former: AdapterChoice,
): () => void {
  const { create } = instance as { create?: (config?: CreateAxiosDefaults) => AxiosInstance };
  if (create === undefined) return () => undefined;
  const inherits = !isGlobal(instance) || session.options.inherit;
  const created = (config?: CreateAxiosDefaults): AxiosInstance => {
    const child = create(config);
    if (inherits) attach(child, session, undefined);
    else if (child.defaults.adapter === adapter) restoreAdapter(child, former);
    return child;
  };
  Object.assign(instance, { create: created });
  return () => {
    if ((instance as { create?: unknown }).create === created) Object.assign(instance, { create });
  };
}
