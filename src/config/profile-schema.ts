import { z } from 'zod';
import { text } from './fields.ts';

const paths = () => z.array(text());

const holds = z.strictObject({
  groups: z.boolean().describe('Whether the application has groups at all.'),
  drops: paths().describe('SCIM paths that the application does not keep; a mapping to one of them is left out, with a note.'),
  foldsCase: paths().describe("SCIM paths whose letters' case the application does not keep; they are compared without case."),
});

const speaks = z.strictObject({
  update: z.enum(['auto', 'patch', 'put']).describe('How a resource is changed. "auto": PATCH unless the application says that it has none.'),
  valuePaths: z.boolean().describe('Whether emails[type eq "work"].value may stand as a PATCH path; if not, the whole attribute is replaced.'),
  matchUsers: paths().min(1).describe('Attributes by which an account that is already there is found, in this order.'),
  matchGroups: paths().min(1).describe('Attributes by which a group that is already there is found, in this order.'),
  ifMatch: z.enum(['auto', 'always', 'never']).describe('When If-Match is sent. "auto": once the application serves ETags or answers 428.'),
  conflictStatuses: z.array(z.int().min(400).max(599)).describe('Statuses by which a create says that the account is already there.'),
  deletionEndsMemberships: z
    .boolean()
    .describe('Whether deleting a person ends the memberships there too, so that they need not be removed one by one.'),
  contentType: text().describe('Content-Type of what is sent; RFC 7644 section 3.1 says application/scim+json.'),
});

const allows = z.strictObject({
  requestsPerSecond: z.number().positive().describe('Most requests in any second; may be below 1.'),
  concurrency: z.int().min(1).describe('Most requests in flight.'),
  membersPerRequest: z.int().min(1).describe('Most memberships that one request changes.'),
  pageSize: z.int().min(1).describe('Resources per page of a listing.'),
});

/** A profile with nothing left to inherit. */
export const completeProfileSchema = z.strictObject({ holds, speaks, allows });

const about = {
  description: text().describe('What kind of application this is.').exactOptional(),
  sources: z.array(text()).describe('Where each word comes from: pages of the vendor, measurements.').exactOptional(),
  verifiedOn: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a date such as "2026-11-23"' })
    .describe('Day on which it was last held against the real thing or its documentation.')
    .exactOptional(),
  supportLevel: text().describe('How well it is known: "documented", "measured", "guessed" …').exactOptional(),
};

/** A profile as written, in a file or in place: whatever it leaves out comes from the profile that it extends. Lists are replaced, not joined. */
export const profileSchema = z
  .strictObject({
    $schema: text().describe('For editors.').exactOptional(),
    name: text().describe('What messages call it. Default: the name of what it extends.').exactOptional(),
    extends: text().describe('Built-in profile that fills in whatever is left out. Default: generic.').exactOptional(),
    ...about,
    holds: holds.partial().describe('What the application can keep.').exactOptional(),
    speaks: speaks.partial().describe('How it is said, and what the answers mean.').exactOptional(),
    allows: allows.partial().describe('Its pace and its sizes.').exactOptional(),
  })
  .describe('How one kind of application speaks SCIM.');

export type WrittenProfile = z.input<typeof profileSchema>;

/** `limits` of a target: what the operator knows better than the profile. */
export const limitsSchema = z.strictObject({
  requestsPerSecond: allows.shape.requestsPerSecond.exactOptional(),
  concurrency: allows.shape.concurrency.exactOptional(),
  membersPerRequest: allows.shape.membersPerRequest.exactOptional(),
  timeoutMs: z.int().min(1).default(30_000).describe('Milliseconds after which a request counts as unanswered.'),
});
