/** Bar charts as SVG, written out by hand: one panel for each scenario of a group. */
import type { ContestantResult, ScenarioResult } from '../results.js';
import { formatNumber, formatValue, inShownUnit, LABELS } from './numbers.js';

const WIDTH = 800;
const BARS_LEFT = 270;
const BARS_WIDTH = 380;
const BARS_RIGHT = BARS_LEFT + BARS_WIDTH;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 14;
const TITLE_HEIGHT = 40;
const AXIS_HEIGHT = 26;
const MARGIN = 16;
/** From here on the shortest bars of a linear axis could not be told apart. */
const LARGEST_LINEAR_SPREAD = 20;

/** The background is part of the picture, so that it can be read whatever the page around it looks like. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 13px; }
  .quiet { fill: #59636e; font-size: 11px; }
  .page { fill: #ffffff; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  .grid { stroke: #d1d9e0; }
  .whisker { stroke: #1f2328; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .page { fill: #0d1117; }
    .bar { fill: #6e7681; }
    .ours { fill: #4493f8; }
    .grid { stroke: #30363d; }
    .whisker { stroke: #f0f6fc; }
  }`;

export function chartOf(title: string, scenarios: readonly ScenarioResult[]): string {
  const panels: string[] = [];
  let top = MARGIN;
  for (const scenario of scenarios) {
    const rows = rowsOf(scenario);
    if (rows.length === 0) continue;
    panels.push(...panelOf(scenario, rows, top));
    top += heightOf(rows);
  }
  const height = top + MARGIN;
  const size = `width="${WIDTH}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${size} viewBox="0 0 ${WIDTH} ${height}">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" ${size} rx="6"/>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

interface Row {
  readonly label: string;
  readonly isOurs: boolean;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly text: string;
}

function rowsOf({ unit, contestants }: ScenarioResult): readonly Row[] {
  return contestants.flatMap(({ id, title, outcome }: ContestantResult) => {
    if (outcome.kind !== 'measured') return [];
    const { lower, median, upper } = outcome.value;
    const ratio = outcome.ratio === undefined ? '' : ` (${formatNumber(outcome.ratio.median)}×)`;
    return {
      label: title,
      isOurs: id.startsWith('ours'),
      lower: inShownUnit(lower, unit),
      median: inShownUnit(median, unit),
      upper: inShownUnit(upper, unit),
      text: `${formatValue(median, unit)} ${LABELS[unit]}${ratio}`,
    };
  });
}

const heightOf = (rows: readonly Row[]): number => TITLE_HEIGHT + rows.length * ROW_HEIGHT + AXIS_HEIGHT;

interface Axis {
  readonly note: string;
  readonly ticks: readonly number[];
  /** Where a value stands, in pixels. */
  readonly placeOf: (value: number) => number;
}

function axisOf(rows: readonly Row[]): Axis {
  const largest = Math.max(...rows.map(({ median }) => median));
  const smallest = Math.min(...rows.map(({ median }) => median));
  return largest / smallest > LARGEST_LINEAR_SPREAD ? logarithmicAxis(smallest, largest) : linearAxis(largest);
}

function linearAxis(largest: number): Axis {
  const step = niceStep(largest / 4);
  const end = Math.ceil(largest / step) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { note: '', ticks, placeOf: (value) => BARS_LEFT + (value / end) * BARS_WIDTH };
}

function logarithmicAxis(smallest: number, largest: number): Axis {
  const from = Math.floor(Math.log10(smallest / 2));
  const to = Math.ceil(Math.log10(largest));
  return {
    note: ', logarithmic axis',
    ticks: Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)),
    placeOf: (value) => BARS_LEFT + ((Math.log10(value) - from) / (to - from)) * BARS_WIDTH,
  };
}

/** The next of 1, 2, 5 times a power of ten. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

function panelOf({ title, unit }: ScenarioResult, rows: readonly Row[], top: number): readonly string[] {
  const { note, ticks, placeOf } = axisOf(rows);
  const rowsTop = top + TITLE_HEIGHT;
  const bottom = rowsTop + rows.length * ROW_HEIGHT;
  const inside = (value: number): string =>
    Math.min(BARS_RIGHT, Math.max(BARS_LEFT, placeOf(value))).toFixed(1);
  return [
    `<text class="title" x="${MARGIN}" y="${top + 14}">${escape(title)}</text>`,
    `<text class="quiet" x="${MARGIN}" y="${top + 30}">${LABELS[unit]}${note}; less is better</text>`,
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="${inside(tick)}" x2="${inside(tick)}" y1="${rowsTop}" y2="${bottom}"/>`,
      `<text class="quiet" x="${inside(tick)}" y="${bottom + 14}" text-anchor="middle">${tickText(tick)}</text>`,
    ]),
    ...rows.flatMap(({ label, isOurs, lower, median, upper, text }, index) => {
      const y = rowsTop + index * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2;
      const middle = y + BAR_HEIGHT / 2;
      const width = (Number(inside(median)) - BARS_LEFT).toFixed(1);
      const end = Math.max(Number(inside(median)), Number(inside(upper)));
      return [
        `<text x="${BARS_LEFT - 8}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
        `<rect class="${isOurs ? 'ours' : 'bar'}" x="${BARS_LEFT}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/>`,
        `<line class="whisker" x1="${inside(lower)}" x2="${inside(upper)}" y1="${middle}" y2="${middle}"/>`,
        `<text x="${(end + 6).toFixed(1)}" y="${middle + 4}">${escape(text)}</text>`,
      ];
    }),
  ];
}

const tickText = (tick: number): string => tick.toLocaleString('en', { maximumSignificantDigits: 3 });

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (each) => ESCAPES[each] ?? each);
