import type { Json } from '../../model/resource.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { errorResponse, jsonResponse } from '../http/response.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import {
  isMembersOperation,
  isPatch,
  isFullWrite,
  membersIn,
  operationsOf,
  withOperations,
} from '../behaviours/patch-operations.ts';
import { patchSchema } from '../patch/edits.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, textOf, type Complex } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { isBooleanAttribute, mapBodyValues } from '../profile-behaviours/encodings.ts';
import { rejectExistingMembers } from './groups.ts';
import { asGet, emptyResponse, isUpdate, isWrite, mapObjects, isSuccess } from './messages.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** POST, PUT and PATCH, and their responses. */
export const writes: readonly Misbehaviour[] = [
  {
    number: 25,
    title: 'PATCH returns 501, although discovery announces it',
    refuses: ['PATCH'],
    create: () => ({ intercept: rejectWhere(isPatch, () => new ScimError(501, 'Not implemented.')) }),
  },
  {
    number: 26,
    title: 'an op in title case (Add, Replace) is ignored with 200',
    create: () => ({ transformRequest: ignoreCapitals }),
  },
  {
    number: 27,
    title: 'PATCH and PUT return 200 without effect',
    create: () => ({ transformRequest: (request) => (isUpdate(request) ? asGet(request) : request) }),
  },
  {
    number: 28,
    title: 'PATCH returns 204, and PUT returns {}',
    create: () => ({
      transformResponse: (response, request) =>
        isUpdate(request) && isSuccess(response)
          ? request.http.method === 'PUT'
            ? jsonResponse(200, {})
            : emptyResponse(204)
          : response,
    }),
  },
  {
    number: 29,
    title: 'a PATCH operation without a path is refused',
    create: () => ({
      intercept: rejectWhere(
        (request) => isPatch(request) && operationsOf(request.body).some(({ path }) => path === undefined),
        () => badRequest('noTarget', 'Each operation needs a path.'),
      ),
    }),
  },
  {
    number: 30,
    title: 'a value path in a PATCH of a user is refused',
    create: () => ({
      intercept: rejectWhere(
        (request) =>
          isPatch(request) &&
          request.resourceType === 'User' &&
          operationsOf(request.body).some(({ path }) => path?.includes('[') === true),
        () => badRequest('invalidPath', 'Paths with a filter are not supported.'),
      ),
    }),
  },
  {
    number: 31,
    title: 'a member without type is ignored without an error',
    create: () => ({ transformRequest: dropUntypedMembers }),
  },
  {
    number: 32,
    title: 'members must be an object: {"members": […]}',
    create: () => ({ transformRequest: membersAsObject }),
  },
  {
    number: 33,
    title: 'a PUT without active deactivates an active user, and reactivates an inactive one',
    create: () => ({ transformRequest: toggleWithoutActive }),
  },
  {
    number: 34,
    title: 'a PUT with an element that has a type and no value is refused',
    create: () => ({
      intercept: rejectWhere(
        (request) => isFullWrite(request) && request.http.method === 'PUT' && hasEmptyElement(request.body),
        () => badRequest('invalidValue', 'An element with a type needs a value.'),
      ),
    }),
  },
  {
    number: 35,
    title: 'null values are refused',
    create: () => ({
      intercept: rejectWhere(
        (request) => isWrite(request) && hasNull(request.body),
        () => badRequest('invalidSyntax', 'A value is expected string, received null.'),
      ),
    }),
  },
  {
    number: 36,
    title: 'booleans are strings: "true" is required and returned, true is refused',
    create: booleansAsStrings,
  },
  {
    number: 37,
    title: '"schemas" must contain known URNs only',
    create: () => ({ intercept: rejectOtherSchemas }),
  },
  {
    number: 42,
    title: 'timezone and unknown attributes are refused without a reason',
    create: () => ({ intercept: rejectWithoutReason }),
  },
  {
    number: 43,
    title: 'a second primary e-mail address is refused, even if it would replace the first',
    create: () => ({ intercept: rejectSecondPrimary }),
  },
  {
    number: 45,
    title: 'unknown and existing members return 500',
    create: () => ({
      intercept: rejectExistingMembers(500),
      transformResponse: (response, request) =>
        request.resourceType === 'Group' && isWrite(request) && response.status === 400
          ? errorResponse(new ScimError(500, 'Internal server error.'))
          : response,
    }),
  },
];

function rejectWhere(
  matches: (request: ScimRequest) => boolean,
  error: () => ScimError,
): NonNullable<Behaviour['intercept']> {
  return (request) => {
    if (matches(request)) throw error();
    return undefined;
  };
}

function ignoreCapitals(request: ScimRequest): ScimRequest {
  if (!isPatch(request)) return request;
  const operations = operationsOf(request.body);
  const accepted = operations.filter(({ op }) => !/^(Add|Remove|Replace)$/.test(op));
  return accepted.length === operations.length
    ? request
    : accepted.length === 0
      ? asGet(request)
      : withOperations(request, accepted);
}

