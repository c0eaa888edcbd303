import type { Json } from '../model/resource.ts';
import type { Fault } from './faults.ts';
import { isComplex, type Complex } from './resource.ts';
import { badRequest } from './scim-error.ts';

type Form = 'text' | 'number' | 'pattern' | 'anything' | 'object';

const matchForms: Readonly<Record<string, Form>> = {
  method: 'text',
  path: 'pattern',
  query: 'pattern',
  body: 'pattern',
  nth: 'number',
  every: 'number',
  probability: 'number',
};

const effectForms: Readonly<Record<Fault['do'], Readonly<Record<string, Form>>>> = {
  status: { status: 'number', headers: 'object', body: 'anything' },
  dropBefore: {},
  dropAfter: {},
  delay: { ms: 'number' },
  errorAfter: {},
  ignoreFilter: {},
  truncateList: { keep: 'number' },
  html200: {},
};

const needed: Partial<Record<Fault['do'], string>> = { status: 'status', delay: 'ms' };

/** The faults of a message from outside: an array of them. @throws ScimError 400 with the place of the mistake */
export function readFaults(message: Json): Fault[] {
  if (!Array.isArray(message))
    throw badRequest('invalidSyntax', 'Faults are sent as an array; an empty one ends all of them.');
  return message.map((fault: Json, at) => readFault(fault, `faults[${at}]`));
}

function readFault(fault: Json, place: string): Fault {
  if (!isComplex(fault)) throw badRequest('invalidSyntax', `${place} must be an object.`);
  const { match, times, ...effect } = fault;
  const name = effect['do'] as Fault['do'];
  const forms = typeof name === 'string' && Object.hasOwn(effectForms, name) ? effectForms[name] : undefined;
  if (forms === undefined)
    throw badRequest('invalidSyntax', `${place}.do must be one of ${Object.keys(effectForms).join(', ')}.`);
  check(effect, { ...forms, do: 'text' }, place);
  const must = needed[name];
  if (must !== undefined && effect[must] === undefined)
    throw badRequest('invalidSyntax', `${place}.${must} is missing.`);
  if (times !== undefined) check({ times }, { times: 'number' }, place);
  if (match !== undefined) {
    if (!isComplex(match)) throw badRequest('invalidSyntax', `${place}.match must be an object.`);
    check(match, matchForms, `${place}.match`);
  }
  // Every member was checked against its form above.
  return fault as unknown as Fault;
}

function check(object: Complex, forms: Readonly<Record<string, Form>>, place: string): void {
  for (const [name, value] of Object.entries(object)) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (form === undefined)
      throw badRequest('invalidSyntax', `${place} has no ${name}; it may have ${Object.keys(forms).join(', ')}.`);
    if (!has(form, value))
      throw badRequest('invalidSyntax', `${place}.${name} is not what is expected: ${expected[form]}.`);
  }
}

const expected: Readonly<Record<Form, string>> = {
  text: 'a text',
  number: 'a number, not negative',
  pattern: 'a regular expression as a text',
  anything: 'any JSON',
  object: 'an object of texts',
};

function has(form: Form, value: Json): boolean {
  switch (form) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && value >= 0;
    case 'pattern':
      return typeof value === 'string' && isPattern(value);
    case 'object':
      return isComplex(value) && Object.values(value).every((inner) => typeof inner === 'string');
    case 'anything':
      return true;
  }
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
