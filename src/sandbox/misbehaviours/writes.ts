import type { Json } from '../../model/resource.ts';
import { member } from '../../model/shape.ts';
import { errorAnswer, jsonAnswer } from '../answer.ts';
import type { Application, Habit } from '../application.ts';
import {
  isOfMembers,
  isPatch,
  isWhole,
  membersIn,
  operationsOf,
  withOperations,
  memberChanges,
} from '../operations.ts';
import { patchSchema } from '../patch/edits.ts';
import type { Asked } from '../request.ts';
import { isComplex, textOf, type Complex } from '../resource.ts';
import { badRequest, ScimError } from '../scim-error.ts';
import { isBoolean, mapMessage } from '../words/writing.ts';
import { asQuestion, empty, isChange, isWrite, mapObjects, succeeded } from './answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** What becomes of POST, PUT and PATCH, and how they are answered. */
export const writes: readonly Misbehaviour[] = [
  {
    number: 25,
    title: 'PATCH is answered 501, whatever discovery says',
    play: () => ({ judge: refuseWhere(isPatch, () => new ScimError(501, 'Not implemented.')) }),
  },
  {
    number: 26,
    title: 'an op in capitals (Add, Replace) is ignored, with 200',
    play: () => ({ hear: ignoreCapitals }),
  },
  {
    number: 27,
    title: 'PATCH and PUT are answered 200, and nothing is changed',
    play: () => ({ hear: (asked) => (isChange(asked) ? asQuestion(asked) : asked) }),
  },
  {
    number: 28,
    title: 'a PATCH is answered 204, a PUT with {}',
    play: () => ({
      answer: (answer, asked) =>
        isChange(asked) && succeeded(answer)
          ? asked.request.method === 'PUT'
            ? jsonAnswer(200, {})
            : empty(204)
          : answer,
    }),
  },
  {
    number: 29,
    title: 'a PATCH operation without a path is refused',
    play: () => ({
      judge: refuseWhere(
        (asked) => isPatch(asked) && operationsOf(asked.message).some(({ path }) => path === undefined),
        () => badRequest('noTarget', 'Each operation needs a path.'),
      ),
    }),
  },
  {
    number: 30,
    title: 'a PATCH path into an element of a user is refused',
    play: () => ({
      judge: refuseWhere(
        (asked) =>
          isPatch(asked) &&
          asked.kind === 'User' &&
          operationsOf(asked.message).some(({ path }) => path?.includes('[') === true),
        () => badRequest('invalidPath', 'Paths with a filter are not supported.'),
      ),
    }),
  },
  { number: 31, title: 'a member without its type is not added, without a word', play: () => ({ hear: dropUntyped }) },
  { number: 32, title: 'members must be an object: {"members": […]}', play: () => ({ hear: membersAsObject }) },
  {
    number: 33,
    title: 'a PUT without active suspends an open account, and opens a closed one',
    play: () => ({ hear: flipWithoutActive }),
  },
  {
    number: 34,
    title: 'a PUT with a typed element that has no value is refused',
    play: () => ({
      judge: refuseWhere(
        (asked) => isWhole(asked) && asked.request.method === 'PUT' && hasEmptyElement(asked.message),
        () => badRequest('invalidValue', 'A typed element needs a value.'),
      ),
    }),
  },
  {
    number: 35,
    title: 'null is refused',
    play: () => ({
      judge: refuseWhere(
        (asked) => isWrite(asked) && hasNull(asked.message),
        () => badRequest('invalidSyntax', 'A value is expected string, received null.'),
      ),
    }),
  },
  { number: 36, title: 'booleans are texts: "true" is wanted and answered, true is refused', play: textBooleans },
  {
    number: 37,
    title: '"schemas" must name what is known here, and nothing else',
    play: () => ({ judge: refuseOtherSchemas }),
  },
  {
    number: 42,
    title: 'timezone, and every unknown attribute, is refused without a reason',
    play: () => ({ judge: refuseOpaquely }),
  },
  {
    number: 43,
    title: 'a second primary e-mail address is refused, also where it would take the place of the first',
    play: () => ({ judge: refuseSecondPrimary }),
  },
  {
    number: 45,
    title: '500 for mistakes of the client: unknown members, members who are there already',
    play: () => ({
      judge: refuseKnownMembers(500),
      answer: (answer, asked) =>
        asked.kind === 'Group' && isWrite(asked) && answer.status === 400
          ? errorAnswer(new ScimError(500, 'Internal server error.'))
          : answer,
    }),
  },
];

function refuseWhere(meets: (asked: Asked) => boolean, refusal: () => ScimError): NonNullable<Habit['judge']> {
  return (asked) => {
    if (meets(asked)) throw refusal();
    return undefined;
  };
}

function ignoreCapitals(asked: Asked): Asked {
  if (!isPatch(asked)) return asked;
  const operations = operationsOf(asked.message);
  const heard = operations.filter(({ op }) => !/^(Add|Remove|Replace)$/.test(op));
  return heard.length === operations.length
    ? asked
    : heard.length === 0
      ? asQuestion(asked)
      : withOperations(asked, heard);
}

function dropUntyped(asked: Asked): Asked {
  if (asked.kind !== 'Group') return asked;
  const typed = (value: Json | undefined): Json => membersIn(value).filter((each) => each['type'] !== undefined);
  if (isWhole(asked) && isComplex(asked.message) && member(asked.message, 'members') !== undefined) {
    return { ...asked, message: { ...asked.message, members: typed(asked.message['members']) } };
  }
  if (!isPatch(asked)) return asked;
  return withOperations(
    asked,
    operationsOf(asked.message).map((operation) =>
      isOfMembers(operation) && operation.op.toLowerCase() !== 'remove'
        ? {
            ...operation,
            value:
              operation.path === undefined || isComplex(operation.value)
                ? { members: typed(operation.value) }
                : typed(operation.value),
          }
        : operation,
    ),
  );
}

