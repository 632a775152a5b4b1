/** How a wrong option is reported: the value as it is shown, one fault as an error, several as one. */
import { CacheError } from '../api/errors.js';

/** An ERR_CACHE_OPTION whose message says what is wrong with `option` and what to write. */
export const optionError = (option: string, problem: string): CacheError =>
  new CacheError('ERR_CACHE_OPTION', problem, { option });

const MAX_SHOWN = 60;

/** A value for a message: short, and never the content of an object. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
  }
  if (typeof value === 'function') return value.name === '' ? 'a function' : `a function with the name ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date';
  return typeof value === 'object' && value !== null ? showObject(value) : String(value);
}

function showObject(value: object): string {
  const { constructor } = value;
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' || name === 'Object' ? 'an object' : `an object of class ${name}`;
}

/** Collects the faults of one set of options, so that all of them are told at once. */
export class Faults {
  readonly #errors: CacheError[] = [];

  /** Takes what a check threw; what no check throws on purpose is thrown on. */
  add(error: unknown): void {
    if (!(error instanceof CacheError)) throw error;
    this.#errors.push(error);
  }

  /** Throws what was collected: a single fault itself, several as one that has them in its message and its cause. */
  raise(): void {
    const [first, ...others] = this.#errors;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const lines = this.#errors.map(({ message }) => `- ${message.replace(/^axios-client-cache: /, '')}`);
    throw new CacheError('ERR_CACHE_OPTION', `${lines.length} options are wrong:\n${lines.join('\n')}`, {
      option: first.option,
      cause: new AggregateError(this.#errors),
    });
  }
}
