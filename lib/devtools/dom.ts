/** Makes elements. Data becomes text, never markup: so a page with Trusted Types may have them too. */

type Child = Node | string | undefined | false;
type Handlers = { readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };

/** `true` sets an attribute without a value; `false` and `undefined` leave it out. */
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

export function listen<E extends HTMLElement>(element: E, handlers: Handlers): E {
  for (const [type, handler] of Object.entries(handlers)) element.addEventListener(type, handler as EventListener);
  return element;
}

export const button = (name: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement =>
  listen(make('button', { type: 'button', ...attributes }, name), { click: onClick });

/** A table with a caption that only readers of the screen hear, and the body that rows are put into. */
export function table(caption: string, columns: readonly (readonly [name: string, label: Child])[]) {
  const head = columns.map(([name, label]) => make('th', { scope: 'col', class: name }, label));
  const body = make('tbody');
  const element = make(
    'table',
    {},
    make('caption', { class: 'heard' }, caption),
    make('thead', {}, make('tr', {}, ...head)),
    body,
  );
  return { element, body };
}

/** A row; the first cell names it. */
export function row(cells: readonly (readonly [name: string, content: Child])[]): HTMLTableRowElement {
  const made = cells.map(([name, content], index) =>
    index === 0 ? make('th', { scope: 'row', class: name }, content) : make('td', { class: name }, content),
  );
  return make('tr', {}, ...made);
}

/** Arrow keys, Home and End go from one of the buttons, each in a row of its own, to another. */
export function moveAmong(event: KeyboardEvent, buttons: readonly HTMLButtonElement[]): void {
  const at = buttons.findIndex((each) => each === event.target);
  const targets = new Map([['ArrowDown', at + 1], ['ArrowUp', at - 1], ['Home', 0], ['End', buttons.length - 1]]);
  const next = buttons[targets.get(event.key) ?? -1];
  if (at === -1 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
