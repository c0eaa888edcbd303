import { z } from 'zod';
import { text } from './fields.ts';

const paths = () => z.array(text());
const count = () => z.int().min(1);
const nullableCount = () => count().nullable();

const valueConstraint = z.strictObject({
  maxLength: count().describe('In characters; whoever has a longer value is rejected.').exactOptional(),
  rejectPattern: text()
    .refine(isRegExp, { error: 'must be a regular expression' })
    .describe('Regular expression; whoever has a value that it matches is rejected.')
    .exactOptional(),
  lowerCase: z.boolean().describe('Sent in lower case.').exactOptional(),
});

const listConstraint = z.strictObject({
  maxItems: count().describe('Elements beyond so many are left out; the primary one goes first.').exactOptional(),
  primary: z.boolean().describe('Exactly one element is marked primary: where none is, the first one.').exactOptional(),
  subAttributes: paths()
    .min(1)
    .describe('Sub-attributes that an element may have; others are left out.')
    .exactOptional(),
});

const supports = z.strictObject({
  groups: z.boolean().describe('Whether the application has groups at all.'),
  groupsReadOnly: z
    .boolean()
    .describe('Groups are made at the application, never by scimsync: only their members are changed.'),
  onlyAttributes: z
    .union([z.literal('all'), paths().min(1)], { error: 'must be "all" or a list of SCIM paths' })
    .describe(
      'The only SCIM paths of a user that the application keeps; a mapping to any other is left out, with a note.',
    ),
  unsupportedAttributes: paths().describe(
    'SCIM paths that the application does not keep; a mapping to one of them is left out, with a note.',
  ),
  requiredAttributes: paths().describe(
    'SCIM paths of a user without which it takes nobody: whoever lacks one is rejected before anything is sent.',
  ),
  caseInsensitive: paths().describe(
    "SCIM paths whose letters' case the application does not keep; they are compared without case.",
  ),
  ignoresPunctuation: paths().describe(
    'SCIM paths whose blanks and punctuation it does not keep, such as telephone numbers; they are compared by letters and digits alone.',
  ),
  values: z.record(text(), valueConstraint).describe('SCIM path → what a value there may look like.'),
  lists: z.record(text(), listConstraint).describe('Multi-valued attribute → what it may hold.'),
  enterpriseSchema: text()
    .nullable()
    .describe('URN under which it keeps the enterprise attributes; null: it has none of them.'),
  immutableAttributes: paths().describe(
    'SCIM paths of a user that keep the value with which the account was made; another one is noted and not sent.',
  ),
  groupNameImmutable: z
    .boolean()
    .describe('Whether a group keeps the name that it was created with; a new name is noted and not sent.'),
});

