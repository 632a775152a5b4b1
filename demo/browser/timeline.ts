/** A lane for each resource: a mark for each response, and a bar as long as what is stored is fresh. */
import type { CacheInfo } from 'axios-client-cache';

interface Mark {
  readonly at: number;
  readonly status: CacheInfo['status'];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Lane {
  readonly svg: SVGSVGElement;
  readonly state: HTMLElement;
  marks: Mark[];
  spans: Span[];
}

/** So much of the past and of the future is seen, in milliseconds. */
const PAST_MS = 16_000;
const FUTURE_MS = 5000;
const WIDTH = 600;
const HEIGHT = 44;
const DRAWN_EVERY_MS = 100;

const xOf = (at: number, now: number): number => ((at - now + PAST_MS) / (PAST_MS + FUTURE_MS)) * WIDTH;

function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

function paragraph(className: string, content: string): HTMLElement {
  const element = document.createElement('p');
  element.className = className;
  element.textContent = content;
  return element;
}

function createLane(root: HTMLElement, path: string, says: string): Lane {
  const viewBox = `0 0 ${WIDTH} ${HEIGHT}`;
  const label = `Responses of ${path}`;
  const svg = shape('svg', { viewBox, 'preserveAspectRatio': 'none', 'role': 'img', 'aria-label': label });
  const lane = document.createElement('div');
  lane.className = 'lane';
  const words = document.createElement('div');
  const state = paragraph('state', '');
  const name = paragraph('', '');
  name.append(Object.assign(document.createElement('code'), { textContent: path.replace('/api', '') }));
  words.append(name, paragraph('says', says), state);
  lane.append(words, svg);
  root.append(lane);
  return { svg: svg as SVGSVGElement, state, marks: [], spans: [] };
}

/** What is stored now, in words. */
function stateOf({ spans }: Lane, now: number): string {
  const last = spans.at(-1);
  if (last === undefined || last.from > now) return 'not stored';
  const seconds = (last.to - now) / 1000;
  if (seconds > 3600) return 'fresh for hours';
  return seconds > 0 ? `fresh, ${seconds.toFixed(1)} s left` : 'stored, stale';
}

function draw(lane: Lane, now: number): void {
  const { svg, state } = lane;
  lane.marks = lane.marks.filter(({ at }) => at > now - PAST_MS);
  lane.spans = lane.spans.filter((span, index) => span.to > now - PAST_MS || index === lane.spans.length - 1);
  const bars = lane.spans.map(({ from, to }) => {
    const [start, end] = [xOf(from, now), Math.min(xOf(to, now), WIDTH)];
    return shape('rect', { x: start, y: 10, width: Math.max(0, end - start), height: HEIGHT - 20, rx: 3 });
  });
  // The picture is stretched to the width of its lane: a circle is drawn as an ellipse that comes out round.
  const stretch = svg.clientWidth === 0 ? 1 : WIDTH / svg.clientWidth;
  const marks = lane.marks.map(({ at, status }) =>
    shape('ellipse', { 'class': status, 'cx': xOf(at, now), 'cy': HEIGHT / 2, 'rx': 6.5 * stretch, 'ry': 6.5 }));
  const present = xOf(now, now);
  svg.replaceChildren(...bars, shape('line', { x1: present, x2: present, y1: 0, y2: HEIGHT }), ...marks);
  const told = stateOf(lane, now);
  if (state.textContent !== told) state.textContent = told;
}

export function createTimeline(
  root: HTMLElement,
  resources: readonly (readonly [path: string, says: string])[],
): { add(path: string, cache: CacheInfo): void } {
  const lanes = new Map(resources.map(([path, says]) => [path, createLane(root, path, says)]));
  setInterval(() => {
    const now = Date.now();
    if (!document.hidden) for (const lane of lanes.values()) draw(lane, now);
  }, DRAWN_EVERY_MS);

  return {
    add(path, { status, stored, createdAt, expiresAt }) {
      const lane = lanes.get(path);
      if (lane === undefined) return;
      const now = Date.now();
      lane.marks.push({ at: now, status });
      // A change ends what was stored; what comes after it is another span.
      if (!stored) lane.spans = lane.spans.map(({ from, to }) => ({ from, to: Math.min(to, now) }));
      if (!stored || createdAt === undefined || expiresAt === undefined) return;
      const span = { from: createdAt.getTime(), to: expiresAt?.getTime() ?? Infinity };
      const last = lane.spans.at(-1);
      if (last?.from !== span.from) lane.spans.push(span);
    },
  };
}
