import type { Speaks } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import type { Habit } from '../application.ts';
import { isPatch, isWhole, operationsOf, withOperations, type SentOperation } from '../operations.ts';
import type { Asked } from '../request.ts';
import { isComplex, type Complex } from '../resource.ts';
import { badRequest } from '../scim-error.ts';

/** Truths that are written as texts (`booleans`); answers have them as JSON does. */
export function textualBooleans(form: Exclude<Speaks['booleans'], 'json'>): Habit {
  const texts = form === 'text' ? ['false', 'true'] : ['False', 'True'];
  const read = (value: Json, name: string): Json => {
    const at = typeof value === 'string' ? texts.indexOf(value) : -1;
    if (at === -1)
      throw badRequest(
        'invalidValue',
        `${name} must be ${texts.map((text) => JSON.stringify(text)).join(' or ')}, not ${JSON.stringify(value)}.`,
      );
    return at === 1;
  };
  return { hear: (asked) => mapMessage(asked, (value, name) => (isBoolean(name) ? read(value, name) : value)) };
}

/** A manager who is written as an id alone (`manager`), and shown so. */
export function textualManager(urn: string): Habit {
  const change = (extension: Json, to: (manager: Json) => Json): Json => {
    const manager = isComplex(extension) ? extension['manager'] : undefined;
    return isComplex(extension) && manager !== undefined && manager !== null
      ? { ...extension, manager: to(manager) }
      : extension;
  };
  const read = (manager: Json): Json => {
    if (manager !== null && typeof manager !== 'string')
      throw badRequest('invalidValue', 'manager must be the id of a user as a text.');
    return manager === null ? manager : { value: manager };
  };
  const inOperation = (operation: SentOperation): SentOperation => {
    const { path, value } = operation;
    if (value === undefined) return operation;
    if (path?.toLowerCase() === `${urn}:manager`.toLowerCase()) return { ...operation, value: read(value) };
    if (path?.toLowerCase() === urn.toLowerCase()) return { ...operation, value: change(value, read) };
    return path === undefined && isComplex(value)
      ? { ...operation, value: inResource(value, urn, (extension) => change(extension, read)) }
      : operation;
  };
  return {
    hear(asked) {
      if (asked.kind !== 'User') return asked;
      if (isPatch(asked)) return withOperations(asked, operationsOf(asked.message).map(inOperation));
      if (!isWhole(asked) || !isComplex(asked.message)) return asked;
      return { ...asked, message: inResource(asked.message, urn, (extension) => change(extension, read)) };
    },
    show: (resource) =>
      inResource(resource, urn, (extension) =>
        change(extension, (manager) => (isComplex(manager) ? (manager['value'] ?? null) : manager)),
      ),
  };
}

/** The request with each value of its resource, or of its operations, changed by the name under which it stands. */
export function mapMessage(asked: Asked, change: (value: Json, name: string) => Json): Asked {
  if (isWhole(asked) && asked.message !== undefined) return { ...asked, message: mapValue(asked.message, '', change) };
  if (!isPatch(asked)) return asked;
  const operations = operationsOf(asked.message).map((operation) =>
    operation.value === undefined
      ? operation
      : { ...operation, value: mapValue(operation.value, lastName(operation.path ?? ''), change) },
  );
  return withOperations(asked, operations);
}

/** Whether an attribute of RFC 7643 with this name is a boolean. */
export const isBoolean = (name: string): boolean => ['active', 'primary'].includes(name.toLowerCase());

function mapValue(value: Json, name: string, change: (value: Json, name: string) => Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => mapValue(element, name, change));
  if (isComplex(value))
    return Object.fromEntries(
      Object.entries(value).map(([inner, of]) => [inner, mapValue(of, lastName(inner), change)]),
    );
  return change(value, name);
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

function inResource(resource: Complex, urn: string, change: (extension: Json) => Json): Complex {
  return Object.fromEntries(
    Object.entries(resource).map(([name, value]) => [
      name,
      name.toLowerCase() === urn.toLowerCase() ? change(value) : value,
    ]),
  );
}
