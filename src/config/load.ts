import { dirname, join, resolve } from 'node:path';
import type { IssueCode } from '../model/error-codes.ts';
import type { Profile } from '../model/profile.ts';
import { assemble, type AssemblyInput, type TargetProfile } from './assemble/assemble.ts';
import type { Config } from './config.ts';
import { readCredentials } from './secrets/credentials.ts';
import type { SecretFiles } from './secrets/secret-files.ts';
import { noProxies, readEnvironmentProxies } from './proxy/environment-proxies.ts';
import { autoDetect, readDirectoryProfiles, type DirectoryProfiles } from './profiles/directory-profiles.ts';
import type { DirectoryProfileInput } from './schema/directory-schema.ts';
import { errorAt, formatPath, warningAt, type Diagnostic, type Issue, type Step } from './issues.ts';
import { JsonSyntaxError, parseJson, type ParsedJson } from './parse/json.ts';
import { withEnvironment } from './parse/environment-values.ts';
import { jsonSchema } from './schema/json-schema.ts';
import { errorCodeSuffix } from './profiles/extends.ts';
import { overlay, type ConfigFile, type Overlaid } from './parse/overlay.ts';
import { describeZodIssues, type SchemaIssue } from './parse/zod-messages.ts';
import type { ProfileInput } from './schema/profile-schema.ts';
import { readProfile, type ProfileIo, type ProfileResult } from './profiles/profiles.ts';
import { forEachTarget, ldapSourceOf, sourceViews, type SourceView, type SyntaxChecks } from './rules/config-rule.ts';
import { diagnose } from './rules/all-rules.ts';
import { configSchema, type PartialConfig } from './schema/config-schema.ts';

/** Everything that loading a configuration takes from outside. */
export interface ConfigIo extends ProfileIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly check: SyntaxChecks;
  readonly secretFiles: SecretFiles;
  /** Reads neither secrets nor certificates. The configuration is then of use only where nothing is sent. */
  readonly withoutCredentials?: boolean | undefined;
  /** Folder of the built-in directory profiles, NAME.json. Default: `directories` beside the folder of the profiles. */
  readonly directoriesFolder?: string;
}

/** A valid configuration, or all issues of an invalid one. */
export type LoadedConfig = { readonly config: Config } | { readonly issues: readonly Issue[] };

/**
 * Reads a configuration file. All mistakes are reported together, each with its place in the file. No message contains
 * a secret.
 *
 * @param file absolute, or relative to the working folder. Relative paths in all files start at its folder
 * @param overlays further files, each laid over those before it
 */
export function loadConfig(io: ConfigIo, file: string, overlays: readonly string[] = []): LoadedConfig {
  const path = resolve(file);
  const folder = dirname(path);
  const parsed = parseFiles(io, path, overlays);
  if ('issues' in parsed) return parsed;

  const { value, result, schemaIssues } = parseValue(parsed.value, io.env);
  const draft = (withoutPaths(
    value,
    schemaIssues.map(({ steps }) => steps),
  ) ?? {}) as PartialConfig;
  const { secrets, diagnostics: secretDiagnostics } = readCredentials(draft, { ...io, folder });
  const { profiles, findings: profileDiagnostics } = loadProfiles(draft, { ...io, folder });
  const views = sourceViews(draft).map((view) => ({ view, ...loadDirectoryProfiles(view, io) }));
  const served = sourceViews(draft).map((view) => ({ view, ...loadSourceProfile(view, { ...io, folder }) }));
  const sourceProfiles = new Map(served.map(({ view: { name }, profile }) => [name, profile]));
  const directories = new Map(views.map(({ view: { name }, directories: loaded }) => [name, loaded]));
  const proxies = io.withoutCredentials === true ? noProxies : readEnvironmentProxies(io.env);
  const diagnostics = [
    ...diagnose(draft, { ...io, file: path, folder }),
    ...secretDiagnostics,
    ...proxies.diagnostics,
    ...[...views, ...served].flatMap(({ findings }) => findings),
    ...profileDiagnostics,
  ];

  /** With several files, an issue names the one that it is in. */
  const placed = ({ path: at, code, message }: Issue): Issue => ({
    ...{ path: at, code, message: overlays.length === 0 || at === '' ? message : `${message} (${parsed.fileOf(at)})` },
  });
  const issues: readonly Issue[] = [
    ...parsed.mistakes,
    ...[...schemaIssues, ...diagnostics.filter(({ level }) => level === 'error')].map(placed),
  ];
  if (!result.success || issues.length > 0) return { issues };
  const warnings = diagnostics.map(placed);
  const { data: config } = result;
  return {
    config: assemble({
      ...{ file: path, folder, parsed: config, secrets, profiles, sourceProfiles, directories, proxies, warnings },
    }),
  };
}

