import { z } from 'zod';
import { text } from './fields.ts';

/** The name of an attribute, or its OID (RFC 4512 section 1.4). */
export const attributeName = () =>
  z.string().regex(/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/, {
    error: 'must be the name of an attribute, such as employeeNumber',
  });

/** RFC 4515; that it is one is checked by the rules, which can say where it is wrong. */
export const filter = () => text();

const attributes = () => z.array(attributeName());

const id = z.strictObject({
  attribute: attributeName().describe(
    'The attribute that never changes for an entry, whatever it is renamed to, and by which the server names what changed.',
  ),
  form: z
    .enum(['text', 'guid'])
    .describe('How its bytes become text. "guid": 16 bytes in the order in which Windows writes them.'),
});

const users = z.strictObject({
  filter: filter().describe('Which entries are people; users.filter of the source narrows it.'),
});

const groups = z.strictObject({
  filter: filter().describe('Which entries are groups; groups.filter of the source narrows it.'),
  memberDn: attributes().describe('Attributes that name members by DN.'),
  memberLogin: attributes().describe('Attributes that name members by login.'),
  login: attributeName().describe('The attribute of people that memberLogin means.'),
  memberUrl: attributes().describe('Attributes that hold an LDAP URL whose results are members.'),
  primaryGroup: z
    .boolean()
    .describe('Whether a person names one group by the last part of its SID, in primaryGroupID.'),
});

const inactiveRule = z.union(
  [
    z.strictObject({
      attribute: attributeName().describe('The attribute that is looked at.'),
      is: text().describe('Inactive where one of its values is this text, whatever the case.'),
    }),
    z.strictObject({
      attribute: attributeName().describe('The attribute that is looked at.'),
      bit: z.int().min(1).max(0x8000_0000).describe('Inactive where this bit of the number is set: 2.'),
    }),
    z.strictObject({
      attribute: attributeName().describe('The attribute that is looked at.'),
      past: z
        .enum(['fileTime', 'generalizedTime', 'days'])
        .describe(
          'Inactive where that moment has passed. "fileTime": 100 ns since 1601; "generalizedTime": 20261123093000Z; "days": since 1970.',
        ),
    }),
  ],
  { error: 'must be an object such as {"attribute": "loginDisabled", "is": "TRUE"}' },
);

const mappingEntries = <Entry extends z.ZodType>(entry: Entry) =>
  z.strictObject({
    user: z.record(z.string(), entry).describe('SCIM path to expression, for people.'),
    group: z.record(z.string(), entry).describe('SCIM path to expression, for groups.'),
  });

const key = attributeName().describe(
  'The attribute with the key of people and groups, where it is another one than that of id.',
);
const inactive = z
  .array(inactiveRule)
  .describe('An entry on which one of these holds is inactive; an attribute that is missing says nothing.');
const references = attributes().describe(
  'Attributes that hold the DN of another entry, such as manager; mapped, they give its key.',
);
const binary = attributes().describe('Attributes whose values are bytes: base64 in expressions.');
const changes = z
  .array(z.enum(['sync', 'syncLog', 'dirSync', 'usn']))
  .describe(
    'How changes are asked for, best first: "sync" is RFC 4533, "syncLog" the same by the change log of 389 Directory Server, "dirSync" the control of that name, "usn" uSNChanged with tombstones.',
  );

/** A kind of directory with nothing left to inherit, but for its name. */
export const completeDirectoryProfileSchema = z.strictObject({
  id,
  key: key.exactOptional(),
  users,
  groups,
  inactive,
  references,
  binary,
  mapping: mappingEntries(text()),
  changes,
});

/** A kind of directory as written, in a file or in place: whatever it leaves out comes from the one that it extends. Lists are replaced, not joined. */
export const directoryProfileSchema = z
  .strictObject({
    $schema: text().describe('For editors.').exactOptional(),
    name: text().describe('What messages call it. Default: the name of what it extends.').exactOptional(),
    extends: text().describe('Built-in kind that fills in whatever is left out. Default: generic.').exactOptional(),
    description: text().describe('What kind of directory this is.').exactOptional(),
    sources: z
      .array(text())
      .describe('Where each word comes from: RFCs, pages of the vendor, measurements.')
      .exactOptional(),
    id: id.partial().describe('By what an entry is known for good.').exactOptional(),
    key: key.exactOptional(),
    users: users.partial().describe('Its people.').exactOptional(),
    groups: groups.partial().describe('Its groups.').exactOptional(),
    inactive: inactive.exactOptional(),
    references: references.exactOptional(),
    binary: binary.exactOptional(),
    mapping: mappingEntries(
      z.union([text(), z.null()], { error: 'must be an expression, or null to remove an inherited line' }),
    )
      .partial()
      .describe(
        'What a mapping is where the operator writes none. Lines are joined to the inherited ones; null removes one.',
      )
      .exactOptional(),
    changes: changes.exactOptional(),
  })
  .describe('What one kind of directory server is like.');

export type DirectoryProfileInput = z.input<typeof directoryProfileSchema>;

/** What one kind of directory server is like, complete. */
export type DirectoryProfile = { readonly name: string } & Readonly<z.output<typeof completeDirectoryProfileSchema>>;
