import * as z from 'zod';
import { listConstraint, valueConstraint } from './constraint-fields.ts';
import { text } from './fields.ts';

const paths = () => z.array(text());
const count = () => z.int().min(1);
const nullableCount = () => count().nullable();

const supports = z.strictObject({
  groups: z.boolean().describe('Whether the application supports groups.'),
  groupsReadOnly: z
    .boolean()
    .describe('Whether only the application creates groups; scimsync then changes only their members.'),
  onlyAttributes: z
    .union([z.literal('all'), paths().min(1)], { error: 'must be "all" or a list of SCIM paths' })
    .describe(
      'The only SCIM paths of a user that the application stores; mappings to others are omitted, with a note.',
    ),
  unsupportedAttributes: paths().describe(
    'SCIM paths that the application does not store; mappings to them are omitted, with a note.',
  ),
  requiredAttributes: paths().describe(
    'SCIM paths that every user must have; a user without one is rejected before a request is sent.',
  ),
  caseInsensitive: paths().describe(
    'SCIM paths whose case the application does not preserve; values are compared without case.',
  ),
  ignoresPunctuation: paths().describe(
    'SCIM paths whose spaces and punctuation the application does not preserve, such as phone numbers; only letters ' +
      'and digits are compared.',
  ),
  values: z.record(text(), valueConstraint).describe('Constraints of values, by SCIM path.'),
  lists: z.record(text(), listConstraint).describe('Constraints of lists, by multi-valued attribute.'),
  enterpriseSchema: text().nullable().describe('URN of the enterprise extension; null: not supported.'),
  immutableAttributes: paths().describe(
    'SCIM paths of a user that can be set only by the create; a changed value is noted and not sent.',
  ),
  groupNameImmutable: z
    .boolean()
    .describe('Whether the name of a group can be set only by the create; a changed name is noted and not sent.'),
});

