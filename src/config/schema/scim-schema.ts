import * as z from 'zod';
import { auth, proxy, tls } from './connection-fields.ts';
import { expression, text } from './fields.ts';
import { keyForm, relink, sanity, scheduledOnly } from './sanity-fields.ts';
import { validityFields } from './validity-fields.ts';

const attributes = () =>
  z
    .array(text())
    .describe('Further SCIM paths that are read, such as those of an extension of the server.')
    .exactOptional();

const users = z
  .strictObject({
    key: text()
      .default('id')
      .describe('The immutable key of a user: id, or the path of an attribute such as externalId. Default: id.'),
    active: expression()
      .describe("Expression for active users: user.userType == 'employee'. Default: the attribute active.")
      .exactOptional(),
    ...validityFields,
    attributes: attributes(),
  })
  .prefault({})
  .describe('The users.');

const groups = z
  .strictObject({ attributes: attributes() })
  .describe('The groups, with their members: {} reads them. Default: no groups.')
  .exactOptional();

/** A source that is a SCIM server. */
export const scimSchema = z.strictObject({
  type: z.literal('scim'),
  url: text().describe('Base URL of the SCIM endpoint.'),
  profile: text()
    .default('generic')
    .describe('Profile of the server, for its paging and rate limits: a built-in name, or a .json file.'),
  auth,
  tls: tls.exactOptional(),
  proxy,
  timeoutMs: z.int().min(1).max(600_000).default(30_000).describe('Limit for one request, in milliseconds.'),
  users,
  groups,
  changes: scheduledOnly(),
  keyForm: keyForm(),
  relink: relink(),
  sanity,
});
