import { OperatorError } from '../model/errors.ts';
import type { OpenOptions, PlanOptions, Selection, SyncOptions } from './api.ts';

/** What a value of an option must be, in the words of the message. */
const kinds = {
  text: { name: 'a text', accepts: (value: unknown) => typeof value === 'string' },
  texts: {
    name: 'a list of texts',
    accepts: (value: unknown) => Array.isArray(value) && value.every((entry) => typeof entry === 'string'),
  },
  flag: { name: 'true or false', accepts: (value: unknown) => typeof value === 'boolean' },
  count: {
    name: 'a whole number from 0 up',
    accepts: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  call: { name: 'a function', accepts: (value: unknown) => typeof value === 'function' },
  signal: { name: 'an AbortSignal', accepts: (value: unknown) => value instanceof AbortSignal },
  object: { name: 'an object', accepts: isObject },
  file: { name: 'a path or an object', accepts: (value: unknown) => typeof value === 'string' || isObject(value) },
} as const;

/** The options of a call, each with what its value must be. */
type Rules<Options> = Readonly<Record<keyof Required<Options>, keyof typeof kinds>>;

const selection = {
  targets: 'texts',
  user: 'text',
  group: 'text',
  full: 'flag',
  acceptSource: 'flag',
  signal: 'signal',
} as const satisfies Rules<Selection>;

/** The options of each function. */
const optionsOf = {
  openScimsync: {
    config: 'file',
    overlays: 'texts',
    folder: 'text',
    env: 'object',
    operator: 'text',
  } satisfies Rules<OpenOptions>,
  plan: { ...selection, at: 'text', onLine: 'call' } satisfies Rules<PlanOptions>,
  sync: {
    ...selection,
    retry: 'flag',
    plan: 'text',
    allowRemovals: 'count',
    adoptConflicts: 'flag',
    reason: 'text',
  } satisfies Rules<SyncOptions>,
} as const;

/**
 * Programs without types make mistakes, too: a misspelled option would be left out, and the call would do more than it
 * was asked for. An option that is undefined was not given.
 *
 * @throws OperatorError
 */
export function requireOptions(call: keyof typeof optionsOf, given: unknown): void {
  const rules: Readonly<Record<string, keyof typeof kinds>> = optionsOf[call];
  if (!isObject(given)) throw invalid(`the options of ${call} must be an object`);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined)
    throw invalid(`${call} has no option "${unknown}"; known here: ${Object.keys(rules).join(', ')}`);
  for (const [name, kind] of Object.entries(rules)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    const isRequired = kind === 'file';
    if ((value !== undefined || isRequired) && !kinds[kind].accepts(value))
      throw invalid(`the option "${name}" of ${call} must be ${kinds[kind].name}`);
  }
}

/** @throws OperatorError unless it is one of the names, and a function is given for it */
export function requireListener(names: readonly string[], name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !names.includes(name))
    throw invalid(`there is no event "${String(name)}"; known here: ${names.join(', ')}`);
  if (typeof listener !== 'function') throw invalid(`the listener of "${name}" must be a function`);
}

const invalid = (message: string): OperatorError =>
  new OperatorError('library.invalidArgument', `${message}. Nothing was done`);

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
