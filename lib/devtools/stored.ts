/** The list of what is stored. */
import { type DevtoolsEntry, deleteEntry, MOST_ENTRIES, type Panel, storedIn } from './cache.js';
import { button, make, row, table } from './dom.js';
import { duration, messageOf, placeOf, size, timeLeft } from './words.js';

const COLUMNS = [
  ['place', 'Stored'],
  ['status', 'Status'],
  ['age', 'Age'],
  ['left', 'Expires'],
  ['size', 'Size'],
  ['do', 'Actions'],
] as const;

export interface StoredList {
  readonly element: HTMLElement;
  /** Reads the list anew. */
  read(): Promise<void>;
  filter(text: string): void;
}

export function storedList(panel: Panel, onRead: (entries: readonly DevtoolsEntry[]) => void): StoredList {
  const { element, body } = table('What is stored, the newest first', COLUMNS);
  const note = make('p', { class: 'empty' });
  let entries: readonly DevtoolsEntry[] = [];
  let problem: string | undefined;
  let wanted = '';
  let reading = 0;

  const draw = (): void => {
    const shown = entries.filter(({ url, method = '' }) => `${method} ${url}`.toLowerCase().includes(wanted));
    const focused = (body.getRootNode() as ShadowRoot).activeElement?.getAttribute('aria-label');
    body.replaceChildren(...shown.map((entry) => lineOf(entry, panel)));
    // Whoever is on a button stays there when the list is drawn anew.
    if (focused) [...body.querySelectorAll('button')].find((each) => each.ariaLabel === focused)?.focus();
    const more = entries.length === MOST_ENTRIES ? `The first ${MOST_ENTRIES} are shown.` : '';
    const none = entries.length > 0 ? 'Nothing like this.' : 'Nothing is stored.';
    note.textContent = problem ?? (shown.length > 0 ? more : none);
  };

  return {
    element: make('div', { class: 'list' }, element, note),
    async read() {
      const turn = (reading += 1);
      const cache = panel.cache();
      let found: readonly DevtoolsEntry[] = [];
      let failed: string | undefined;
      try {
        found = cache === undefined ? [] : await storedIn(cache);
      } catch (error) {
        failed = messageOf(error);
      }
      // What was asked for later is newer.
      if (turn !== reading) return;
      [entries, problem] = [found, failed];
      onRead(entries);
      draw();
    },
    filter(text) {
      wanted = text.trim().toLowerCase();
      draw();
    },
  };
}

function lineOf(entry: DevtoolsEntry, { cache, act }: Panel): HTMLTableRowElement {
  const { url, key, method, status, createdAt, expiresAt, stale, bytes } = entry;
  const now = Date.now();
  const name = [method, placeOf(url).path].filter((part) => part !== undefined).join(' ');
  const known = cache();
  const buttons = [
    known?.expire !== undefined && key !== undefined && stale === false && button('Make stale', () => {
      act(async () => `Made stale: ${await known.expire?.({ key })}.`);
    }, { 'aria-label': `Make ${name} stale` }),
    known !== undefined && button('Delete', () => {
      act(async () => `Deleted ${await deleteEntry(known, { key, url })}.`);
    }, { 'aria-label': `Delete ${name}` }),
  ];
  return row([
    ['place', make('span', { title: url }, name)],
    ['status', status === undefined ? '' : String(status)],
    ['age', createdAt === undefined ? '' : duration((now - createdAt.getTime()) / 1000)],
    ['left', make('span', { class: stale === true ? 'badge stale' : undefined }, timeLeft(expiresAt, now))],
    ['size', size(bytes)],
    ['do', make('span', { class: 'actions' }, ...buttons)],
  ]);
}
