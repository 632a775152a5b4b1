/** The pictures of the page, as SVG: how much of a lifetime is left, and how much a host holds. */
const SVG = 'http://www.w3.org/2000/svg';

type Tag = 'svg' | 'rect';

function rect(name: string, width: number): SVGElement {
  return draw('rect', { class: name, width: `${Math.round(width * 1000) / 10}%`, height: '100%', rx: '2' });
}

function draw(tag: Tag, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** It is for the eye alone: what it shows stands in words beside it. */
function picture(name: string, ...children: readonly SVGElement[]): SVGElement {
  const element = draw('svg', { 'class': name, 'aria-hidden': 'true' });
  element.append(...children);
  return element;
}

/** A share of 1, at least a sliver where it is more than 0. */
export const shareBar = (share: number): SVGElement =>
  picture('share', rect('track', 1), rect('part', share > 0 ? Math.max(share, 0.005) : 0));

interface Times {
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly purgeAt: string | null;
}

/** What is left of the lifetime; once that is over, what is left of the time for which the entry is kept. */
export function freshnessBar({ createdAt, expiresAt, purgeAt }: Times, now: number): SVGElement {
  const [created, expires, purge] = [Date.parse(createdAt), endOf(expiresAt), endOf(purgeAt)];
  const isFresh = expires > now;
  const left = isFresh ? partLeft(created, expires, now) : partLeft(expires, purge, now);
  return picture('freshness', rect('track', 1), rect(isFresh ? 'fresh' : 'kept', left));
}

const endOf = (time: string | null): number => (time === null ? Infinity : Date.parse(time));

function partLeft(begin: number, end: number, now: number): number {
  if (end === Infinity) return 1;
  if (end <= begin || end <= now) return 0;
  return Math.min(1, (end - now) / (end - begin));
}