function membersAsObject(asked: Asked): Asked {
  if (asked.kind !== 'Group' || !isPatch(asked)) return asked;
  return withOperations(
    asked,
    operationsOf(asked.message).map((operation) => {
      if (!isOfMembers(operation) || operation.op.toLowerCase() === 'remove') return operation;
      if (Array.isArray(operation.value))
        throw badRequest('invalidSyntax', 'Members must be an object: {"members": […]}.');
      return { ...operation, path: 'members', value: membersIn(operation.value).map((each): Json => each) };
    }),
  );
}

const flipWithoutActive: NonNullable<Habit['hear']> = (asked, app) => {
  const { kind, id, message, request } = asked;
  if (
    kind !== 'User' ||
    id === undefined ||
    request.method !== 'PUT' ||
    !isComplex(message) ||
    member(message, 'active') !== undefined
  )
    return asked;
  return { ...asked, message: { ...message, active: app.contents.get('User', id)?.['active'] === false } };
};

/** What tells an element apart and is no value of its own. */
const labels = ['type', 'primary', 'display'];

function hasEmptyElement(message: Json | undefined): boolean {
  return Object.values(isComplex(message) ? message : {}).some(
    (value) =>
      Array.isArray(value) &&
      (value as readonly Json[]).some(
        (element) =>
          isComplex(element) &&
          element['type'] !== undefined &&
          Object.entries(element).every(([name, inner]) => labels.includes(name) || inner === '' || inner === null),
      ),
  );
}

function hasNull(value: Json | undefined): boolean {
  if (value === null) return true;
  return typeof value === 'object' && Object.values(value).some(hasNull);
}

function textBooleans(): Habit {
  const read = (value: Json, name: string): Json => {
    if (!isBoolean(name) || typeof value === 'object') return value;
    if (value !== 'true' && value !== 'false') throw badRequest('invalidValue', `${name} must be "true" or "false".`);
    return value === 'true';
  };
  const written = (object: Complex): Complex =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [
        name,
        isBoolean(name) && typeof value === 'boolean' ? String(value) : value,
      ]),
    );
  return { hear: (asked) => mapMessage(asked, read), show: (resource) => mapObjects(resource, written) as Complex };
}

const refuseOtherSchemas: NonNullable<Habit['judge']> = (asked, app) => {
  const schemas = member(asked.message, 'schemas');
  if (asked.kind === undefined || !Array.isArray(schemas) || !(isWhole(asked) || isPatch(asked))) return undefined;
  const type = app.types[asked.kind];
  const known = isPatch(asked) ? [patchSchema] : [type.schema.id, ...type.extensions.map(({ id }) => id)];
  const other = (schemas as readonly Json[]).find((urn) => !known.includes(textOf(urn)));
  if (other !== undefined) throw badRequest('invalidSyntax', `"schemas" must not name ${JSON.stringify(other)}.`);
  return undefined;
};

const refuseOpaquely: NonNullable<Habit['judge']> = (asked, app) => {
  if (asked.kind !== 'User' || !namesUnknown(asked, app)) return undefined;
  return errorAnswer(new ScimError(400, 'Bad request. Errors reported by remote server'));
};

function namesUnknown(asked: Asked, app: Application): boolean {
  const known = [
    ...app.types.User.attributes.map(({ name }) => name),
    ...app.types.User.extensions.map(({ id }) => id),
  ].map((name) => name.toLowerCase());
  const isUnknown = (name: string): boolean => name.toLowerCase() === 'timezone' || !known.includes(name.toLowerCase());
  const named = (value: Json | undefined): boolean => isComplex(value) && Object.keys(value).some(isUnknown);
  if (isWhole(asked)) return named(asked.message);
  if (!isPatch(asked)) return false;
  return operationsOf(asked.message).some(({ path, value }) =>
    path === undefined ? named(value) : !/^urn:/i.test(path) && isUnknown(path.split(/[.[]/, 1)[0] ?? ''),
  );
}

const refuseSecondPrimary: NonNullable<Habit['judge']> = (asked, app) => {
  if (asked.kind !== 'User' || asked.id === undefined || !isPatch(asked)) return undefined;
  const emails = app.contents.get('User', asked.id)?.['emails'];
  const primaries = membersIn(emails).filter(({ primary }) => primary === true);
  const adds = operationsOf(asked.message).filter(
    ({ op, path, value }) =>
      op.toLowerCase() === 'add' &&
      path?.toLowerCase() === 'emails' &&
      membersIn(value).some(({ primary }) => primary === true),
  );
  if (primaries.length > 0 && adds.length > 0)
    throw badRequest('invalidValue', 'More than one e-mail address is primary.');
  return undefined;
};

/** A PATCH that adds somebody who is a member already is refused as a whole. */
export function refuseKnownMembers(status: number): NonNullable<Habit['judge']> {
  return (asked, app) => {
    if (asked.kind !== 'Group' || asked.id === undefined || !isPatch(asked)) return undefined;
    const members = new Set(
      membersIn(app.contents.get('Group', asked.id)?.['members']).map(({ value }) => textOf(value)),
    );
    const known = memberChanges(operationsOf(asked.message)).add.find((id) => members.has(id));
    if (known !== undefined) throw new ScimError(status, `${known} is a member already.`);
    return undefined;
  };
}
