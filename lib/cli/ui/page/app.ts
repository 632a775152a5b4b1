/** The page itself: its bar, its fields, its table and one entry, of a storage that a command holds open. */
import { button, listen, make } from '../../../devtools/dom.js';
import { counted, messageOf, size } from '../../../devtools/words.js';
import type { Listing, Row } from '../listing.js';
import type { Server } from './ask.js';
import { changesBy } from './changes.js';
import { entryTable, type Order } from './entries.js';
import { entryPanel } from './entry.js';
import { filters } from './filters.js';
import { hostBars } from './hosts.js';

/** Puts the page into `root`, and reads the list. */
export function mountApp(root: ShadowRoot, server: Server): void {
  let order: Order = { sort: 'url', direction: 'up' };
  let from = 0;
  let entries = 0;
  const { about } = server;
  const place = make('main', {});
  const { told, tell } = status();
  const sums = make('p', { class: 'sums' });
  const failed = (error: unknown): void => { tell(messageOf(error)); };

  const list = latest(place, () => server.list({ ...fields.query(), ...order, from: String(from) }));
  const read = async (): Promise<void> => {
    const listing = await list();
    if (listing === undefined) return;
    if (listing.rows.length === 0 && from > 0) {
      from = 0;
      return read();
    }
    ({ entries } = listing);
    table.show(listing, order);
    hosts.show(listing.hosts);
    fields.suggest(listing.hosts.map(({ host }) => host), listing.tags);
    sums.textContent = sumsOf(listing);
    deleteAll.hidden = about.readOnly || !fields.isUsed() || entries === 0;
    deleteAll.textContent = `Delete these ${entries}`;
  };
  const readFrom = (first: number): void => {
    from = first;
    tell('');
    read().catch(failed);
  };

  const fields = filters(() => { readFrom(0); });
  const hosts = hostBars((host) => { fields.chooseHost(host); });
  const open = (row: Row, opener?: HTMLButtonElement): void => { entry.open(row, opener).catch(failed); };
  const sort = (wanted: Order): void => {
    order = wanted;
    readFrom(0);
  };
  const table = entryTable({ open, sort, page: readFrom });
  const changes = changesBy({ server, place, tell, read });
  const entry = entryPanel(server, {
    delete: (row) => { void changes.remove(row).then((isGone) => { if (isGone) entry.close(); }); },
    expire: (row) => { void changes.expire(row).then((isStale) => { if (isStale) open(row); }); },
    open,
    opened: (id) => { table.mark(id); },
    tell,
  });
  const deleteAll = button('', () => {
    void changes.removeMatching(fields.query(), entries).then((areGone) => { if (areGone) entry.close(); });
  }, { class: 'danger' });
  deleteAll.hidden = true;

  const title = make('h1', {}, about.place);
  const refresh = button('Refresh', () => { readFrom(from); }, { title: 'Reads the list anew' });
  const note = about.readOnly && make('span', { class: 'badge bypass' }, 'read only');
  const all = make('div', { class: 'all' }, hosts.element, table.element);
  const bar = make('header', { class: 'head' }, title, note, sums, deleteAll, refresh);
  place.append(bar, fields.element, told, make('div', { class: 'columns' }, all, entry.element));
  listen(document.body, { keydown: (event) => { toField(event, place); } });
  root.replaceChildren(place);
  readFrom(0);
}

function status(): { readonly told: HTMLElement; readonly tell: (text: string) => void } {
  const told = make('p', { class: 'told', role: 'status' });
  const tell = (text: string): void => {
    told.textContent = text;
    told.hidden = text === '';
  };
  return { told, tell };
}

/** Gives what was asked for last, and `undefined` to those who asked before; `place` says meanwhile that it is busy. */
function latest<T>(place: HTMLElement, ask: () => Promise<T>): () => Promise<T | undefined> {
  let turns = 0;
  return async () => {
    const turn = (turns += 1);
    place.setAttribute('aria-busy', 'true');
    try {
      const found = await ask();
      return turn === turns ? found : undefined;
    } catch (error) {
      if (turn === turns) throw error;
      return undefined;
    } finally {
      if (turn === turns) place.removeAttribute('aria-busy');
    }
  };
}

const sumsOf = ({ entries, bytes, fresh }: Listing): string =>
  `${counted(entries)}, ${size(bytes)}, ${fresh} fresh`;

/** The key / goes to the first field, as in many programs. */
function toField(event: KeyboardEvent, place: HTMLElement): void {
  const [target] = event.composedPath();
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  place.querySelector<HTMLInputElement>('input')?.focus();
}
