import type { Json } from '../../model/resource.ts';
import type { Fault } from './faults.ts';
import { isComplex, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';

type FieldType = 'text' | 'number' | 'pattern' | 'anything' | 'object';

const matchFields: Readonly<Record<string, FieldType>> = {
  method: 'text',
  path: 'pattern',
  query: 'pattern',
  body: 'pattern',
  nth: 'number',
  every: 'number',
  probability: 'number',
};

const effectFields: Readonly<Record<Fault['do'], Readonly<Record<string, FieldType>>>> = {
  status: { status: 'number', headers: 'object', body: 'anything' },
  dropBefore: {},
  dropAfter: {},
  delay: { ms: 'number' },
  errorAfter: {},
  ignoreFilter: {},
  truncateList: { keep: 'number' },
  html200: {},
};

const requiredFields: Partial<Record<Fault['do'], string>> = { status: 'status', delay: 'ms' };

/** Parses faults from JSON. @throws ScimError 400 with the place of the error */
export function parseFaults(message: Json): Fault[] {
  if (!Array.isArray(message))
    throw badRequest('invalidSyntax', 'Send faults as an array. An empty array removes all faults.');
  return message.map((fault: Json, index) => parseFault(fault, `faults[${index}]`));
}

function parseFault(fault: Json, place: string): Fault {
  if (!isComplex(fault)) throw badRequest('invalidSyntax', `${place} must be an object.`);
  const { match, times, ...effect } = fault;
  const name = effect['do'] as Fault['do'];
  const fields = typeof name === 'string' && Object.hasOwn(effectFields, name) ? effectFields[name] : undefined;
  if (fields === undefined)
    throw badRequest('invalidSyntax', `${place}.do must be one of ${Object.keys(effectFields).join(', ')}.`);
  checkFields(effect, { ...fields, do: 'text' }, place);
  const requiredField = requiredFields[name];
  if (requiredField !== undefined && effect[requiredField] === undefined)
    throw badRequest('invalidSyntax', `${place}.${requiredField} is missing.`);
  if (times !== undefined) checkFields({ times }, { times: 'number' }, place);
  if (match !== undefined) {
    if (!isComplex(match)) throw badRequest('invalidSyntax', `${place}.match must be an object.`);
    checkFields(match, matchFields, `${place}.match`);
  }
  // checkFields has verified every property.
  return fault as unknown as Fault;
}

function checkFields(object: Complex, fields: Readonly<Record<string, FieldType>>, place: string): void {
  for (const [name, value] of Object.entries(object)) {
    const fieldType = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (fieldType === undefined)
      throw badRequest(
        'invalidSyntax',
        `${place} has no ${name}. Its properties are ${Object.keys(fields).join(', ')}.`,
      );
    if (!hasType(fieldType, value))
      throw badRequest('invalidSyntax', `${place}.${name} must be ${typeDescriptions[fieldType]}.`);
  }
}

const typeDescriptions: Readonly<Record<FieldType, string>> = {
  text: 'a string',
  number: 'a number of at least 0',
  pattern: 'a string with a regular expression',
  anything: 'JSON',
  object: 'an object of strings',
};

function hasType(fieldType: FieldType, value: Json): boolean {
  switch (fieldType) {
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
