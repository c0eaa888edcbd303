import { enterpriseUserSchema, managerPath } from '../model/path.ts';
import type { Body, Json } from '../model/resource.ts';
import { patchOpSchema } from '../scim/patch.ts';
import { department, homeMail } from './person.ts';

/** One way to write a change, and what a read must show if it was understood. */
export interface Form {
  readonly name: FormName;
  readonly sentence: string;
  readonly operations: readonly object[];
  /** Path → value that a read shows afterwards; null: nothing. */
  readonly shows: Readonly<Record<string, Json>>;
  /** What stands beside it, and must stand there afterwards. */
  readonly beside: readonly string[];
}

export type FormName =
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

/** How `op` is written. @param plain a path without a dot and of text that it keeps: the least that a PATCH can change */
export const opForms = (plain: string): readonly Form[] => [
  form('lower', `op "replace" with the path ${plain}`, [{ op: 'replace', path: plain, value: 'lower op' }], {
    [plain]: 'lower op',
  }),
  form('title', `op "Replace" with the path ${plain}`, [{ op: 'Replace', path: plain, value: 'title op' }], {
    [plain]: 'title op',
  }),
];

/** What is left to tell how `op` is written where no path is understood. @param plain as above */
export const titleWithoutPath = (plain: string): Form =>
  form('titleNested', 'op "Replace" without a path', [{ op: 'Replace', value: { [plain]: 'title without path' } }], {
    [plain]: 'title without path',
  });

/**
 * The forms that can be tried on this person: each sets a value that no other one sets, so that what was understood is seen afterwards.
 *
 * @param kept what the application shows of the person: what it does not show cannot be tried
 * @param plain as above
 * @param op how it is written
 */
export function formsFor(
  kept: Body,
  plain: string,
  op: (name: 'add' | 'remove' | 'replace') => string,
): readonly Form[] {
  const has = (path: string): boolean => kept[path] !== undefined;
  const mail = 'emails[type eq "work"].value';
  const primary = kept['emails[type eq "work"].primary'] === undefined ? {} : { primary: true };
  const named = (text: string): string => `scimsync-canary-${text}@example.invalid`;
  const sub = has('name.familyName');
  const replace = op('replace');
  const besideName = ['name.givenName'].filter(has);
  const besideDepartment = [`${enterpriseUserSchema}:employeeNumber`, managerPath].filter(has);
  const mayGo = plain !== 'displayName' && !plain.includes('.');
  return [
    form(
      'nested',
      'no path, the value an object',
      [{ op: replace, value: { [plain]: 'nested', ...(sub ? { name: { familyName: 'Nested' } } : {}) } }],
      { [plain]: 'nested', ...(sub ? { 'name.familyName': 'Nested' } : {}) },
      besideName,
    ),
    ...only(
      sub,
      form(
        'dotted',
        'no path, dotted keys',
        [{ op: replace, value: { 'name.familyName': 'Dotted' } }],
        { 'name.familyName': 'Dotted' },
        besideName,
      ),
    ),
    ...only(
      sub,
      form(
        'subPath',
        'a path with a dot, name.familyName',
        [{ op: replace, path: 'name.familyName', value: 'Subpath' }],
        { 'name.familyName': 'Subpath' },
        besideName,
      ),
    ),
    ...only(
      has(mail),
      form(
        'valuePath',
        'a path into an element, emails[type eq "work"].value',
        [{ op: replace, path: mail, value: named('valuepath') }],
        { [mail]: named('valuepath') },
        [homeMail].filter(has),
      ),
    ),
    ...only(
      has(mail),
      form(
        'wholeList',
        'a whole list, emails',
        [{ op: replace, path: 'emails', value: [{ type: 'work', value: named('list'), ...primary }] }],
        { [mail]: named('list') },
      ),
    ),
    ...only(
      has(department),
      form(
        'extensionPath',
        'a path with the URN of the extension',
        [{ op: replace, path: department, value: 'Urn path' }],
        { [department]: 'Urn path' },
        besideDepartment,
      ),
    ),
    ...only(
      has(department),
      form(
        'nestedExtension',
        'no path, the extension an object',
        [{ op: replace, value: { [enterpriseUserSchema]: { department: 'Nested extension' } } }],
        { [department]: 'Nested extension' },
        besideDepartment,
      ),
    ),
    ...only(
      has(department),
      form(
        'dottedExtension',
        'no path, the URN in the key',
        [{ op: replace, value: { [department]: 'Dotted extension' } }],
        { [department]: 'Dotted extension' },
        besideDepartment,
      ),
    ),
    ...only(
      has(mail),
      form(
        'dottedValuePath',
        'no path, a path into an element as the key',
        [{ op: replace, value: { [mail]: named('dotted') } }],
        { [mail]: named('dotted') },
      ),
    ),
    ...only(
      has(mail),
      form(
        'pathlessList',
        'no path, a whole list',
        [{ op: replace, value: { emails: [{ type: 'work', value: named('pathless'), ...primary }] } }],
        { [mail]: named('pathless') },
      ),
    ),
    form('add', 'op "add" of a value that is there', [{ op: op('add'), path: plain, value: 'added' }], {
      [plain]: 'added',
    }),
    ...only(mayGo, form('null', 'null for "nothing"', [{ op: replace, path: plain, value: null }], { [plain]: null })),
    ...only(mayGo, form('remove', 'op "remove"', [{ op: op('remove'), path: plain }], { [plain]: null })),
    ...only(
      has('active'),
      form('textBoolean', 'active as the text "True"', [{ op: replace, path: 'active', value: 'True' }], {
        active: true,
      }),
    ),
  ];
}

/** A PATCH (RFC 7644 section 3.5.2). */
export const patchOf = (operations: readonly object[]): object => ({
  schemas: [patchOpSchema],
  Operations: operations,
});

function form(
  name: FormName,
  sentence: string,
  operations: readonly object[],
  shows: Form['shows'],
  beside: readonly string[] = [],
): Form {
  return { name, sentence, operations, shows, beside };
}

const only = (isPossible: boolean, one: Form): readonly Form[] => (isPossible ? [one] : []);
