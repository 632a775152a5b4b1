/** The table of entries: sorted by its heads, a page at a time. */
import { button, listen, make, moveAmong, row, table } from '../../../devtools/dom.js';
import { duration, size, timeLeft } from '../../../devtools/words.js';
import type { Listing, Row } from '../listing.js';
import { freshnessBar } from './bars.js';

export interface Order {
  readonly sort: string;
  readonly direction: 'up' | 'down';
}

interface Wishes {
  readonly open: (row: Row, opener: HTMLButtonElement) => void;
  readonly sort: (order: Order) => void;
  readonly page: (from: number) => void;
}

export interface Entries {
  readonly element: HTMLElement;
  show(listing: Listing, order: Order): void;
  /** Marks the row of the entry that is open. */
  mark(id: string | undefined): void;
}

/** The heads, by what they sort; the first direction is the one that is mostly wanted. */
const COLUMNS = [
  { name: 'place', label: 'Request', sort: 'url', first: 'up' },
  { name: 'status', label: 'Status', sort: 'status', first: 'up' },
  { name: 'age', label: 'Age', sort: 'age', first: 'up' },
  { name: 'left', label: 'Freshness', sort: 'left', first: 'up' },
  { name: 'size', label: 'Size', sort: 'size', first: 'down' },
] as const;

export function entryTable(wishes: Wishes): Entries {
  let order: Order = { sort: 'url', direction: 'up' };
  const heads = COLUMNS.map(({ label, sort, first }) =>
    button(label, () => {
      const other = order.direction === 'up' ? 'down' : 'up';
      wishes.sort({ sort, direction: order.sort === sort ? other : first });
    }));
  const { element, body } = table('What is stored', COLUMNS.map(({ name }, at) => [name, heads[at]] as const));
  const note = make('p', { class: 'empty' });
  const range = make('span', {});
  const before = button('Previous', () => { wishes.page(Number(before.value)); });
  const after = button('Next', () => { wishes.page(Number(after.value)); });
  const pager = make('nav', { 'class': 'pager', 'aria-label': 'Pages' }, before, range, after);
  listen(body, { keydown: (event) => { moveAmong(event, [...body.querySelectorAll('button')]); } });

  return {
    element: make('div', { class: 'list' }, element, note, pager),
    show({ rows, from, entries, most }, given) {
      order = given;
      heads.forEach((head, at) => {
        const isSorted = COLUMNS[at]?.sort === order.sort;
        const sorted = order.direction === 'up' ? 'ascending' : 'descending';
        head.parentElement?.setAttribute('aria-sort', isSorted ? sorted : 'none');
      });
      const now = Date.now();
      body.replaceChildren(...rows.map((each) => lineOf(each, now, wishes)));
      note.textContent = entries === 0 ? 'Nothing like this is stored.' : '';
      const to = from + rows.length;
      pager.hidden = entries <= rows.length;
      range.textContent = `${from + 1} to ${to} of ${entries}`;
      [before.value, after.value] = [String(Math.max(0, from - most)), String(to)];
      [before.disabled, after.disabled] = [from === 0, to >= entries];
    },
    mark(id) {
      for (const each of body.querySelectorAll('button')) each.setAttribute('aria-expanded', String(each.value === id));
    },
  };
}

export const nameOf = ({ method, url }: Row): string =>
  url === '' ? 'A record that cannot be read' : `${method} ${url.replace(/^https?:\/\//, '')}`;

function lineOf(entry: Row, now: number, { open }: Wishes): HTMLTableRowElement {
  const { id, url, status, createdAt, expiresAt, bytes } = entry;
  const opener: HTMLButtonElement = button(nameOf(entry), () => { open(entry, opener); }, {
    'title': url, 'aria-expanded': 'false', 'value': id,
  });
  const ends = expiresAt === null ? null : new Date(expiresAt);
  const isStale = ends !== null && ends.getTime() <= now;
  const left = make('span', { class: isStale ? 'badge stale' : 'badge hit' }, timeLeft(ends, now));
  return row([
    ['place', opener],
    ['status', make('span', { class: status >= 400 ? 'miss' : undefined }, status === 0 ? '' : String(status))],
    ['age', duration((now - Date.parse(createdAt)) / 1000)],
    ['left', make('div', { class: 'left' }, freshnessBar(entry, now), left)],
    ['size', size(bytes)],
  ]);
}
