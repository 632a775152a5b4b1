/** Why one request was answered as it was, and what can be done with what is stored for it. */
import { deleteEntry, type Panel } from './cache.js';
import { button, listen, make } from './dom.js';
import type { RequestEvent } from './requests.js';
import { factsOf, messageOf, placeOf, whyAnswered } from './words.js';

export interface Details {
  readonly element: HTMLElement;
  open(event: RequestEvent, opener: HTMLButtonElement): void;
  close(): void;
}

export function details({ cache, act }: Panel): Details {
  const element = make('section', { 'class': 'details', 'aria-label': 'Why it was answered so' });
  element.hidden = true;
  let from: HTMLButtonElement | undefined;

  const close = (): void => {
    from?.setAttribute('aria-expanded', 'false');
    // Focus is given back only if it was inside.
    if (element.contains((element.getRootNode() as ShadowRoot).activeElement)) from?.focus();
    from = undefined;
    element.hidden = true;
  };
  listen(element, { keydown: ({ key }) => { if (key === 'Escape') close(); } });

  return {
    element,
    close,
    open(event, opener) {
      const isOpen = from === opener;
      close();
      if (isOpen) return;
      from = opener;
      opener.setAttribute('aria-expanded', 'true');
      const { method, url, info } = event;
      const facts = factsOf(info, Date.now()).flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]);
      const heading = make('h2', { tabindex: '-1' }, `${method} ${placeOf(url).path}`);
      element.replaceChildren(
        make('header', {}, heading, button('Close', close)),
        make('p', { class: 'why' }, whyAnswered(info)),
        make('div', { class: 'actions' }, ...actions(event, { cache, act }, element)),
        make('dl', {}, ...facts),
      );
      element.hidden = false;
      heading.focus();
    },
  };
}

function actions({ url, method, info }: RequestEvent, { cache, act }: Panel, element: HTMLElement): HTMLElement[] {
  const known = cache();
  const { key } = info;
  if (known === undefined || key === undefined) return [];
  const made = [
    button('Delete what is stored', () => {
      act(async () => `Deleted ${await deleteEntry(known, { key, url })}.`);
    }),
  ];
  if (known.expire !== undefined) {
    made.push(button('Make stale', () => { act(async () => `Made stale: ${await known.expire?.({ key })}.`); }));
  }
  if (known.explain !== undefined) {
    made.push(button('And now?', () => {
      act(async () => {
        const told = await known.explain?.(url, { method }).then(String, messageOf);
        element.querySelector('pre')?.remove();
        element.append(make('pre', {}, told));
        return 'Explained below.';
      });
    }, { title: 'What would happen to this request now' }));
  }
  return made;
}
