/** The list of requests, the newest on top, each with what the cache did. */
import type { CacheEvent } from '../api/events.js';
import type { CacheStatus } from '../rfc9111/model.js';
import { listen, make, moveAmong, row, table } from './dom.js';
import { duration, milliseconds, placeOf, size, STATUSES } from './words.js';

/** The event that each request tells. */
export type RequestEvent = Extract<CacheEvent, { type: CacheStatus }>;

/** Older ones go. */
const MOST_REQUESTS = 500;
const COLUMNS = [
  ['place', 'Request'],
  ['status', 'Cache'],
  ['reason', 'Reason'],
  ['age', 'Age'],
  ['size', 'Size'],
  ['time', 'Time'],
] as const;

interface Line {
  readonly event: RequestEvent;
  readonly element: HTMLTableRowElement;
  readonly opener: HTMLButtonElement;
  /** What the filter looks at. */
  readonly text: string;
}

export interface RequestList {
  readonly element: HTMLElement;
  add(event: RequestEvent): void;
  /** What is stored under that key has so many bytes. */
  sized(key: string, bytes: number): void;
  filter(text: string): void;
  clear(): void;
}

export const isRequest = (event: CacheEvent): event is RequestEvent => 'info' in event;

export function requestList(onOpen: (event: RequestEvent, opener: HTMLButtonElement) => void): RequestList {
  const { element, body } = table('Requests, the newest first', COLUMNS);
  const empty = make('p', { class: 'empty' }, 'No request yet.');
  const whole = make('div', { class: 'list' }, element, empty);
  const sizes = new Map<string, number>();
  let lines: Line[] = [];
  let wanted = '';

  const show = ({ element: line, text }: Line): void => { line.hidden = !text.includes(wanted); };
  const tell = (): void => {
    const hidden = lines.every((line) => line.element.hidden);
    empty.textContent = lines.length === 0 ? 'No request yet.' : 'No request like this.';
    empty.hidden = !hidden;
  };

  const openers = (): HTMLButtonElement[] => lines.flatMap((line) => (line.element.hidden ? [] : line.opener));
  listen(body, { keydown: (event) => { moveAmong(event, openers()); } });

  return {
    element: whole,
    add(event) {
      const line = lineOf(event, event.info.key === undefined ? undefined : sizes.get(event.info.key), onOpen);
      lines.unshift(line);
      body.prepend(line.element);
      for (const old of lines.splice(MOST_REQUESTS)) old.element.remove();
      show(line);
      tell();
    },
    sized(key, bytes) {
      sizes.set(key, bytes);
      for (const { event, element: line } of lines) {
        const cell = event.info.key === key ? line.querySelector('.size') : null;
        if (cell?.textContent === '') cell.textContent = size(bytes);
      }
    },
    filter(text) {
      wanted = text.trim().toLowerCase();
      lines.forEach(show);
      tell();
    },
    clear() {
      lines = [];
      body.replaceChildren();
      tell();
    },
  };
}

function lineOf(
  event: RequestEvent,
  bytes: number | undefined,
  onOpen: (event: RequestEvent, opener: HTMLButtonElement) => void,
): Line {
  const { type, method, url, info, durationMs } = event;
  const { path, origin } = placeOf(url);
  const opener = make('button', { 'type': 'button', 'title': url, 'aria-expanded': 'false' }, `${method} ${path}`);
  listen(opener, { click: () => { onOpen(event, opener); } });
  const element = row([
    ['place', opener],
    ['status', make('span', { class: `badge ${type}`, title: STATUSES[type] }, type)],
    ['reason', info.reason],
    ['age', info.age === undefined ? '' : duration(info.age)],
    ['size', size(bytes)],
    ['time', milliseconds(durationMs)],
  ]);
  return { event, element, opener, text: [method, origin + path, type, info.reason].join(' ').toLowerCase() };
}
