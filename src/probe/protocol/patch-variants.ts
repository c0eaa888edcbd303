import { enterpriseUserSchema, managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { patchOpSchema } from '../../scim/encode/patch.ts';
import { department, homeMail } from '../users/user-attributes.ts';

/** One way to write a change, and what a read must show if it was understood. */
export interface PatchVariant {
  readonly name: PatchVariantName;
  readonly sentence: string;
  readonly operations: readonly object[];
  /** Path → value that a read shows afterwards; null: nothing. */
  readonly expected: Readonly<Record<string, Json>>;
  /** What stands beside it, and must stand there afterwards. */
  readonly siblings: readonly string[];
}

export type PatchVariantName =
  | 'lower'
  | 'title'
  | 'titleNested'
  | 'nested'
  | 'dotted'
  | 'subPath'
  | 'valuePath'
  | 'wholeList'
  | 'extensionPath'
  | 'nestedExtension'
  | 'dottedExtension'
  | 'dottedValuePath'
  | 'pathlessList'
  | 'add'
  | 'remove'
  | 'null'
  | 'textBoolean';

/** How `op` is written. @param path a path without a dot and of text that it keeps: the least that a PATCH can change */
export const opVariants = (path: string): readonly PatchVariant[] => [
  variant('lower', `op "replace" with the path ${path}`, [{ op: 'replace', path, value: 'lower op' }], {
    [path]: 'lower op',
  }),
  variant('title', `op "Replace" with the path ${path}`, [{ op: 'Replace', path, value: 'title op' }], {
    [path]: 'title op',
  }),
];

/** What is left to tell how `op` is written where no path is understood. @param path as above */
export const titleWithoutPath = (path: string): PatchVariant =>
  variant('titleNested', 'op "Replace" without a path', [{ op: 'Replace', value: { [path]: 'title without path' } }], {
    [path]: 'title without path',
  });

/**
 * The forms that can be tried on this person: each sets a value that no other one sets, so that what was understood is seen afterwards.
 *
 * @param stored what the application shows of the person: what it does not show cannot be tried
 * @param simplePath as above
 * @param op how it is written
 */
export function patchVariants(
  stored: FlatResource,
  simplePath: string,
  op: (name: 'add' | 'remove' | 'replace') => string,
): readonly PatchVariant[] {
  const has = (path: string): boolean => stored[path] !== undefined;
  const workMail = 'emails[type eq "work"].value';
  const primary = stored['emails[type eq "work"].primary'] === undefined ? {} : { primary: true };
  const address = (text: string): string => `scimsync-canary-${text}@example.invalid`;
  const hasFamilyName = has('name.familyName');
  const replace = op('replace');
  const nameSiblings = ['name.givenName'].filter(has);
  const departmentSiblings = [`${enterpriseUserSchema}:employeeNumber`, managerPath].filter(has);
  const isRemovable = simplePath !== 'displayName' && !simplePath.includes('.');
  return [
    variant(
      'nested',
      'no path, the value an object',
      [
        {
          op: replace,
          value: { [simplePath]: 'nested', ...(hasFamilyName ? { name: { familyName: 'Nested' } } : {}) },
        },
      ],
      { [simplePath]: 'nested', ...(hasFamilyName ? { 'name.familyName': 'Nested' } : {}) },
      nameSiblings,
    ),
    ...variantIf(
      hasFamilyName,
      variant(
        'dotted',
        'no path, dotted keys',
        [{ op: replace, value: { 'name.familyName': 'Dotted' } }],
        { 'name.familyName': 'Dotted' },
        nameSiblings,
      ),
    ),
    ...variantIf(
      hasFamilyName,
      variant(
        'subPath',
        'a path with a dot, name.familyName',
        [{ op: replace, path: 'name.familyName', value: 'Subpath' }],
        { 'name.familyName': 'Subpath' },
        nameSiblings,
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'valuePath',
        'a path into an element, emails[type eq "work"].value',
        [{ op: replace, path: workMail, value: address('valuepath') }],
        { [workMail]: address('valuepath') },
        [homeMail].filter(has),
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'wholeList',
        'a whole list, emails',
        [{ op: replace, path: 'emails', value: [{ type: 'work', value: address('list'), ...primary }] }],
        { [workMail]: address('list') },
      ),
    ),
    ...variantIf(
      has(department),
      variant(
        'extensionPath',
        'a path with the URN of the extension',
        [{ op: replace, path: department, value: 'Urn path' }],
        { [department]: 'Urn path' },
        departmentSiblings,
      ),
    ),
    ...variantIf(
      has(department),
      variant(
        'nestedExtension',
        'no path, the extension an object',
        [{ op: replace, value: { [enterpriseUserSchema]: { department: 'Nested extension' } } }],
        { [department]: 'Nested extension' },
        departmentSiblings,
      ),
    ),
    ...variantIf(
      has(department),
      variant(
        'dottedExtension',
        'no path, the URN in the key',
        [{ op: replace, value: { [department]: 'Dotted extension' } }],
        { [department]: 'Dotted extension' },
        departmentSiblings,
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'dottedValuePath',
        'no path, a path into an element as the key',
        [{ op: replace, value: { [workMail]: address('dotted') } }],
        { [workMail]: address('dotted') },
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'pathlessList',
        'no path, a whole list',
        [{ op: replace, value: { emails: [{ type: 'work', value: address('pathless'), ...primary }] } }],
        { [workMail]: address('pathless') },
      ),
    ),
    variant('add', 'op "add" of a value that is there', [{ op: op('add'), path: simplePath, value: 'added' }], {
      [simplePath]: 'added',
    }),
    ...variantIf(
      isRemovable,
      variant('null', 'null for "nothing"', [{ op: replace, path: simplePath, value: null }], { [simplePath]: null }),
    ),
    ...variantIf(
      isRemovable,
      variant('remove', 'op "remove"', [{ op: op('remove'), path: simplePath }], { [simplePath]: null }),
    ),
    ...variantIf(
      has('active'),
      variant('textBoolean', 'active as the text "True"', [{ op: replace, path: 'active', value: 'True' }], {
        active: true,
      }),
    ),
  ];
}

/** A PATCH (RFC 7644 section 3.5.2). */
export const patchBody = (operations: readonly object[]): object => ({
  schemas: [patchOpSchema],
  Operations: operations,
});

function variant(
  name: PatchVariantName,
  sentence: string,
  operations: readonly object[],
  expected: PatchVariant['expected'],
  siblings: readonly string[] = [],
): PatchVariant {
  return { name, sentence, operations, expected, siblings };
}

const variantIf = (isPossible: boolean, candidate: PatchVariant): readonly PatchVariant[] =>
  isPossible ? [candidate] : [];
