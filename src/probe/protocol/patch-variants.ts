import { enterpriseUserSchema, managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import type { Protocol } from '../../model/profile.ts';
import { patchOpSchema } from '../../scim/encode/patch.ts';
import { withOpCase } from '../../scim/encode/patch-form.ts';
import { department, homeMail } from '../users/user-attributes.ts';

/** One form of a PATCH, and the values that a read returns if the target supports it. */
export interface PatchVariant {
  readonly name: PatchVariantName;
  readonly description: string;
  readonly operations: readonly { readonly op: string; readonly path?: string; readonly value?: unknown }[];
  /** Path → value in a read after the PATCH; null: no value. */
  readonly expected: Readonly<Record<string, Json>>;
  /** Paths of sibling attributes, which must keep a value. */
  readonly siblings: readonly string[];
}

/** Name of a form of PATCH that the probe tests. */
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

/** `op` in lower case and in title case. @param path a string attribute without a dot that the target stores */
export const opVariants = (path: string): readonly PatchVariant[] => [
  variant('lower', `op "replace" with the path ${path}`, [{ op: 'replace', path, value: 'lower op' }], {
    [path]: 'lower op',
  }),
  variant('title', `op "Replace" with the path ${path}`, [{ op: 'Replace', path, value: 'title op' }], {
    [path]: 'title op',
  }),
];

/** `op` in title case for targets that support no path. @param path as for opVariants */
export const titleWithoutPath = (path: string): PatchVariant =>
  variant('titleNested', 'op "Replace" without a path', [{ op: 'Replace', value: { [path]: 'title without path' } }], {
    [path]: 'title without path',
  });

/**
 * The variants for this canary. Each sets a value that no other variant sets, so that a read shows which one worked.
 *
 * @param stored the attributes that the target returns; only these can be tested
 * @param simplePath as for opVariants
 * @param patchOps the case of `op`
 */
export function patchVariants(
  stored: FlatResource,
  simplePath: string,
  patchOps: Protocol['patchOps'],
): readonly PatchVariant[] {
  const has = (path: string): boolean => stored[path] !== undefined;
  const workMail = 'emails[type eq "work"].value';
  const primary = stored['emails[type eq "work"].primary'] === undefined ? {} : { primary: true };
  const address = (text: string): string => `scimsync-canary-${text}@example.invalid`;
  const hasFamilyName = has('name.familyName');
  const replace = 'replace';
  const nameSiblings = ['name.givenName'].filter(has);
  const departmentSiblings = [`${enterpriseUserSchema}:employeeNumber`, managerPath].filter(has);
  const isRemovable = simplePath !== 'displayName' && !simplePath.includes('.');
  const variants = [
    variant(
      'nested',
      'no path, an object as the value',
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
        'a path with a sub-attribute, name.familyName',
        [{ op: replace, path: 'name.familyName', value: 'Subpath' }],
        { 'name.familyName': 'Subpath' },
        nameSiblings,
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'valuePath',
        'a value path, emails[type eq "work"].value',
        [{ op: replace, path: workMail, value: address('valuepath') }],
        { [workMail]: address('valuepath') },
        [homeMail].filter(has),
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'wholeList',
        'a complete list, emails',
        [{ op: replace, path: 'emails', value: [{ type: 'work', value: address('list'), ...primary }] }],
        { [workMail]: address('list') },
      ),
    ),
    ...variantIf(
      has(department),
      variant(
        'extensionPath',
        'a path with the URN of the enterprise extension',
        [{ op: replace, path: department, value: 'Urn path' }],
        { [department]: 'Urn path' },
        departmentSiblings,
      ),
    ),
    ...variantIf(
      has(department),
      variant(
        'nestedExtension',
        'no path, the enterprise extension as an object',
        [{ op: replace, value: { [enterpriseUserSchema]: { department: 'Nested extension' } } }],
        { [department]: 'Nested extension' },
        departmentSiblings,
      ),
    ),
    ...variantIf(
      has(department),
      variant(
        'dottedExtension',
        'no path, the URN of the enterprise extension in the key',
        [{ op: replace, value: { [department]: 'Dotted extension' } }],
        { [department]: 'Dotted extension' },
        departmentSiblings,
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'dottedValuePath',
        'no path, a value path as the key',
        [{ op: replace, value: { [workMail]: address('dotted') } }],
        { [workMail]: address('dotted') },
      ),
    ),
    ...variantIf(
      has(workMail),
      variant(
        'pathlessList',
        'no path, a complete list',
        [{ op: replace, value: { emails: [{ type: 'work', value: address('pathless'), ...primary }] } }],
        { [workMail]: address('pathless') },
      ),
    ),
    variant('add', 'op "add" for an attribute that has a value', [{ op: 'add', path: simplePath, value: 'added' }], {
      [simplePath]: 'added',
    }),
    ...variantIf(
      isRemovable,
      variant('null', 'null to remove a value', [{ op: replace, path: simplePath, value: null }], {
        [simplePath]: null,
      }),
    ),
    ...variantIf(
      isRemovable,
      variant('remove', 'op "remove"', [{ op: 'remove', path: simplePath }], { [simplePath]: null }),
    ),
    ...variantIf(
      has('active'),
      variant('textBoolean', 'active as the string "True"', [{ op: replace, path: 'active', value: 'True' }], {
        active: true,
      }),
    ),
  ];
  return variants.map((each) => ({ ...each, operations: withOpCase(each.operations, patchOps) }));
}

/** The body of a PATCH (RFC 7644 section 3.5.2). */
export const patchBody = (operations: readonly object[]): object => ({
  schemas: [patchOpSchema],
  Operations: operations,
});

function variant(
  name: PatchVariantName,
  description: string,
  operations: PatchVariant['operations'],
  expected: PatchVariant['expected'],
  siblings: readonly string[] = [],
): PatchVariant {
  return { name, description, operations, expected, siblings };
}

const variantIf = (isPossible: boolean, candidate: PatchVariant): readonly PatchVariant[] =>
  isPossible ? [candidate] : [];
