/** One entry: why it is fresh or not, what can be done with it, its headers, its body and its variants. */
import { button, listen, make } from '../../../devtools/dom.js';
import { duration, messageOf, size } from '../../../devtools/words.js';
import type { EntryView, Preview } from '../entry.js';
import type { Row } from '../listing.js';
import type { Server } from './ask.js';
import { freshnessBar } from './bars.js';
import { nameOf } from './entries.js';

export interface EntryPanel {
  readonly element: HTMLElement;
  /** Shows the entry of a row; the focus goes back to `opener` once it is closed. */
  open(row: Row, opener: HTMLButtonElement | undefined): Promise<void>;
  close(): void;
}

interface Wishes {
  delete(row: Row): void;
  expire(row: Row): void;
  /** Shows another entry in place of this one. */
  open(row: Row): void;
  /** Tells which entry is open now. */
  opened(id: string | undefined): void;
  tell(text: string): void;
}

export function entryPanel(server: Server, wishes: Wishes): EntryPanel {
  const element = make('section', { 'class': 'entry', 'aria-label': 'One entry' });
  element.hidden = true;
  let from: HTMLButtonElement | undefined;
  let turn = 0;
  /** What the browser keeps for the picture that is shown. */
  let picture: string | undefined;

  const forget = (): void => {
    if (picture !== undefined) URL.revokeObjectURL(picture);
    picture = undefined;
  };
  const close = (): void => {
    turn += 1;
    if (element.contains((element.getRootNode() as ShadowRoot).activeElement)) from?.focus();
    from = undefined;
    element.hidden = true;
    element.replaceChildren();
    forget();
    wishes.opened(undefined);
  };
  listen(element, { keydown: ({ key }) => { if (key === 'Escape') close(); } });

  const open: EntryPanel['open'] = async (row, opener) => {
    const mine = (turn += 1);
    from = opener ?? from;
    const view = await server.entry(row.id);
    if (mine !== turn) return;
    forget();
    const heading = make('h2', { tabindex: '-1' }, nameOf(view.row));
    const body = make('div', { class: 'body' });
    element.replaceChildren(
      make('header', {}, heading, button('Close', close)),
      make('p', { class: 'why' }, `${view.row.status} ${view.statusText}: ${view.lifetime}.`),
      make('div', { class: 'life' }, freshnessBar(view.row, Date.now())),
      actionsOf(view, server, wishes, element),
      factsOf(view),
      part('Headers', headersOf(view)),
      part(`Body, ${size(view.row.bytes)}`, body),
      ...variantsOf(view, wishes),
    );
    element.hidden = false;
    wishes.opened(row.id);
    heading.focus();
    picture = await showBody(view, server, body, () => mine === turn);
  };
  return { element, open, close };
}

const part = (name: string, content: HTMLElement): HTMLElement =>
  make('details', { open: true }, make('summary', {}, name), content);

/** A text that scrolls, so that the keyboard has to get there. */
const scrolled = (name: string, text: string): HTMLElement =>
  make('pre', { 'tabindex': '0', 'role': 'region', 'aria-label': name }, text);

function actionsOf({ row }: EntryView, server: Server, wishes: Wishes, element: HTMLElement): HTMLElement {
  const explain = button('And now?', () => {
    void server.explain(row.id).catch(messageOf).then((text) => {
      element.querySelector('.explained')?.remove();
      const told = make('div', { class: 'explained' }, scrolled('What would happen now', text));
      element.querySelector('.actions')?.after(told);
    });
  }, { title: 'What would happen to this request now' });
  const save = button('Save body', () => {
    void server.body(row.id).then(saveAs(fileName(row)), (error: unknown) => { wishes.tell(messageOf(error)); });
  });
  const { readOnly, hasLifetimes } = server.about;
  const expire = !readOnly && hasLifetimes &&
    button('Make stale', () => { wishes.expire(row); }, { title: 'With all variants of this request' });
  const remove = !readOnly && button('Delete', () => { wishes.delete(row); }, { class: 'danger' });
  return make('div', { class: 'actions' }, explain, save, expire, remove);
}

function factsOf({ row, varies, redirectsTo, finalUrl }: EntryView): HTMLElement {
  const stored = new Date(row.createdAt);
  const facts: [string, string | undefined][] = [
    ['URL', row.url],
    ['Stored', `${stored.toLocaleString()}, ${duration((Date.now() - stored.getTime()) / 1000)} ago`],
    ['Redirects to', redirectsTo],
    ['Answered by', finalUrl],
    ['Variant by', varies.join(', ')],
    ['Tags', row.tags.join(', ')],
    ['Key', row.key],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
  return definitions(known);
}

const headersOf = ({ headers }: EntryView): HTMLElement => definitions(headers, { class: 'headers' });

const definitions = (pairs: EntryView['headers'], attributes: { readonly class?: string } = {}): HTMLElement =>
  make('dl', attributes, ...pairs.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));

function variantsOf({ variants }: EntryView, wishes: Wishes): HTMLElement[] {
  if (variants.length === 0) return [];
  const lines = variants.map(({ row, varies }) => {
    const name = `${row.status}, ${size(row.bytes)}, by ${varies.join(', ') || 'nothing'}`;
    return make('li', {}, button(name, () => { wishes.open(row); }));
  });
  return [part(`Other variants, ${variants.length}`, make('ul', {}, ...lines))];
}

/** @returns the URL of the picture that is shown, if it is one. */
async function showBody(
  { row, preview }: EntryView,
  server: Server,
  element: HTMLElement,
  isWanted: () => boolean,
): Promise<string | undefined> {
  if (preview.kind !== 'image') {
    element.replaceChildren(...textOf(preview));
    return undefined;
  }
  const bytes = await server.body(row.id);
  if (!isWanted()) return undefined;
  const url = URL.createObjectURL(new Blob([bytes], { type: preview.type }));
  const image = make('img', { src: url, alt: `The body, ${preview.type}` });
  listen(image, { error: () => { image.replaceWith('This is no image that the browser can show.'); } });
  element.replaceChildren(image);
  return url;
}

function textOf(preview: Exclude<Preview, { kind: 'image' }>): (Node | string)[] {
  if (preview.kind === 'bytes') return [`Bytes of the type ${preview.type}.`];
  if (preview.text === '') return ['It is empty.'];
  const text = scrolled('Body', preview.text);
  return preview.isCut ? [text, make('p', {}, 'It is longer than what is shown.')] : [text];
}

const fileName = ({ url }: Row): string => /([^/?#]+)(?:[?#].*)?$/.exec(url)?.[1]?.replace(/[^\w.-]/g, '_') ?? 'body';

/** Nothing that is saved is opened by the browser: it is bytes, whatever its server called it. */
const saveAs = (name: string) => (bytes: Blob): void => {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = make('a', { href: url, download: name });
  link.click();
  setTimeout(() => { URL.revokeObjectURL(url); }, 1000);
};
