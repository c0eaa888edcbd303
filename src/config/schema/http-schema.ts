import * as z from 'zod';
import { auth, proxy, tls } from './connection-fields.ts';
import { text } from './fields.ts';
import { keyForm, relink, sanity, scheduledOnly } from './sanity-fields.ts';
import { formatFields, groupsColumn, groupsFields, membershipsFields, usersFields } from './table-fields.ts';

const path = () =>
  z.string().regex(/^[^.]+(\.[^.]+)*$/, { error: 'must be names separated by dots, such as "meta.next"' });

const total = path()
  .describe('Path of the number of all items in the body. Another number of items is an incomplete reading.')
  .exactOptional();

const paging = z
  .union(
    [
      z.strictObject({
        cursor: path().describe('Path of the cursor of the next page in the body: "meta.next_cursor".'),
        parameter: text().describe('Parameter of the query in which the cursor is sent.'),
        total,
      }),
      z.strictObject({
        next: path().describe('Path of the URL of the next page in the body: "links.next".').exactOptional(),
        total,
      }),
    ],
    { error: 'must be {"cursor", "parameter"}, {"next"} or {"total"}' },
  )
  .describe(
    'How the pages of a JSON list follow each other. A Link header with rel="next" is always followed. Default: that ' +
      'of users.',
  )
  .exactOptional();

const place = (what: string) => ({
  url: text().describe(`URL that answers a GET with ${what}.`),
  format: z
    .enum(['json', 'jsonLines', 'csv'])
    .describe('json: a list, or an object that contains it. Default: that of users, which is json.')
    .exactOptional(),
  items: path()
    .describe('Path of the list in the body: "data.employees". Default: the body is the list.')
    .exactOptional(),
  paging,
  columns: formatFields().columns,
});

const users = z.strictObject({ ...place('one row per user'), ...usersFields() }).describe('The users.');

const groups = z.strictObject({ ...place('one row per group'), ...groupsFields() });

const memberships = z
  .strictObject({ ...place('one row per membership'), ...membershipsFields() })
  .describe('The members of groups.');

/** A source whose rows are the answers of an HTTP server. */
export const httpSchema = z.strictObject({
  type: z.literal('http'),
  users,
  groups: z
    .union([groups, groupsColumn], { error: 'must be an object: {"url", "key"} or {"column", "separator"}' })
    .describe('The groups: from a URL, or from a column of the users. Default: no groups.')
    .exactOptional(),
  memberships: memberships.exactOptional(),
  auth,
  tls: tls.exactOptional(),
  proxy,
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'must be the name of an HTTP header' }), text())
    .describe('Further headers of every request, such as {"X-Api-Version": "2"}. Secrets belong in auth.')
    .exactOptional(),
  timeoutMs: z.int().min(1).max(600_000).default(30_000).describe('Limit until an answer begins, in milliseconds.'),
  timeLimitSeconds: z.int().min(1).max(86_400).default(300).describe('Limit for all pages of one part, in seconds.'),
  maxMegabytes: z.int().min(1).max(65_536).default(1024).describe('Answers that are larger are not read.'),
  fullEveryHours: z
    .number()
    .positive()
    .default(24)
    .describe('Longest time between two readings that do not ask whether the answers have changed (ETag), in hours.'),
  changes: scheduledOnly(),
  keyForm: keyForm(),
  relink: relink(),
  sanity,
});
