import * as z from 'zod';
import { text } from './fields.ts';

/** The name of an attribute, or its OID (RFC 4512 section 1.4). */
export const attributeName = () =>
  z.string().regex(/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/, {
    error: 'must be the name of an attribute, such as employeeNumber',
  });

/** RFC 4515; rules/ checks its syntax and reports the position of an error. */
export const filter = () => text();

const attributes = () => z.array(attributeName());

const id = z.strictObject({
  attribute: attributeName().describe('The immutable id of an entry, by which the server reports changes.'),
  form: z.enum(['text', 'guid']).describe('Encoding of the id. "guid": 16 bytes in the byte order of Windows.'),
});

const users = z.strictObject({
  filter: filter().describe('Filter for users; users.filter of the source is added to it.'),
});

const groups = z.strictObject({
  filter: filter().describe('Filter for groups; groups.filter of the source is added to it.'),
  memberDn: attributes().describe('Attributes that reference members by DN.'),
  memberLogin: attributes().describe('Attributes that reference members by login name.'),
  login: attributeName().describe('The attribute of users with the login name.'),
  memberUrl: attributes().describe('Attributes with an LDAP URL whose search results are members.'),
  primaryGroup: z
    .boolean()
    .describe('Whether users reference their primary group by the last part of its SID, in primaryGroupID.'),
});

const required = () =>
  z
    .boolean()
    .describe('Whether a user without a readable value is rejected, because the server gives every user one.')
    .exactOptional();

const inactiveRule = z.union(
  [
    z.strictObject({
      attribute: attributeName().describe('The attribute to check.'),
      is: text().describe('Inactive if one of its values is this text, in any case.'),
      required: required(),
    }),
    z.strictObject({
      attribute: attributeName().describe('The attribute to check.'),
      bit: z.int().min(1).max(0x8000_0000).describe('Inactive if this bit of the number is set: 2.'),
      required: required(),
    }),
    z.strictObject({
      attribute: attributeName().describe('The attribute to check.'),
      past: z
        .enum(['fileTime', 'generalizedTime', 'days'])
        .describe(
          'Inactive if this time is in the past. "fileTime": 100 ns since 1601; "generalizedTime": 20261123093000Z; ' +
            '"days": since 1970.',
        ),
      required: required(),
    }),
  ],
  { error: 'must be an object such as {"attribute": "loginDisabled", "is": "TRUE"}' },
);

const mappingEntries = <Entry extends z.ZodType>(entry: Entry) =>
  z.strictObject({
    user: z.record(z.string(), entry).describe('SCIM path to expression, for users.'),
    group: z.record(z.string(), entry).describe('SCIM path to expression, for groups.'),
  });

const key = attributeName().describe('The attribute with the key of users and groups, if it is not that of id.');
const inactive = z
  .array(inactiveRule)
  .describe('An entry that matches one of these conditions is inactive; a missing attribute never matches.');
const references = attributes().describe(
  'Attributes with the DN of another entry, such as manager; an expression receives its key.',
);
const unicodeForms = z
  .enum(['equal', 'distinct'])
  .describe(
    'Whether the server compares names after Unicode composition (NFKC, RFC 4518): "equal"; or keeps composed, ' +
      'decomposed and compatibility forms apart: "distinct".',
  );
const binary = attributes().describe('Attributes with binary values: base64 in expressions.');
const changes = z
  .array(z.enum(['sync', 'syncLog', 'dirSync', 'usn']))
  .describe(
    'Methods for incremental reads, best first: "sync" is RFC 4533, "syncLog" the same based on the retro ' +
      'changelog of 389 Directory Server, "dirSync" the DirSync control, "usn" uSNChanged with tombstones.',
  );

/** A directory profile in which every setting has a value. */
export const completeDirectoryProfileSchema = z.strictObject({
  id,
  key: key.exactOptional(),
  users,
  groups,
  inactive,
  references,
  unicodeForms,
  binary,
  mapping: mappingEntries(text()),
  changes,
});

/**
 * A directory profile as written, in a file or in place. It inherits missing settings from the profile that it extends;
 * a list replaces the inherited list.
 */
export const directoryProfileSchema = z
  .strictObject({
    $schema: text().describe('URL of this schema, for editors.').exactOptional(),
    name: text().describe('Name in messages. Default: the name of the profile that it extends.').exactOptional(),
    extends: text()
      .describe('Built-in directory profile from which missing settings are inherited. Default: generic.')
      .exactOptional(),
    description: text().describe('Name and variant of the directory.').exactOptional(),
    sources: z
      .array(text())
      .describe('Source of each setting: RFCs, pages of the vendor, measurements.')
      .exactOptional(),
    id: id.partial().describe('The immutable id of entries.').exactOptional(),
    key: key.exactOptional(),
    users: users.partial().describe('How users are found.').exactOptional(),
    groups: groups.partial().describe('How groups and their members are found.').exactOptional(),
    inactive: inactive.exactOptional(),
    references: references.exactOptional(),
    unicodeForms: unicodeForms.exactOptional(),
    binary: binary.exactOptional(),
    mapping: mappingEntries(
      z.union([text(), z.null()], { error: 'must be an expression, or null to remove an inherited entry' }),
    )
      .partial()
      .describe('Default mapping of targets. Entries are merged with the inherited ones; null removes one.')
      .exactOptional(),
    changes: changes.exactOptional(),
  })
  .describe('The settings in which directories differ.');

/** A directory profile as the file states it: every setting is optional. */
export type DirectoryProfileInput = z.input<typeof directoryProfileSchema>;

/** The settings in which directories differ, complete. */
export type DirectoryProfile = { readonly name: string } & Readonly<z.output<typeof completeDirectoryProfileSchema>>;
