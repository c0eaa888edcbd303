import type { Protocol } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import {
  isMembersOperation,
  isPatch,
  membersIn,
  operationsOf,
  withOperations,
  type PatchOperation,
} from '../behaviours/patch-operations.ts';
import { isComplex, textOf } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';

/**
 * Translates the form of PATCH that the profile describes into operations of RFC 7644 section 3.5.2: `patchOps`,
 * `patchPaths`, `valuePaths`, `addMembers`, `removeMembers`. Every other form is refused, even if the real application
 * accepts it, to reveal clients that violate the profile.
 */
export function patchStyle(protocol: Protocol): Behaviour {
  const translate = (operation: PatchOperation, isGroup: boolean): readonly PatchOperation[] => {
    requireOp(operation.op, protocol.patchOps);
    if (!isGroup || !isMembersOperation(operation)) return translateAttribute(operation, protocol);
    return operation.op.toLowerCase() === 'remove'
      ? translateRemoveMembers(operation, protocol.removeMembers)
      : [translateAddMembers(operation, protocol.addMembers)];
  };
  return {
    transformRequest(request) {
      if (!isPatch(request)) return request;
      return withOperations(
        request,
        operationsOf(request.body).flatMap((operation) => translate(operation, request.resourceType === 'Group')),
      );
    },
  };
}

const ops: Readonly<Record<Protocol['patchOps'], readonly string[]>> = {
  lower: ['add', 'remove', 'replace'],
  title: ['Add', 'Remove', 'Replace'],
};

function requireOp(op: string, patchOps: Protocol['patchOps']): void {
  if (!ops[patchOps].includes(op))
    throw badRequest('invalidSyntax', `"op" must be one of ${ops[patchOps].join(', ')}, not ${JSON.stringify(op)}.`);
}

function translateAttribute(
  operation: PatchOperation,
  { patchPaths, valuePaths }: Protocol,
): readonly PatchOperation[] {
  const { op, path, value } = operation;
  if (patchPaths === 'always') {
    if (path === undefined) throw badRequest('noTarget', 'Each operation needs a path.');
    return [requireSupportedPath(operation, valuePaths)];
  }
  if (path !== undefined)
    throw badRequest('invalidPath', 'Operations must not have a path: put the attributes into the value.');
  if (!isComplex(value))
    throw badRequest('invalidValue', 'The value of an operation without a path must be an object.');
  if (patchPaths === 'nested') return [operation];
  return Object.entries(value).map(([key, inner]) =>
    requireSupportedPath(inner === null ? { op: 'remove', path: key } : { op, path: key, value: inner }, valuePaths),
  );
}

function requireSupportedPath(operation: PatchOperation, valuePaths: boolean): PatchOperation {
  if (!valuePaths && operation.path?.includes('[') === true) {
    throw badRequest(
      'invalidPath',
      `The path ${JSON.stringify(operation.path)} is not supported: replace the complete attribute.`,
    );
  }
  return operation;
}

function translateAddMembers({ op, path, value }: PatchOperation, style: Protocol['addMembers']): PatchOperation {
  const hasMembersPath = path?.trim().toLowerCase() === 'members';
  const isMembersObject = isComplex(value) && Array.isArray(value['members']);
  const isInStyle =
    style === 'list' || style === 'replace'
      ? hasMembersPath && Array.isArray(value)
      : style === 'object'
        ? hasMembersPath && isMembersObject
        : path === undefined && isMembersObject;
  if (!isInStyle) throw badRequest('invalidValue', `Add members with ${addMembersHints[style]}.`);
  return {
    op: style === 'replace' ? 'replace' : op,
    path: 'members',
    value: membersIn(value).map((member): Json => member),
  };
}

const addMembersHints: Readonly<Record<Protocol['addMembers'], string>> = {
  list: 'the path "members" and the value [{"value": …}]',
  object: 'the path "members" and the value {"members": [{"value": …}]}',
  noPath: 'the value {"members": [{"value": …}]} and no path',
  replace: 'the path "members" and the value [{"value": …}]',
};

function translateRemoveMembers(
  operation: PatchOperation,
  style: Protocol['removeMembers'],
): readonly PatchOperation[] {
  const { op, path, value } = operation;
  if (style === 'filter') {
    // Without a filter it removes all members (RFC 7644 section 3.5.2.2).
    const isSupported = /^members(\[\s*value\s+eq\s+"(?:[^"\\]|\\.)*"\s*\])?$/i.test(path?.trim() ?? '');
    if (!isSupported || value !== undefined)
      throw badRequest(
        'invalidPath',
        'Remove each member with one operation: the path members[value eq "…"] and no value.',
      );
    return [operation];
  }
  if (path?.trim().toLowerCase() !== 'members' || !Array.isArray(value))
    throw badRequest('invalidPath', 'Remove members with the path "members" and the value [{"value": …}].');
  return membersIn(value).map((member) => ({
    op,
    path: `members[value eq ${JSON.stringify(textOf(member['value']))}]`,
  }));
}