/**
 * The configuration as its schema reads it, with the values from the environment. The schema accepts no reference to
 * the environment, so that a value that it accepts has none; only for the others its JSON Schema is worth its time.
 */
function parseValue(
  written: unknown,
  env: ConfigIo['env'],
): {
  readonly value: unknown;
  readonly result: ReturnType<typeof configSchema.safeParse>;
  readonly schemaIssues: readonly SchemaIssue[];
} {
  const parse = (value: unknown): ReturnType<typeof configSchema.safeParse> =>
    configSchema.safeParse(value, { reportInput: true, jitless: true });
  const plain = parse(written);
  if (plain.success) return { value: written, result: plain, schemaIssues: [] };
  const schema = jsonSchema(configSchema);
  const { value, issues: environmentIssues } = withEnvironment(written, schema, env);
  const result = parse(value);
  const unresolved = new Set(environmentIssues.map(({ steps }) => formatPath(steps)));
  const schemaIssues = [
    ...environmentIssues,
    ...(result.success ? [] : describeZodIssues(result.error.issues, { schema, value })).filter(
      ({ path: at }) => !unresolved.has(at),
    ),
  ];
  return { value, result, schemaIssues };
}

/** The files, laid over each other; or the issues of the first one that is no JSON. */
function parseFiles(
  io: ConfigIo,
  path: string,
  overlays: readonly string[],
): Overlaid | { readonly issues: readonly Issue[] } {
  const duplicates: Issue[] = [];
  const files: ConfigFile[] = [];
  for (const name of [path, ...overlays.map((overlaid) => resolve(overlaid))]) {
    const parsed = parseFile(io, name);
    if ('issues' in parsed) return parsed;
    const where = overlays.length === 0 ? '' : ` (${name})`;
    for (const duplicate of parsed.duplicates)
      duplicates.push({
        path: duplicate,
        code: 'config.duplicateName',
        message: `occurs twice; keep one of the two${where}`,
      });
    files.push({ name, value: parsed.value });
  }
  const overlaid = overlay(files as [ConfigFile, ...ConfigFile[]]);
  return { ...overlaid, mistakes: [...duplicates, ...overlaid.mistakes] };
}

function parseFile({ readFile }: ConfigIo, path: string): ParsedJson | { issues: readonly Issue[] } {
  const fileIssue = (code: IssueCode, message: string): { issues: readonly Issue[] } => ({
    issues: [{ path: '', code, message }],
  });
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return fileIssue(
      'config.fileUnreadable',
      `${path} cannot be read${errorCodeSuffix(error)}; name the configuration with --config FILE`,
    );
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      return fileIssue('config.syntax', `${path} is not valid JSON: ${error.message}`);
    throw error;
  }
}

function loadProfiles(
  draft: PartialConfig,
  io: ProfileIo,
): { profiles: AssemblyInput['profiles']; findings: readonly Diagnostic[] } {
  const profiles = new Map<number, Extract<ProfileResult, { kind: 'profile' }>>();
  // Many targets may have one profile.
  const byName = new Map<string, ProfileResult>();
  const readNamed = (name: string): ProfileResult => {
    const result = byName.get(name) ?? readProfile(name, io);
    byName.set(name, result);
    return result;
  };
  const findings = forEachTarget(draft, ({ profile = 'generic', auth, leavers }, at) => {
    // If a part of an inline profile is invalid, only the profile that it extends can still be checked.
    const input =
      typeof profile === 'string' || isComplete(profile) ? profile : { extends: profile.extends ?? 'generic' };
    const result = typeof input === 'string' ? readNamed(input) : readProfile(input as ProfileInput, io);
    if (result.kind === 'wrong') return [errorAt('config.profile', [...at, 'profile'], result.message)];
    profiles.set(at[1] as number, result);
    return [...checkAuthType(result, auth?.type, at), ...checkDeletion(result.profile, leavers, at)];
  });
  return { profiles, findings };
}

