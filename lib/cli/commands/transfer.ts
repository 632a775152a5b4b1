/** `copy`, `export` and `import`: entries from one storage or file to another. */
import { existsSync } from 'node:fs';
import { UsageError } from '../faults.js';
import { count } from '../format.js';
import { readLines, writeLines } from '../ndjson.js';
import { openStorage, type OpenOptions } from '../open.js';
import type { Output } from '../output.js';
import { findBy, transfer, type Transfer } from '../transfer.js';

/** @returns the exit code: 1 where nothing was copied, or an entry failed. */
export async function copy(from: string, to: string, options: OpenOptions, output: Output): Promise<number> {
  const source = await openStorage(from, options);
  try {
    const target = await openStorage(to, { ...options, create: true });
    let isDone = false;
    try {
      await findBy(source.storage, target.storage.bind === undefined ? target.storage : undefined);
      await findBy(target.storage);
      const told = await transfer(source.storage, target.storage);
      isDone = true;
      return tell(told, `copied from ${source.place} to ${target.place}`, output);
    } finally {
      await target.close({ finish: isDone });
    }
  } finally {
    await source.close();
  }
}

/** Says of each reason what became of the entries. */
const SKIPPED: Readonly<Record<keyof Transfer['skipped'], string>> = {
  'not-findable': 'told apart by a secret, as those of users are, which nobody could find there',
  'expired': 'of no use any more',
  'gone': 'that went meanwhile',
  'newer': 'that the other storage has already',
  'too-large': 'too large',
};

function tell({ failure, ...progress }: Transfer, what: string, output: Output): number {
  const { copied, skipped, failed } = progress;
  if (output.isJson) {
    output.json(progress);
  } else {
    output.line(`${count(copied, 'entry')} ${what}`);
    for (const [reason, left] of Object.entries(skipped)) {
      if (left > 0) output.line(`  left: ${count(left, 'entry')} ${SKIPPED[reason as keyof typeof SKIPPED]}`);
    }
    if (failed > 0) output.line(`  failed: ${count(failed, 'entry')}; ${failure ?? ''}`);
  }
  return copied === 0 || failed > 0 ? 1 : 0;
}

const isLines = (file: string): boolean => file.toLowerCase().endsWith('.ndjson');

function checkFile(file: string): void {
  if (!/\.(har|ndjson)$/i.test(file)) throw new UsageError(`${file} must end with .har or .ndjson.`);
}

export async function exportTo(storage: string, file: string, options: OpenOptions, output: Output): Promise<number> {
  checkFile(file);
  if (!isLines(file)) return copy(storage, file, options, output);
  const source = await openStorage(storage, options);
  try {
    const copied = await writeLines(source.storage, file);
    if (output.isJson) output.json({ copied });
    else output.line(`${count(copied, 'entry')} written to ${file}`);
    return copied === 0 ? 1 : 0;
  } finally {
    await source.close();
  }
}

export async function importFrom(file: string, storage: string, options: OpenOptions, output: Output): Promise<number> {
  checkFile(file);
  if (!isLines(file)) return copy(file, storage, options, output);
  if (!existsSync(file)) throw new UsageError(`there is no ${file}.`);
  const target = await openStorage(storage, { ...options, create: true });
  try {
    await findBy(target.storage);
    return tell(await readLines(file, target.storage), `read from ${file}`, output);
  } finally {
    await target.close({ finish: true });
  }
}
