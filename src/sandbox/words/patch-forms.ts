import type { Speaks } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import type { Habit } from '../application.ts';
import { isOfMembers, isPatch, membersIn, operationsOf, withOperations, type SentOperation } from '../operations.ts';
import { isComplex, textOf } from '../resource.ts';
import { badRequest } from '../scim-error.ts';

/**
 * The one form of PATCH that a profile speaks, as the operations of RFC 7644 section 3.5.2: `patchOps`, `patchPaths`, `valuePaths`,
 * `addMembers`, `removeMembers`. Any other form is refused, even where the application might be milder: who does not
 * keep to the profile is to be found out here.
 */
export function patchForms(speaks: Speaks): Habit {
  const translated = (operation: SentOperation, ofGroup: boolean): readonly SentOperation[] => {
    judgeOp(operation.op, speaks.patchOps);
    if (!ofGroup || !isOfMembers(operation)) return attributeForm(operation, speaks);
    return operation.op.toLowerCase() === 'remove'
      ? removalForm(operation, speaks.removeMembers)
      : [additionForm(operation, speaks.addMembers)];
  };
  return {
    hear(asked) {
      if (!isPatch(asked)) return asked;
      return withOperations(
        asked,
        operationsOf(asked.message).flatMap((operation) => translated(operation, asked.kind === 'Group')),
      );
    },
  };
}

const ops: Readonly<Record<Speaks['patchOps'], readonly string[]>> = {
  lower: ['add', 'remove', 'replace'],
  title: ['Add', 'Remove', 'Replace'],
};

function judgeOp(op: string, patchOps: Speaks['patchOps']): void {
  if (!ops[patchOps].includes(op))
    throw badRequest('invalidSyntax', `"op" must be one of ${ops[patchOps].join(', ')}, not ${JSON.stringify(op)}.`);
}

function attributeForm(operation: SentOperation, { patchPaths, valuePaths }: Speaks): readonly SentOperation[] {
  const { op, path, value } = operation;
  if (patchPaths === 'always') {
    if (path === undefined) throw badRequest('noTarget', 'Each operation needs a path.');
    return [judged(operation, valuePaths)];
  }
  if (path !== undefined) throw badRequest('invalidPath', 'This application takes no paths: say it in the value.');
  if (!isComplex(value))
    throw badRequest('invalidValue', 'The value of an operation without a path must be an object.');
  if (patchPaths === 'nested') return [operation];
  return Object.entries(value).map(([key, inner]) =>
    judged(inner === null ? { op: 'remove', path: key } : { op, path: key, value: inner }, valuePaths),
  );
}

function judged(operation: SentOperation, valuePaths: boolean): SentOperation {
  if (!valuePaths && operation.path?.includes('[') === true) {
    throw badRequest(
      'invalidPath',
      `The path ${JSON.stringify(operation.path)} is not supported: replace the whole attribute.`,
    );
  }
  return operation;
}

function additionForm({ op, path, value }: SentOperation, form: Speaks['addMembers']): SentOperation {
  const isNamed = path?.trim().toLowerCase() === 'members';
  const inObject = isComplex(value) && Array.isArray(value['members']);
  const fits =
    form === 'list'
      ? isNamed && Array.isArray(value)
      : form === 'object'
        ? isNamed && inObject
        : path === undefined && inObject;
  if (!fits) throw badRequest('invalidValue', `Members are added by ${additions[form]}.`);
  return { op, path: 'members', value: membersIn(value).map((member): Json => member) };
}

const additions: Readonly<Record<Speaks['addMembers'], string>> = {
  list: 'the path "members" and the value [{"value": …}]',
  object: 'the path "members" and the value {"members": [{"value": …}]}',
  noPath: 'the value {"members": [{"value": …}]} and no path',
};

function removalForm(operation: SentOperation, form: Speaks['removeMembers']): readonly SentOperation[] {
  const { op, path, value } = operation;
  if (form === 'filter') {
    // Without a filter all of them are meant, which RFC 7644 section 3.5.2.2 allows.
    const isOne = /^members(\[\s*value\s+eq\s+"(?:[^"\\]|\\.)*"\s*\])?$/i.test(path?.trim() ?? '');
    if (!isOne || value !== undefined)
      throw badRequest(
        'invalidPath',
        'A member is removed by the path members[value eq "…"] and no value, one operation each.',
      );
    return [operation];
  }
  if (path?.trim().toLowerCase() !== 'members' || !Array.isArray(value))
    throw badRequest('invalidPath', 'Members are removed by the path "members" and the value [{"value": …}].');
  return membersIn(value).map((member) => ({
    op,
    path: `members[value eq ${JSON.stringify(textOf(member['value']))}]`,
  }));
}