const update = () => z.enum(['auto', 'patch', 'put', 'getThenPut']);
const endpoint = (what: string) =>
  text().regex(/^\//, { error: 'must begin with a slash' }).describe(`Where ${what}, below the base URL.`);
const endpoints = z.strictObject({
  users: endpoint('users live'),
  groups: endpoint('groups live'),
  discovery: endpoint('ServiceProviderConfig is'),
});

const protocol = z.strictObject({
  endpoints: endpoints.describe('Where the resources live.'),
  headers: z.record(text(), text()).describe('Sent with every request.'),
  contentType: text().describe('Content-Type of what is sent; RFC 7644 section 3.1 says application/scim+json.'),
  discovery: z
    .enum(['hint', 'off'])
    .describe(
      '"off": it serves no ServiceProviderConfig, so it is not asked for. What a profile says outweighs discovery.',
    ),
  update: update().describe(
    'How a user is changed. "auto": PATCH unless the application says that it has none. "getThenPut": what is there is read and written back with the changes, since PUT wipes what it does not name.',
  ),
  updateGroups: z.enum([...update().options, 'same']).describe('How a group is changed; "same": as "update" says.'),
  patchOps: z.enum(['lower', 'title']).describe('How the op of a PATCH is written: "replace" or "Replace".'),
  patchPaths: z
    .enum(['always', 'nested', 'dotted'])
    .describe(
      '"always": each operation of a PATCH has a path. "nested": one operation without a path, its value an object as in a resource. "dotted": one without a path, its keys paths.',
    ),
  valuePaths: z
    .boolean()
    .describe(
      'Whether emails[type eq "work"].value may stand as a PATCH path; if not, the whole attribute is replaced.',
    ),
  booleans: z.enum(['json', 'text', 'titleText']).describe('How a truth is written: true, "true" or "True".'),
  manager: z.enum(['reference', 'text']).describe('A manager as {"value": id}, or as the id alone.'),
  addMembers: z
    .enum(['list', 'object', 'noPath'])
    .describe(
      'How members are added. "list": path members, value [{value}]. "object": path members, value {members: [{value}]}. "noPath": no path, value {members: [{value}]}.',
    ),
  removeMembers: z
    .enum(['filter', 'list'])
    .describe(
      'How members are removed. "filter": path members[value eq "x"], one operation each. "list": path members, value [{value}].',
    ),
  memberSubAttributes: z
    .array(z.enum(['display', 'type', '$ref']))
    .describe('What a member is sent with beside its value.'),
  returnsMembers: z.boolean().describe('Whether a group that is read shows its members.'),
  groupReadQuery: z
    .record(text(), text())
    .describe('Query parameters without which a group is shown without its members.'),
  matchUsers: paths()
    .min(1)
    .describe(
      'Attributes by which an account that is already there is found, in this order. emails.value: any of its e-mail addresses.',
    ),
  matchGroups: paths().min(1).describe('Attributes by which a group that is already there is found, in this order.'),
  allowsDuplicates: z
    .array(z.enum(['User', 'Group']))
    .describe(
      'Kinds of which the application makes a second one of the same name without a word: each is looked up before it is made.',
    ),
  listing: z
    .enum(['index', 'cursor', 'single', 'unreliable'])
    .describe(
      'How everybody is listed. "index": startIndex and count. "cursor": RFC 9865. "single": in one answer. "unreliable": lists show nothing that can be believed.',
    ),
  deactivation: z
    .enum(['active', 'delete'])
    .describe('How an account is closed: active false, or DELETE, which only closes it.'),
  reactivation: z
    .enum(['active', 'put', 'create', 'never'])
    .describe(
      'How a closed account is opened again: active true as any change is said, by PUT, by a new POST, or only by a person at the application.',
    ),
  inactiveUsers: z
    .enum(['readable', 'notFound', 'anonymised'])
    .describe('What is said of a closed account: all of it, 404, or made-up names.'),
  inactiveUsersWritable: z
    .boolean()
    .describe('Whether a closed account can be changed otherwise; if not, it is opened by a request of its own first.'),
  deletion: z
    .enum(['deletes', 'deactivates', 'never'])
    .describe('What DELETE of a user does. "never": there is no such thing, and accounts are deactivated instead.'),
  deletionIsFinal: z.boolean().describe("Whether nothing brings a deleted person's data back."),
  deletionEndsMemberships: z
    .boolean()
    .describe('Whether deleting a person ends the memberships there too, so that they need not be removed one by one.'),
  conflictStatuses: z
    .array(z.int().min(400).max(599))
    .describe('Statuses by which a create says that the account is already there.'),
  conflictMessages: z
    .array(text())
    .describe(
      "One of these in the answer's text tells a conflict from what such a status usually means; empty: the status is enough.",
    ),
  ifMatch: z
    .enum(['auto', 'always', 'never'])
    .describe('When If-Match is sent. "auto": once the application serves ETags or answers 428.'),
  verifyWrites: z
    .enum(['never', 'members', 'always'])
    .describe('Whether what was written is read again, because a success may be none: memberships, or everything.'),
  bulk: z
    .enum(['never', 'offered'])
    .describe('Whether Bulk requests (RFC 7644 section 3.7) are sent. "offered": where discovery offers them.'),
});

const quotaSchema = z.strictObject({
  methods: z
    .array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .describe('Which requests it means; default: all.')
    .exactOptional(),
  resourceType: z.enum(['User', 'Group']).describe('Which resources it means; default: both.').exactOptional(),
  requests: count().describe('At most so many …'),
  seconds: z.number().positive().describe('… in any so many seconds.'),
});

const limits = z.strictObject({
  requestsPerSecond: z.number().positive().describe('Most requests in any second; may be below 1.'),
  concurrency: count().describe('Most requests in flight.'),
  quotas: z.array(quotaSchema).describe('Limits over longer times, beside requestsPerSecond.'),
  membersPerRequest: count().describe(
    'Most memberships that one request changes. A group that is written whole, by PUT, is not meant.',
  ),
  removalsPerRequest: nullableCount().describe('Most memberships that one request ends; null: as many as it begins.'),
  addAndRemoveTogether: z.boolean().describe('Whether one request may begin some memberships and end others.'),
  maxPatchableGroupSize: nullableCount().describe(
    'A group with more members than this is never changed by PATCH, which would lose some of them; null: any group is.',
  ),
  membersPerGroup: nullableCount().describe('Most members of a group; null: no limit.'),
  operationsPerPatch: nullableCount().describe('Most operations in one PATCH; null: no limit.'),
  maxPayloadSize: count().describe('Largest body of a request, in bytes.'),
  pageSize: count().describe('Resources per page of a listing.'),
  maxBulkOperations: count().describe('Most operations in one Bulk request, whatever discovery offers.'),
});

/** A misbehaviour of the catalogue that the sandbox can play. */
const misbehaviours = z
  .array(z.int().min(1).max(85))
  .describe('Numbers of the misbehaviours that the application is known for; the sandbox plays them.');

/** A profile with nothing left to inherit. */
export const completeProfileSchema = z.strictObject({ supports, protocol, limits, misbehaviours });

/** How well an application is known. */
export const supportLevels = ['documented', 'seen in code', 'probed', 'untested against the vendor'] as const;

const metadata = {
  description: text().describe('What kind of application this is.').exactOptional(),
  url: text().describe('What its base URL looks like.').exactOptional(),
  auth: z
    .array(z.enum(['bearer', 'oauth2', 'basic', 'header', 'certificate']))
    .min(1)
    .describe('Which credentials it takes.')
    .exactOptional(),
  sources: z.array(text()).describe('Where each word comes from: pages of the vendor, measurements.').exactOptional(),
  notes: z.array(text()).describe('What an administrator should know before using it.').exactOptional(),
  verifiedOn: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a date such as "2026-11-23"' })
    .describe('Day on which it was last held against the real thing or its documentation.')
    .exactOptional(),
  supportLevel: z.enum(supportLevels).describe('How well it is known.').exactOptional(),
};

/** A profile as written, in a file or in place: whatever it leaves out comes from the profile that it extends. Lists are replaced, not joined. */
export const profileSchema = z
  .strictObject({
    $schema: text().describe('For editors.').exactOptional(),
    name: text().describe('What messages call it. Default: the name of what it extends.').exactOptional(),
    extends: text().describe('Built-in profile that fills in whatever is left out. Default: generic.').exactOptional(),
    ...metadata,
    supports: supports.partial().describe('What the application can keep.').exactOptional(),
    protocol: protocol
      .partial()
      .extend({ endpoints: endpoints.partial().describe('Where the resources live.').exactOptional() })
      .describe('How it is said, and what the answers mean.')
      .exactOptional(),
    limits: limits.partial().describe('Its pace and its sizes.').exactOptional(),
    misbehaviours: misbehaviours.exactOptional(),
  })
  .describe('How one kind of application speaks SCIM.');

export type ProfileInput = z.input<typeof profileSchema>;

/** `limits` of a target: what the operator knows better than the profile. */
export const limitsSchema = z.strictObject({
  requestsPerSecond: limits.shape.requestsPerSecond.exactOptional(),
  concurrency: limits.shape.concurrency.exactOptional(),
  membersPerRequest: limits.shape.membersPerRequest.exactOptional(),
  timeoutMs: z.int().min(1).default(30_000).describe('Milliseconds after which a request counts as unanswered.'),
});

function isRegExp(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}