const update = () => z.enum(['auto', 'patch', 'put', 'getThenPut']);
const endpoint = (what: string) =>
  text().regex(/^\//, { error: 'must begin with a slash' }).describe(`Path of ${what}, relative to the base URL.`);
const endpoints = z.strictObject({
  users: endpoint('users'),
  groups: endpoint('groups'),
  discovery: endpoint('ServiceProviderConfig'),
});

const protocol = z.strictObject({
  endpoints: endpoints.describe('Paths of the resources.'),
  headers: z.record(text(), text()).describe('HTTP headers of every request.'),
  contentType: text().describe('Content-Type of requests; RFC 7644 section 3.1 defines application/scim+json.'),
  discovery: z
    .enum(['hint', 'off'])
    .describe(
      '"off": the application has no ServiceProviderConfig, so it is not requested. The profile overrides discovery.',
    ),
  update: update().describe(
    'How a user is updated. "auto": PATCH unless the application announces that it does not support it. ' +
      '"getThenPut": the current resource is read, changed and written, since PUT removes omitted attributes.',
  ),
  updateGroups: z.enum([...update().options, 'same']).describe('How a group is updated; "same": like "update".'),
  patchOps: z.enum(['lower', 'title']).describe('Case of op in a PATCH: "replace" or "Replace".'),
  patchPaths: z
    .enum(['always', 'nested', 'dotted'])
    .describe(
      '"always": each operation of a PATCH has a path. "nested": one operation without a path, whose value is an ' +
        'object as in a resource. "dotted": one operation without a path, whose value has paths as keys.',
    ),
  valuePaths: z
    .boolean()
    .describe('Whether emails[type eq "work"].value works as a PATCH path; if not, the whole attribute is replaced.'),
  booleans: z.enum(['json', 'text', 'titleText']).describe('Encoding of a boolean: true, "true" or "True".'),
  manager: z.enum(['reference', 'text']).describe('Encoding of the manager: {"value": id}, or only the id.'),
  addMembers: z
    .enum(['list', 'object', 'noPath', 'replace'])
    .describe(
      'How members are added. "list": path members, value [{value}]. "object": path members, value ' +
        '{members: [{value}]}. "noPath": no path, value {members: [{value}]}. "replace": add removes the other ' +
        'members here, so the group is read and all its members are written by one replace, also to remove members.',
    ),
  removeMembers: z
    .enum(['filter', 'list'])
    .describe(
      'How members are removed. "filter": path members[value eq "x"], one operation per member. "list": path ' +
        'members, value [{value}].',
    ),
  memberSubAttributes: z
    .array(z.enum(['display', 'type', '$ref']))
    .describe('Sub-attributes of a member that are sent in addition to value.'),
  returnsMembers: z.boolean().describe('Whether the application returns the members of a group.'),
  groupReadQuery: z
    .record(text(), text())
    .describe('Query parameters that the application requires to return the members of a group.'),
  matchUsers: paths()
    .min(1)
    .describe('Attributes by which an existing account is looked up, in this order. emails.value: any e-mail address.'),
  matchGroups: paths().min(1).describe('Attributes by which an existing group is looked up, in this order.'),
  allowsDuplicates: z
    .array(z.enum(['User', 'Group']))
    .describe(
      'Resource types of which the application silently creates duplicates; each is looked up before its create.',
    ),
  listing: z
    .enum(['index', 'cursor', 'single', 'unreliable'])
    .describe(
      'How all users or groups are listed. "index": startIndex and count. "cursor": RFC 9865. "single": one ' +
        'response. "unreliable": lists are never used.',
    ),
  deactivation: z
    .enum(['active', 'delete'])
    .describe('How an account is deactivated: by active false, or by a DELETE that only deactivates.'),
  reactivation: z
    .enum(['active', 'put', 'create', 'never'])
    .describe(
      'How an account is reactivated: by active true in an ordinary update, by PUT, by a new POST, or only manually.',
    ),
  inactiveUsers: z
    .enum(['readable', 'notFound', 'anonymised'])
    .describe('How GET shows a deactivated user: unchanged, 404, or anonymised.'),
  refusedUsers: z
    .enum(['readable', 'notFound'])
    .describe('How GET shows a user whose update was refused: unchanged, or 404 until an update succeeds.'),
  inactiveUsersWritable: z
    .boolean()
    .describe('Whether a deactivated account can be updated; if not, a separate request reactivates it first.'),
  deletion: z
    .enum(['deletes', 'deactivates', 'never'])
    .describe('Effect of DELETE on a user. "never": DELETE is not supported, and accounts are deactivated instead.'),
  deletionIsFinal: z.boolean().describe("Whether a deleted user's data cannot be restored."),
  deletionEndsMemberships: z
    .boolean()
    .describe('Whether the deletion of a user also removes the memberships, so that no separate requests are needed.'),
  conflictStatuses: z
    .array(z.int().min(400).max(599))
    .describe('HTTP statuses that report an existing account on a create.'),
  conflictMessages: z
    .array(text())
    .describe(
      'Texts that distinguish a conflict from the usual meaning of such a status; empty: the status is sufficient.',
    ),
  ifMatch: z
    .enum(['auto', 'always', 'never'])
    .describe('When If-Match is sent. "auto": after the application returned an ETag or 428.'),
  verifyWrites: z
    .enum(['never', 'members', 'always'])
    .describe('Whether writes are read back because a success response is not reliable: memberships, or all writes.'),
  bulk: z
    .enum(['never', 'offered'])
    .describe('Whether Bulk requests (RFC 7644 section 3.7) are sent. "offered": if discovery offers them.'),
  bulkMethods: z
    .array(z.enum(['POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .describe('Methods that work inside Bulk; a request with another method is sent by itself.'),
  consistencyDelaySeconds: z
    .number()
    .min(0)
    .max(3600)
    .describe(
      'Seconds until reads and filters show a write (eventual consistency); 0: at once. Before that, an empty search ' +
        'and an unchanged resource prove nothing.',
    ),
});

const quotaSchema = z.strictObject({
  methods: z
    .array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .describe('Methods that count; default: all.')
    .exactOptional(),
  resourceType: z.enum(['User', 'Group']).describe('Resource types that count; default: both.').exactOptional(),
  requests: count().describe('Maximum number of requests in the period.'),
  seconds: z.number().positive().describe('Length of the sliding period in seconds.'),
});

const limits = z.strictObject({
  requestsPerSecond: z
    .number()
    .positive()
    .describe('Maximum number of requests in any sliding second; may be less than 1.'),
  concurrency: count().describe('Maximum number of concurrent requests.'),
  quotas: z.array(quotaSchema).describe('Limits over longer periods, in addition to requestsPerSecond.'),
  membersPerRequest: count().describe(
    'Maximum number of memberships that one request changes; does not apply to a complete group in a PUT.',
  ),
  removalsPerRequest: nullableCount().describe(
    'Maximum number of memberships that one request removes; null: the same as for additions.',
  ),
  addAndRemoveTogether: z.boolean().describe('Whether one request may both add and remove members.'),
  maxPatchableGroupSize: nullableCount().describe(
    'A larger group is never updated by PATCH, which would remove members; null: no limit.',
  ),
  membersPerGroup: nullableCount().describe('Maximum number of members of a group; null: no limit.'),
  operationsPerPatch: nullableCount().describe('Maximum number of operations in one PATCH; null: no limit.'),
  maxPayloadSize: count().describe('Maximum size of a request body, in bytes.'),
  pageSize: count().describe('Resources per page of a listing.'),
  maxBulkOperations: count().describe(
    'Maximum number of operations in one Bulk request, even if discovery offers more.',
  ),
});

/** Numbers of the catalogue in src/sandbox/misbehaviours. */
const misbehaviours = z
  .array(z.int().min(1).max(110))
  .describe('Numbers of the misbehaviours that the application is known for; the sandbox imitates them.');

/** A profile in which every setting has a value. */
export const completeProfileSchema = z.strictObject({ supports, protocol, limits, misbehaviours });

/** On which evidence the settings are based. */
export const supportLevels = ['documented', 'seen in code', 'probed', 'untested against the vendor'] as const;

const metadata = {
  description: text().describe('Name and variant of the application.').exactOptional(),
  url: text().describe('Form of the base URL.').exactOptional(),
  auth: z
    .array(z.enum(['bearer', 'oauth2', 'basic', 'header', 'certificate']))
    .min(1)
    .describe('Supported credentials.')
    .exactOptional(),
  sources: z.array(text()).describe('Source of each setting: pages of the vendor, measurements.').exactOptional(),
  notes: z.array(text()).describe('Notes for administrators.').exactOptional(),
  verifiedOn: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a date such as "2026-11-23"' })
    .describe('Date of the last comparison with the application or its documentation.')
    .exactOptional(),
  supportLevel: z.enum(supportLevels).describe('On which evidence the settings are based.').exactOptional(),
};

/**
 * A profile as written, in a file or in place. It inherits missing settings from the profile that it extends; a list
 * replaces the inherited list.
 */
export const profileSchema = z
  .strictObject({
    $schema: text().describe('URL of this schema, for editors.').exactOptional(),
    name: text().describe('Name in messages. Default: the name of the profile that it extends.').exactOptional(),
    extends: text()
      .describe('Built-in profile from which missing settings are inherited. Default: generic.')
      .exactOptional(),
    ...metadata,
    supports: supports
      .partial()
      .describe('Which groups, attributes and values the application stores.')
      .exactOptional(),
    protocol: protocol
      .partial()
      .extend({ endpoints: endpoints.partial().describe('Paths of the resources.').exactOptional() })
      .describe('How requests are written, and what responses mean.')
      .exactOptional(),
    limits: limits.partial().describe('Rates and sizes.').exactOptional(),
    misbehaviours: misbehaviours.exactOptional(),
  })
  .describe('How an application implements SCIM.');

/** A profile as the file states it: every setting is optional. */
export type ProfileInput = z.input<typeof profileSchema>;

/** `limits` of a target; they override the profile. */
export const limitsSchema = z.strictObject({
  requestsPerSecond: limits.shape.requestsPerSecond.exactOptional(),
  concurrency: limits.shape.concurrency.exactOptional(),
  membersPerRequest: limits.shape.membersPerRequest.exactOptional(),
  timeoutMs: z.int().min(1).default(30_000).describe('Milliseconds after which a request counts as unanswered.'),
});
