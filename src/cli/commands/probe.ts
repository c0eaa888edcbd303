import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TargetConfig } from '../../config/config.ts';
import { profileSchema } from '../../config/schema/profile-schema.ts';
import { readProfile } from '../../config/profiles/profiles.ts';
import { redactor } from '../../config/secrets/secrets.ts';
import { InvariantError, OperatorError } from '../../model/errors.ts';
import type { Profile } from '../../model/profile.ts';
import { probe, StoppedError, toProfileFile, type ProbeResult } from '../../probe/probe.ts';
import type { Context, ExitCode } from '../context.ts';
import { selectTarget } from './select-target.ts';
import { requireWritableFolder } from '../output/require-writable-folder.ts';
import { openTerminal } from '../output/terminal.ts';
import { probeLines, probeText, remnantText } from '../print/probe-text.ts';
import { profileIo } from '../package-folder.ts';
import { connectionSettings } from '../wire.ts';
import { realClock, realRandom } from '../clock.ts';

/** Options of `probe`. */
export interface ProbeFlags {
  /** The file for the profile. */
  readonly write?: string;
  readonly yes: boolean;
  readonly json: boolean;
  /** Largest number of members in one request. */
  readonly members: number;
  readonly force: boolean;
}

/** `probe`: tests with canaries how a target behaves, removes them, and prints or writes a profile. */
export async function probeCommand(context: Context, name: string, flags: ProbeFlags): Promise<ExitCode> {
  const { config, console, stop } = context;
  const target = selectTarget(config, name);
  const files = flags.write === undefined ? undefined : checkOutputFiles(flags.write, flags.force);
  if (!flags.yes && !(await isConfirmed(context, target, flags.members))) {
    console.err('nothing was created');
    return 0;
  }
  const generic = readGenericProfile();
  const onAbort = (): void => console.err('stopping: the canaries are removed first');
  stop.addEventListener('abort', onAbort, { once: true });
  const probed = await probe(
    { ...connectionSettings(target), start: initialProfile(generic, target.profile), members: flags.members },
    {
      clock: realClock,
      random: realRandom,
      signal: stop,
      redact: redactor(config.secrets),
      progress: (sentence) => console.err(`${name}: ${sentence} …`),
    },
  );
  stop.removeEventListener('abort', onAbort);
  return reportProbe(context, target, probed, generic, flags, files);
}

interface OutputFiles {
  readonly profile: string;
  readonly evidence: string;
  readonly flag: 'w' | 'wx';
}

/** Checks the files before the first canary exists. @throws OperatorError if they cannot be written */
function checkOutputFiles(write: string, force: boolean): OutputFiles {
  const profile = resolve(write);
  const files: OutputFiles = {
    profile,
    evidence: `${profile.replace(/\.json$/, '')}.evidence.jsonl`,
    flag: force ? 'w' : 'wx',
  };
  if (!profile.endsWith('.json'))
    throw new OperatorError(
      'commandLine.fileNotJson',
      `the file name of a profile must end in .json, and ${write} does not`,
      4,
    );
  for (const file of [files.profile, files.evidence]) {
    if (!force && existsSync(file))
      throw new OperatorError(
        'commandLine.fileExists',
        `${file} exists already; nothing was created. --force overwrites it`,
        4,
      );
  }
  requireWritableFolder(profile);
  return files;
}

/** Asks the operator for a confirmation. @throws OperatorError without a terminal */
async function isConfirmed({ console, stop }: Context, { name, url }: TargetConfig, members: number): Promise<boolean> {
  const terminal = openTerminal(stop);
  if (terminal === undefined) {
    throw new OperatorError(
      'commandLine.confirmationRequired',
      `a probe creates users and groups at ${name} and removes them again; without a terminal, it needs --yes`,
      4,
    );
  }
  console.err(
    `About to create about ${members + 10} users named scimsync-canary-…@example.invalid ` +
      'and a few groups named scimsync-canary-… at',
  );
  console.err(`  ${url}`);
  console.err(
    'to change them, and to remove them again. No other account is changed. ' +
      'Each user may count against a licence until it is removed.',
  );
  try {
    const answer = await terminal.ask('Continue? [y/N] ');
    return answer !== undefined && /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function readGenericProfile(): Profile {
  const result = readProfile('generic', profileIo);
  if (result.kind === 'wrong') throw new OperatorError('commandLine.invalidProfile', result.message, 1);
  return result.profile;
}

/** The probe starts from generic and takes only endpoints, headers and content type from the configured profile. */
function initialProfile(generic: Profile, { protocol: { endpoints, headers, contentType } }: Profile): Profile {
  return { ...generic, protocol: { ...generic.protocol, endpoints, headers, contentType } };
}

function reportProbe(
  { console }: Context,
  target: TargetConfig,
  probed: ProbeResult,
  generic: Profile,
  flags: ProbeFlags,
  files: OutputFiles | undefined,
): ExitCode {
  const { abortReason, remnants } = probed;
  const notRemoved = remnants.filter(({ state }) => state !== 'deactivated');
  const remnantTexts = remnants.map((remnant) => remnantText(remnant, target.url, probed.profile.protocol.endpoints));
  if (abortReason !== undefined) {
    for (const sentence of remnantTexts) console.err(sentence);
    const leftoverText = notRemoved.length === 0 ? 'no canary remains' : 'the canaries that remain are listed above';
    if (!(abortReason instanceof StoppedError))
      throw new OperatorError(abortReason.code, `${target.name}: ${abortReason.message}; ${leftoverText}`);
    console.err(`${target.name}: the probe was stopped early, so there is no profile; ${leftoverText}`);
    return notRemoved.length === 0 ? 0 : 1;
  }
  const profileFile = toProfileFile(probed, generic, target);
  const validation = profileSchema.safeParse(profileFile);
  if (!validation.success) throw new InvariantError(`the probed profile is invalid: ${validation.error.message}`);
  if (files !== undefined) {
    writeFileSync(files.profile, `${JSON.stringify(profileFile, undefined, 2)}\n`, { flag: files.flag });
    writeFileSync(files.evidence, probed.evidence.map((line) => `${line}\n`).join(''), { flag: files.flag });
  }
  for (const line of flags.json ? probeLines(target.name, probed, profileFile) : probeText(probed, profileFile))
    console.out(line);
  if (!flags.json) for (const sentence of remnantTexts) console.out(sentence);
  if (files !== undefined) console.err(`written: ${files.profile}, and its evidence: ${files.evidence}`);
  return notRemoved.length === 0 ? 0 : 1;
}
