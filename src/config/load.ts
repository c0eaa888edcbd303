import { dirname, join, resolve } from 'node:path';
import type { Profile } from '../model/profile.ts';
import { assemble, type Parts, type ReadTarget } from './assemble.ts';
import type { Config } from './config.ts';
import { readCredentials } from './credentials.ts';
import { auto, readDirectories, type Directories } from './directories.ts';
import type { WrittenDirectory } from './directory-schema.ts';
import { isWhole, without } from './draft.ts';
import { failure, formatIssue, warning, type Finding, type Issue, type Step } from './issues.ts';
import { JsonSyntaxError, parseJson, type ParsedJson } from './json.ts';
import { jsonSchema } from './json-schema.ts';
import { whyUnreadable } from './layers.ts';
import { inPlainWords } from './plain-words.ts';
import type { WrittenProfile } from './profile-schema.ts';
import { readProfile, type ProfileIo, type ReadProfile } from './profiles.ts';
import { eachTarget, ldapOf, type Checks } from './rule.ts';
import { rules } from './rules.ts';
import { configSchema, type Draft } from './schema.ts';

/** The outside world, as far as a configuration needs it. */
export interface ConfigIo extends ProfileIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly check: Checks;
  /** Where the built-in kinds of directories are: NAME.json. Default: `directories` beside the folder of the profiles. */
  readonly directoriesFolder?: string;
}

export type LoadedConfig = { readonly config: Config } | { readonly issues: readonly Issue[] };

/**
 * Reads a configuration file. Everything that is wrong with it is reported at once, each thing with its place in the file;
 * no message holds a secret.
 *
 * @param file absolute, or relative to the working folder
 */
export function loadConfig(io: ConfigIo, file: string): LoadedConfig {
  const path = resolve(file);
  const folder = dirname(path);
  const parsed = parseFile(io, path);
  if ('issues' in parsed) return parsed;

  const result = configSchema.safeParse(parsed.value, { reportInput: true });
  const refusals = result.success
    ? []
    : inPlainWords(result.error.issues, { schema: jsonSchema(configSchema), value: parsed.value });
  const draft = (without(
    parsed.value,
    refusals.map(({ steps }) => steps),
  ) ?? {}) as Draft;
  const { secrets, findings: aboutSecrets } = readCredentials(draft, { ...io, folder });
  const { profiles, findings: aboutProfiles } = readProfiles(draft, { ...io, folder });
  const { directories, findings: aboutDirectories } = readKinds(draft, io);
  const findings = [
    ...rules.flatMap((rule) => rule(draft, { ...io, folder })),
    ...aboutSecrets,
    ...aboutDirectories,
    ...aboutProfiles,
  ];

  const issues: readonly Issue[] = [
    ...parsed.duplicates.map((duplicate) => ({ path: duplicate, message: 'stands there twice; keep one of the two' })),
    ...refusals,
    ...findings.filter(({ level }) => level === 'error'),
  ].map(({ path: at, message }) => ({ path: at, message }));
  if (!result.success || issues.length > 0) return { issues };
  const warnings = findings.map(formatIssue);
  return { config: assemble({ file: path, folder, written: result.data, secrets, profiles, directories, warnings }) };
}

function parseFile({ readFile }: ConfigIo, path: string): ParsedJson | { issues: readonly Issue[] } {
  const wrong = (message: string): { issues: readonly Issue[] } => ({ issues: [{ path: '', message }] });
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return wrong(`${path} cannot be read${whyUnreadable(error)}; name the configuration with --config FILE`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return wrong(`${path} is not JSON: ${error.message}`);
    throw error;
  }
}

function readProfiles(draft: Draft, io: ProfileIo): { profiles: Parts['profiles']; findings: readonly Finding[] } {
  const profiles = new Map<number, Extract<ReadProfile, { kind: 'profile' }>>();
  const findings = eachTarget(draft, ({ profile = 'generic', auth, leavers }, at) => {
    // Of a profile in place of which a part was refused, only what it extends can still be looked up.
    const written =
      typeof profile === 'string' || isWhole(profile) ? profile : { extends: profile.extends ?? 'generic' };
    const read = readProfile(written as string | WrittenProfile, io);
    if (read.kind === 'wrong') return [failure([...at, 'profile'], read.message)];
    profiles.set(at[1] as number, read);
    return [...aboutAuth(read, auth?.type, at), ...aboutDeletion(read.profile, leavers, at)];
  });
  return { profiles, findings };
}

function aboutAuth({ profile, about }: ReadTarget, type: string | undefined, at: readonly Step[]): readonly Finding[] {
  if (
    about.auth === undefined ||
    type === undefined ||
    type === 'none' ||
    (about.auth as readonly string[]).includes(type)
  )
    return [];
  return [
    warning(
      [...at, 'auth', 'type'],
      `the profile "${profile.name}" knows this application with ${about.auth.join(' or ')} only, not with ${type}`,
    ),
  ];
}

/** Deleting people is asked for by one word; what it comes to there must be known beforehand. */
function aboutDeletion(
  { name, speaks }: Profile,
  leavers: { readonly action?: unknown; readonly outOfScope?: unknown; readonly deleteAfterDays?: unknown } | undefined,
  at: readonly Step[],
): readonly Finding[] {
  const deletes =
    leavers?.action === 'delete' || leavers?.outOfScope === 'delete' || leavers?.deleteAfterDays !== undefined;
  if (!deletes) return [];
  if (speaks.deletion === 'never')
    return [
      warning(
        [...at, 'leavers'],
        `nobody can be deleted at this application (profile "${name}"): leavers are deactivated there, and stay`,
      ),
    ];
  return speaks.deletionIsFinal
    ? [
        warning(
          [...at, 'leavers'],
          `whoever is deleted at this application is gone for good (profile "${name}"): nothing brings the account back`,
        ),
      ]
    : [];
}

function readKinds(draft: Draft, io: ConfigIo): { directories: Directories | undefined; findings: readonly Finding[] } {
  const source = ldapOf(draft);
  if (source === undefined) return { directories: undefined, findings: [] };
  const { directory = auto } = source;
  const written =
    typeof directory === 'string' || isWhole(directory) ? directory : { extends: directory.extends ?? 'generic' };
  const directoriesFolder = io.directoriesFolder ?? join(dirname(io.profilesFolder), 'directories');
  const read = readDirectories(written as string | WrittenDirectory, { ...io, directoriesFolder });
  if (read.kind === 'wrong')
    return { directories: undefined, findings: [failure(['source', 'directory'], read.message)] };
  return { directories: read.directories, findings: [] };
}
