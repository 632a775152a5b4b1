/** The panel itself: its bar, its two lists and the details of one request, fed by the events of a cache. */
import type { CacheEvent } from '../api/events.js';
import { type DevtoolsCache, isCache, type Panel } from './cache.js';
import { details } from './details.js';
import { button, listen, make } from './dom.js';
import { isRequest, requestList } from './requests.js';
import { storedList } from './stored.js';
import { tabs } from './tabs.js';
import { messageOf } from './words.js';

const EVENTS = [
  'hit', 'stale', 'revalidated', 'miss', 'bypass',
  'stored', 'freshened', 'evicted', 'invalidated',
] as const satisfies readonly CacheEvent['type'][];

/** So long after a change the list of what is stored is read anew: many changes often come together. */
const SETTLED_MS = 150;

export interface MountedPanel {
  /** Shows another cache, or none. */
  use(cache: unknown): void;
  /** Listens, until the function that it returns is called. */
  start(): () => void;
}

export function mountPanel(root: ShadowRoot): MountedPanel {
  let cache: DevtoolsCache | undefined;
  const told = make('p', { class: 'told', role: 'status' });
  const tell = (text: string): void => {
    told.textContent = text;
    told.hidden = text === '';
  };

  const panel: Panel = {
    cache: () => cache,
    act: (action) => {
      void action().catch(messageOf).then((text) => {
        tell(text);
        void stored.read();
      });
    },
  };
  const why = details(panel);
  const requests = requestList((event, opener) => { why.open(event, opener); });
  const stored = storedList(panel, (entries) => {
    for (const { key, bytes } of entries) if (key !== undefined && bytes !== undefined) requests.sized(key, bytes);
  });
  const list = make('div', {}, requests.element, why.element);
  const { list: tabList, panels } = tabs('HTTP cache', [
    { name: 'Requests', content: list },
    { name: 'Stored', content: stored.element, onShow: () => { void stored.read(); } },
  ]);

  const hint = { 'aria-label': 'Filter', 'placeholder': 'Filter: path, status, reason' };
  const filter = make('input', { type: 'search', ...hint });
  listen(filter, { input: () => { for (const each of [requests, stored]) each.filter(filter.value); } });
  const empty = button('Empty list', () => {
    why.close();
    requests.clear();
  }, { title: 'Takes the requests off this list; the cache stays as it is' });
  const offline = offlineSwitch(panel, tell);
  const bar = make('div', { class: 'bar' }, tabList, filter, offline.element, empty);
  root.replaceChildren(bar, told, ...panels);

  let timer: ReturnType<typeof setTimeout> | undefined;
  const onEvent = (event: CacheEvent): void => {
    if (isRequest(event)) return requests.add(event);
    if ('bytes' in event) requests.sized(event.key, event.bytes);
    clearTimeout(timer);
    timer = setTimeout(() => { void stored.read(); }, SETTLED_MS);
  };

  const use = (given: unknown): void => {
    offline.end();
    why.close();
    requests.clear();
    cache = isCache(given) ? given : undefined;
    offline.element.hidden = cache?.configure === undefined;
    tell(cache === undefined ? 'No cache: give the property "cache" an instance.cache or getCache(instance).' : '');
    void stored.read();
  };
  use(undefined);
  return {
    use,
    start: () => {
      const offs = EVENTS.map((type) => cache?.on(type, onEvent));
      void stored.read();
      return () => {
        clearTimeout(timer);
        offline.end();
        for (const off of offs) off?.();
      };
    },
  };
}

interface OfflineSwitch {
  readonly element: HTMLButtonElement;
  /** Ends it where it is on: nobody could end it once the panel is gone. */
  end(): void;
}

/** Lets the cache answer alone, as it would have to without a network. */
function offlineSwitch({ cache }: Panel, tell: (text: string) => void): OfflineSwitch {
  const isOn = (): boolean => element.getAttribute('aria-pressed') === 'true';
  const turn = (on: boolean): void => {
    try {
      cache()?.configure?.({ mode: on ? 'only-if-cached' : 'default' });
      element.setAttribute('aria-pressed', String(on));
      tell(on ? 'Offline: what is stored is used, fresh or stale; all else is answered 504.' : 'Online again.');
    } catch (error) {
      tell(messageOf(error));
    }
  };
  const title = 'Answers from what is stored alone';
  const element = button('Offline', () => { turn(!isOn()); }, { 'aria-pressed': 'false', title });
  return {
    element,
    end: () => { if (isOn()) turn(false); },
  };
}
