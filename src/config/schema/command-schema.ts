import * as z from 'zod';
import { secret, text } from './fields.ts';
import { keyForm, relink, sanity, scheduledOnly } from './sanity-fields.ts';
import { formatFields, groupsColumn, groupsFields, membershipsFields, usersFields } from './table-fields.ts';

const run = (what: string) =>
  z
    .array(text())
    .min(1)
    .describe(
      `Program and arguments that write ${what} to standard output: ["./export-hr", "--csv"]. No shell. A program ` +
        'with a slash is a path from the folder of this file, in which it runs.',
    );

const users = z
  .strictObject({ run: run('one row per user'), ...formatFields(), ...usersFields() })
  .describe('The users.');

const groups = z.strictObject({ run: run('one row per group'), ...formatFields(), ...groupsFields() });

const memberships = z
  .strictObject({ run: run('one row per membership'), ...formatFields(), ...membershipsFields() })
  .describe('The members of groups.');

/** A source whose rows are the output of programs. */
export const commandSchema = z.strictObject({
  type: z.literal('command'),
  users,
  groups: z
    .union([groups, groupsColumn], { error: 'must be an object: {"run", "key"} or {"column", "separator"}' })
    .describe('The groups: from a program, or from a column of the users. Default: no groups.')
    .exactOptional(),
  memberships: memberships.exactOptional(),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable' }),
      secret(),
    )
    .describe(
      'Environment variables of the programs, besides PATH, HOME, LANG, LC_ALL, TZ and TMPDIR: {"env": "NAME"}, ' +
        '{"file": "path"} or a text.',
    )
    .exactOptional(),
  timeLimitSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('A program that runs longer is ended, with all that it started.'),
  maxMegabytes: z.int().min(1).max(65_536).default(1024).describe('A program that writes more is ended.'),
  changes: scheduledOnly(),
  keyForm: keyForm(),
  relink: relink(),
  sanity,
});
