import { enterpriseUserSchema } from '../../model/path.ts';
import type { Json } from '../../model/resource.ts';
import type { Application, Behaviour } from '../behaviours/behaviour.ts';
import {
  isFullWrite,
  isMembersOperation,
  isPatch,
  membersIn,
  operationsOf,
  withOperations,
} from '../behaviours/patch-operations.ts';
import type { ScimRequest } from '../http/request.ts';
import { isComplex, textOf, withMember, type Complex } from '../resources/resource.ts';
import { badRequest, ScimError } from '../http/scim-error.ts';
import { firstOperationOnly } from './false-answers.ts';
import type { Misbehaviour } from './misbehaviour.ts';

/** Updates of which a part has no effect, another effect, or is refused. */
export const partialUpdates: readonly Misbehaviour[] = [
  {
    number: 97,
    title: 'a PATCH that adds members replaces all members, with 204',
    create: () => ({ options: { groupPatchResponse: 'empty' }, transformRequest: replaceOnAdd }),
  },
  {
    number: 98,
    title: 'a PATCH that replaces one element of a list, such as emails[type eq "work"], removes the other elements',
    create: () => ({ transformStored: replaceOtherElements }),
  },
  {
    number: 99,
    title: 'only the first operation of a PATCH is executed, with 200',
    create: () => ({ options: { groupPatchResponse: 'resource' }, transformRequest: firstOperationOnly }),
  },
  {
    number: 100,
    title: 'members in a PATCH return 501, and members in POST and PUT are ignored with 2xx',
    create: () => ({ intercept: rejectMembersInPatch, transformStored: ignoreMembersInFullWrites }),
  },
  {
    number: 101,
    title: 'name and manager in a PATCH are ignored, and the 200 shows them unchanged',
    create: () => ({ transformStored: ignoreNameAndManager }),
  },
  {
    number: 105,
    title: 'a PATCH of a user that removes an attribute is refused as a whole',
    create: () => ({ intercept: rejectRemoval }),
  },
  {
    number: 107,
    title: 'a deleted user stays a member of its groups, and a change of such a group returns 400 and names the id',
    create: () => ({
      options: { deletionEndsMemberships: false, unknownMembers: 'refuse' },
      transformStored: rejectDeletedMember,
    }),
  },
];

const replaceOnAdd: NonNullable<Behaviour['transformRequest']> = (request) =>
  request.resourceType !== 'Group' || !isPatch(request)
    ? request
    : withOperations(
        request,
        operationsOf(request.body).map((operation) =>
          isMembersOperation(operation) && operation.op.toLowerCase() === 'add'
            ? { ...operation, op: 'replace' }
            : operation,
        ),
      );

/** The names of the attributes in value paths of replace operations: emails of `emails[type eq "work"].value`. */
const replacedLists = (request: ScimRequest): readonly string[] =>
  operationsOf(request.body).flatMap(({ op, path = '' }) => {
    const [, name] = /^([^[]+)\[/.exec(path.trim()) ?? [];
    return op.toLowerCase() === 'replace' && name !== undefined ? [name] : [];
  });

const replaceOtherElements: NonNullable<Behaviour['transformStored']> = (
  attributes,
  { resourceType, before, request },
) => {
  if (resourceType !== 'User' || before === undefined || request === undefined || !isPatch(request)) return attributes;
  return replacedLists(request).reduce((object, path) => {
    const name = Object.keys(object).find((each) => each.toLowerCase() === path.toLowerCase()) ?? path;
    const unchanged = new Set(elementsOf(before[name]));
    const replaced = elementsOf(object[name]).filter((element) => !unchanged.has(element));
    return replaced.length === 0 ? object : withMember(object, name, replaced);
  }, attributes);
};

const elementsOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

const rejectMembersInPatch: NonNullable<Behaviour['intercept']> = (request) => {
  if (request.resourceType === 'Group' && isPatch(request) && operationsOf(request.body).some(isMembersOperation))
    throw new ScimError(501, 'Changes of members are not implemented.');
  return undefined;
};

const ignoreMembersInFullWrites: NonNullable<Behaviour['transformStored']> = (
  attributes,
  { resourceType, before, request },
) =>
  resourceType === 'Group' && request !== undefined && isFullWrite(request)
    ? withMember(attributes, 'members', before?.['members'])
    : attributes;

const ignoreNameAndManager: NonNullable<Behaviour['transformStored']> = (
  attributes,
  { resourceType, before, request },
  app,
) => {
  if (resourceType !== 'User' || before === undefined || request === undefined || !isPatch(request)) return attributes;
  const urn = app.typeDefinitions.User.extensions[0]?.id ?? enterpriseUserSchema;
  const extension = complexOf(attributes[urn]);
  const manager = complexOf(before[urn])['manager'];
  const withManager = withMember(extension, 'manager', manager);
  const changed = withMember(attributes, 'name', before['name']);
  if (withManager === extension) return changed;
  return withMember(changed, urn, Object.keys(withManager).length === 0 ? undefined : withManager);
};

const complexOf = (value: Json | undefined): Complex => (isComplex(value) ? value : {});

const rejectRemoval: NonNullable<Behaviour['intercept']> = (request) => {
  if (
    request.resourceType === 'User' &&
    isPatch(request) &&
    operationsOf(request.body).some(({ op }) => op.toLowerCase() === 'remove')
  )
    throw badRequest('invalidValue', 'An attribute cannot be removed.');
  return undefined;
};

const rejectDeletedMember: NonNullable<Behaviour['transformStored']> = (
  attributes,
  { resourceType, before },
  app: Application,
) => {
  if (resourceType !== 'Group' || before === undefined) return attributes;
  const deleted = membersIn(attributes['members'])
    .map(({ value }) => textOf(value))
    .find((id) => app.store.resourceTypeOf(id) === undefined);
  if (deleted !== undefined)
    throw badRequest('invalidValue', `The member ${JSON.stringify(deleted)} is not the id of a user or group.`);
  return attributes;
};
