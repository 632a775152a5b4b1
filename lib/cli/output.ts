/** Where a command writes: tables that fit the terminal, lines, JSON, and colours where a person looks. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import pico from 'picocolors';

type Cell = string | number;

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The column gives way where the terminal is too narrow for the table. */
  readonly gives?: boolean;
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'mid', 'right']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('middle')
    .map((name) => [name, '']),
);
const GAP = 2;
const LEAST_WIDTH = 20;

const lengthOf = (cell: Cell): number => [...stripVTControlCharacters(String(cell))].length;

/**
 * Control characters in what servers sent would move the cursor of a terminal, or worse; colours do no harm. Line
 * breaks and tabs stay.
 */
export const harmless = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- They are what is looked for.
  text.replace(/[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[\d+m)/g, '\uFFFD');

export class Output {
  // It is undefined where there is no terminal, and then picocolors would decide by the environment.
  readonly isTerminal = Boolean(process.stdout.isTTY);
  readonly colours = pico.createColors(this.isTerminal && (process.env['NO_COLOR'] ?? '') === '');
  readonly isJson: boolean;
  /** Lines that are written together later. */
  #held: string[] | undefined;

  constructor(isJson: boolean) {
    this.isJson = isJson;
  }

  line(text = ''): void {
    if (this.#held === undefined) process.stdout.write(`${text}\n`);
    else this.#held.push(text);
  }

  /**
   * Writes what `write` writes in the place of what was written so before. Where no terminal is, or for JSON, it is
   * written one after the other.
   */
  async redrawn(write: () => Promise<unknown>): Promise<void> {
    this.#held = [];
    try {
      await write();
    } finally {
      const lines = this.#held;
      this.#held = undefined;
      if (this.isJson || !this.isTerminal) {
        for (const line of lines) this.line(line);
      } else {
        // All at once, so that it does not flicker; each line and the rest of the screen are cleared of what was there.
        const shown = lines.join('\n').split('\n').slice(0, this.screen - 1);
        process.stdout.write(`\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
      }
    }
  }

  bytes(body: Uint8Array): void {
    process.stdout.write(body);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  /** How many lines fit one screen; endless where the output goes elsewhere. */
  get screen(): number {
    return this.isTerminal ? process.stdout.rows : Infinity;
  }

  /** Writes rows in columns. In a terminal no line is broken: the column that gives way is cut. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    const needed = columns.map(({ title }, at) =>
      Math.max(lengthOf(title), ...rows.map((row) => lengthOf(row[at] ?? ''))),
    );
    const room = this.isTerminal ? process.stdout.columns : Infinity;
    const excess = needed.reduce((sum, each) => sum + each + GAP, 0) - room;
    const widths = needed.map((width, at) => {
      const isCut = excess > 0 && columns[at]?.gives === true;
      return (isCut ? Math.max(LEAST_WIDTH, width - excess) : width) + GAP;
    });
    const table = new Table({
      head: columns.map(({ title }) => this.colours.dim(title)),
      chars: NO_BORDERS,
      colWidths: widths,
      colAligns: columns.map(({ align = 'left' }) => align),
      style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
    });
    table.push(...rows.map((row) => row.map((cell) => (typeof cell === 'string' ? harmless(cell.replace(/\s/g, ' ')) : cell))));
    this.line(table.toString().replace(/[ \t]+$/gm, ''));
  }
}