function dropUntypedMembers(request: ScimRequest): ScimRequest {
  if (request.resourceType !== 'Group') return request;
  const typed = (value: Json | undefined): Json => membersIn(value).filter((each) => each['type'] !== undefined);
  if (isFullWrite(request) && isComplex(request.body) && getIgnoringCase(request.body, 'members') !== undefined) {
    return { ...request, body: { ...request.body, members: typed(request.body['members']) } };
  }
  if (!isPatch(request)) return request;
  return withOperations(
    request,
    operationsOf(request.body).map((operation) =>
      isMembersOperation(operation) && operation.op.toLowerCase() !== 'remove'
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

function membersAsObject(request: ScimRequest): ScimRequest {
  if (request.resourceType !== 'Group' || !isPatch(request)) return request;
  return withOperations(
    request,
    operationsOf(request.body).map((operation) => {
      if (!isMembersOperation(operation) || operation.op.toLowerCase() === 'remove') return operation;
      if (Array.isArray(operation.value))
        throw badRequest('invalidSyntax', 'Members must be an object: {"members": […]}.');
      return { ...operation, path: 'members', value: membersIn(operation.value).map((each): Json => each) };
    }),
  );
}

const toggleWithoutActive: NonNullable<Behaviour['transformRequest']> = (request, app) => {
  const { resourceType, id, body, http } = request;
  if (
    resourceType !== 'User' ||
    id === undefined ||
    http.method !== 'PUT' ||
    !isComplex(body) ||
    getIgnoringCase(body, 'active') !== undefined
  )
    return request;
  return { ...request, body: { ...body, active: app.store.get('User', id)?.['active'] === false } };
};

/** Sub-attributes that describe an element and hold no value. */
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

function booleansAsStrings(): Behaviour {
  const read = (value: Json, name: string): Json => {
    if (!isBooleanAttribute(name) || typeof value === 'object') return value;
    if (value !== 'true' && value !== 'false') throw badRequest('invalidValue', `${name} must be "true" or "false".`);
    return value === 'true';
  };
  const toText = (object: Complex): Complex =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [
        name,
        isBooleanAttribute(name) && typeof value === 'boolean' ? String(value) : value,
      ]),
    );
  return {
    transformRequest: (request) => mapBodyValues(request, read),
    transformResource: (resource) => mapObjects(resource, toText) as Complex,
  };
}

const rejectOtherSchemas: NonNullable<Behaviour['intercept']> = (request, app) => {
  const schemas = getIgnoringCase(request.body, 'schemas');
  if (request.resourceType === undefined || !Array.isArray(schemas) || !(isFullWrite(request) || isPatch(request)))
    return undefined;
  const type = app.typeDefinitions[request.resourceType];
  const known = isPatch(request) ? [patchSchema] : [type.schema.id, ...type.extensions.map(({ id }) => id)];
  const unknown = (schemas as readonly Json[]).find((urn) => !known.includes(textOf(urn)));
  if (unknown !== undefined)
    throw badRequest('invalidSyntax', `"schemas" must not contain ${JSON.stringify(unknown)}.`);
  return undefined;
};

const rejectWithoutReason: NonNullable<Behaviour['intercept']> = (request, app) => {
  if (request.resourceType !== 'User' || !hasUnknownAttribute(request, app)) return undefined;
  return errorResponse(new ScimError(400, 'Bad request. Errors reported by remote server'));
};

function hasUnknownAttribute(request: ScimRequest, app: Application): boolean {
  const known = [
    ...app.typeDefinitions.User.attributes.map(({ name }) => name),
    ...app.typeDefinitions.User.extensions.map(({ id }) => id),
  ].map((name) => name.toLowerCase());
  const isUnknown = (name: string): boolean => name.toLowerCase() === 'timezone' || !known.includes(name.toLowerCase());
  const hasUnknownKey = (value: Json | undefined): boolean => isComplex(value) && Object.keys(value).some(isUnknown);
  if (isFullWrite(request)) return hasUnknownKey(request.body);
  if (!isPatch(request)) return false;
  return operationsOf(request.body).some(({ path, value }) =>
    path === undefined ? hasUnknownKey(value) : !/^urn:/i.test(path) && isUnknown(path.split(/[.[]/, 1)[0] ?? ''),
  );
}

const rejectSecondPrimary: NonNullable<Behaviour['intercept']> = (request, app) => {
  if (request.resourceType !== 'User' || request.id === undefined || !isPatch(request)) return undefined;
  const emails = app.store.get('User', request.id)?.['emails'];
  const primaries = membersIn(emails).filter(({ primary }) => primary === true);
  const adds = operationsOf(request.body).filter(
    ({ op, path, value }) =>
      op.toLowerCase() === 'add' &&
      path?.toLowerCase() === 'emails' &&
      membersIn(value).some(({ primary }) => primary === true),
  );
  if (primaries.length > 0 && adds.length > 0)
    throw badRequest('invalidValue', 'More than one e-mail address is primary.');
  return undefined;
};
