/** Tables: as text for a terminal, and as Markdown for a page. */

/** The columns have equal width. A column in which everything is a number stands at the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const numeric = head.map((_, column) => rows.every((row) => /^[\d.]+$/.test(String(row[column]))));
  const format = (row: readonly string[]): string =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return numeric[column] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const [first = [], ...others] = texts;
  return [format(first), widths.map((width) => '-'.repeat(width)).join('  '), ...others.map(format)].join('\n');
}

/**
 * @param texts so many columns hold texts and stand at the left; those after them stand at the right.
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[], texts = 1): string {
  const rule = head.map((_, column) => (column < texts ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