/** The profile of a SCIM server as a source. */
function loadSourceProfile(
  { draft: { source }, at }: SourceView,
  io: ProfileIo,
): { profile: Profile | undefined; findings: readonly Diagnostic[] } {
  if (source?.type !== 'scim') return { profile: undefined, findings: [] };
  const result = readProfile(source.profile ?? 'generic', io);
  return result.kind === 'wrong'
    ? { profile: undefined, findings: [errorAt('config.profile', [...at, 'profile'], result.message)] }
    : { profile: result.profile, findings: [] };
}

function checkAuthType(
  { profile, about }: TargetProfile,
  type: string | undefined,
  at: readonly Step[],
): readonly Diagnostic[] {
  if (
    about.auth === undefined ||
    type === undefined ||
    type === 'none' ||
    (about.auth as readonly string[]).includes(type)
  )
    return [];
  return [
    warningAt(
      'config.authUnverified',
      [...at, 'auth', 'type'],
      `the profile "${profile.name}" is verified with ${about.auth.join(' or ')} only, not with ${type}`,
    ),
  ];
}

/** One setting enables deletion, so the operator must know its effect at this application before the first pass. */
function checkDeletion(
  { name, protocol }: Profile,
  leavers: { readonly action?: unknown; readonly outOfScope?: unknown; readonly deleteAfterDays?: unknown } | undefined,
  at: readonly Step[],
): readonly Diagnostic[] {
  const mayDelete =
    leavers?.action === 'delete' || leavers?.outOfScope === 'delete' || leavers?.deleteAfterDays !== undefined;
  if (!mayDelete) return [];
  if (protocol.deletion === 'never')
    return [
      warningAt(
        'config.deletionImpossible',
        [...at, 'leavers'],
        `users cannot be deleted at this application (profile "${name}"): leavers are only deactivated`,
      ),
    ];
  return protocol.deletionIsFinal
    ? [
        warningAt(
          'config.deletionFinal',
          [...at, 'leavers'],
          `deletion at this application is final (profile "${name}"): a deleted account cannot be restored`,
        ),
      ]
    : [];
}

function loadDirectoryProfiles(
  { draft, at }: SourceView,
  io: ConfigIo,
): { directories: DirectoryProfiles | undefined; findings: readonly Diagnostic[] } {
  const source = ldapSourceOf(draft);
  if (source === undefined) return { directories: undefined, findings: [] };
  const { directory = autoDetect } = source;
  const input =
    typeof directory === 'string' || isComplete(directory) ? directory : { extends: directory.extends ?? 'generic' };
  const directoriesFolder = io.directoriesFolder ?? join(dirname(io.profilesFolder), 'directories');
  const result = readDirectoryProfiles(input as string | DirectoryProfileInput, { ...io, directoriesFolder });
  if (result.kind === 'wrong')
    return {
      directories: undefined,
      findings: [errorAt('config.directoryProfile', [...at, 'directory'], result.message)],
    };
  return { directories: result.directories, findings: [] };
}

/**
 * A copy of a JSON value without the values at the given paths, so that the rules can check the rest of an invalid
 * file.
 *
 * Undefined replaces a removed value: elements of lists keep their index, and an invalid value is not reported as
 * missing too. Undefined also marks a missing value, so that it is not reported twice.
 */
function withoutPaths(value: unknown, paths: readonly (readonly Step[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return undefined;
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const pathsBelow = (step: Step): readonly (readonly Step[])[] =>
    paths.filter(([first]) => first === step).map(([, ...rest]) => rest);
  if (Array.isArray(value)) return value.map((element: unknown, index) => withoutPaths(element, pathsBelow(index)));
  const missing = paths.flatMap(([first, ...rest]) =>
    first === undefined || rest.length > 0 || Object.hasOwn(value, first) ? [] : [[first, undefined] as const],
  );
  return Object.fromEntries([
    ...Object.entries(value).map(([name, part]) => [name, withoutPaths(part, pathsBelow(name))] as const),
    ...missing,
  ]);
}

/** Whether `withoutPaths` removed nothing from a JSON value. */
function isComplete(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).every(isComplete) : value !== undefined;
}
