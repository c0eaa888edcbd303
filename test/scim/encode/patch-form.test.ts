import { expect, test } from '@jest/globals';
import { enterpriseUserSchema } from '../../../src/model/path.ts';
import { toPatchForm } from '../../../src/scim/encode/patch-form.ts';
import type { PatchOperation } from '../../../src/scim/encode/patch.ts';

const work = 'emails[type eq "work"].value';
const department = `${enterpriseUserSchema}:department`;
const replace = (path: string, value: string): PatchOperation => ({ op: 'replace', path, value });
const all: readonly PatchOperation[] = [
  replace('title', 'Nurse'),
  replace('name.givenName', 'Ada'),
  replace(department, 'Care'),
  { op: 'remove', path: 'nickName' },
];
const emails: PatchOperation = { op: 'add', path: 'emails', value: [{ type: 'work', value: 'a' }] };

test.each<[string, Parameters<typeof toPatchForm>[1], readonly PatchOperation[], unknown]>([
  ['with paths', { patchOps: 'lower', patchPaths: 'always' }, all, all],
  [
    'with upper-case verbs',
    { patchOps: 'title', patchPaths: 'always' },
    [replace('title', 'Nurse'), { op: 'remove', path: 'nickName' }],
    [
      { op: 'Replace', path: 'title', value: 'Nurse' },
      { op: 'Remove', path: 'nickName' },
    ],
  ],
  [
    'nested',
    { patchOps: 'lower', patchPaths: 'nested' },
    all,
    [
      { op: 'remove', path: 'nickName' },
      {
        op: 'replace',
        value: { title: 'Nurse', name: { givenName: 'Ada' }, [enterpriseUserSchema]: { department: 'Care' } },
      },
    ],
  ],
  [
    'dotted',
    { patchOps: 'lower', patchPaths: 'dotted' },
    [...all, replace(work, 'a')],
    [
      { op: 'remove', path: 'nickName' },
      { op: 'replace', value: { title: 'Nurse', 'name.givenName': 'Ada', [department]: 'Care', [work]: 'a' } },
    ],
  ],
  [
    'a new element is added, so that it does not replace the others',
    { patchOps: 'title', patchPaths: 'dotted' },
    [emails],
    [{ op: 'Add', value: { emails: [{ type: 'work', value: 'a' }] } }],
  ],
])('%s', (_, form, operations, expected) => {
  expect(toPatchForm(operations, form)).toEqual(expected);
});
