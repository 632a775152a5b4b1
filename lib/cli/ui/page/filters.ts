/** The fields by which entries are chosen. */
import { button, listen, make } from '../../../devtools/dom.js';
import type { Query } from '../listing.js';

export interface Filters {
  readonly element: HTMLElement;
  /** Chooses one host alone. */
  chooseHost(host: string): void;
  query(): Query;
  /** Whether any field chooses. */
  isUsed(): boolean;
  /** What can be chosen from. */
  suggest(hosts: readonly string[], tags: readonly string[]): void;
}

/** So long after a key the list is read: whoever types has not ended before. */
const SETTLED_MS = 200;

const STATES = [
  ['', 'Fresh or stale'],
  ['fresh', 'Fresh'],
  ['stale', 'Stale'],
  ['expired', 'Of no use any more'],
] as const;

export function filters(onChange: () => void): Filters {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLED_MS);
  };
  const field = (name: string, hint: string, list?: string): HTMLInputElement => {
    const attributes = { 'aria-label': name, 'placeholder': hint, list, 'class': name.toLowerCase() };
    return listen(make('input', { type: 'search', ...attributes }), { input: soon });
  };
  const choices = (id: string): HTMLDataListElement => make('datalist', { id });
  const [hosts, tags] = [choices('hosts'), choices('tags')];
  const url = field('URL', 'URL: a part, or * for anything');
  const host = field('Host', 'Host', 'hosts');
  const tag = field('Tag', 'Tag', 'tags');
  const status = field('Status', 'Status: 4xx');
  const options = STATES.map(([value, name]) => make('option', { value }, name));
  const state = listen(make('select', { 'aria-label': 'Freshness' }, ...options), { change: onChange });
  const fields = { url, host, tag, status, state };
  const each = Object.values(fields);
  const clear = button('Clear', () => {
    for (const one of each) one.value = '';
    onChange();
    url.focus();
  }, { title: 'Shows everything again' });

  const query = (): Query =>
    Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value.trim()]));
  const landmark = { 'class': 'filters', 'role': 'search', 'aria-label': 'Choose entries' };
  return {
    element: make('div', landmark, ...each, clear, hosts, tags),
    chooseHost(name) {
      host.value = name;
      onChange();
    },
    query,
    isUsed: () => each.some(({ value }) => value.trim() !== ''),
    suggest(knownHosts, knownTags) {
      hosts.replaceChildren(...knownHosts.map((value) => make('option', { value })));
      tags.replaceChildren(...knownTags.map((value) => make('option', { value })));
    },
  };
}
