/** How wrong options are reported: how a value is shown, and how several faults become one error. */
import { CacheError } from '../api/errors.js';

/** Makes an ERR_CACHE_OPTION; `problem` says what is wrong with `option` and what to write instead. */
export const optionError = (option: string, problem: string): CacheError =>
  new CacheError('ERR_CACHE_OPTION', problem, { option });

const MAX_SHOWN = 60;

/** Shows a value in a message. It is short, and never shows what is in an object, which may be a secret. */
export function showValue(value: unknown): string {
  try {
    return readableValue(value);
  } catch {
    // Its members throw, or it is a proxy that is used no more.
    return 'what cannot be read';
  }
}

function readableValue(value: unknown): string {
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

/**
 * Gives what `check` gives. An error that is none of ours is a fault of what the user gave too: a member that throws,
 * or a proxy that is used no more.
 */
export function checked<T>(option: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (cause instanceof CacheError) throw cause;
    throw new CacheError('ERR_CACHE_OPTION', `${option} cannot be read: something in it throws.`, { option, cause });
  }
}

/** Collects the faults of one set of options, so that all of them are told at once. */
export class Faults {
  readonly #errors: CacheError[] = [];

  /** Gives what `check` gives, or keeps what it throws as a fault of `option`. */
  collect<T>(option: string, check: () => T): T | undefined {
    try {
      return checked(option, check);
    } catch (error) {
      this.#errors.push(error as CacheError);
      return undefined;
    }
  }

  /** Throws what was collected. Several faults become one error, which has them in its message and in its cause. */
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
