import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Config, TargetConfig } from '../../config/config.ts';
import { profileSchema } from '../../config/profile-schema.ts';
import { readProfile } from '../../config/profiles.ts';
import { redactor } from '../../config/secrets.ts';
import { InvariantError, OperatorError } from '../../model/errors.ts';
import type { Profile } from '../../model/profile.ts';
import { probe, Stopped, writtenProfile, type Probed } from '../../probe/probe.ts';
import { checkTargets, type Context, type ExitCode } from '../context.ts';
import { probeLines, probeText, sayRemnant } from '../print/probe-text.ts';
import { lineSettings, profileIo } from '../wire.ts';
import { realClock, realRandom } from '../world.ts';

export interface ProbeFlags {
  /** Where the profile goes. */
  readonly write?: string;
  readonly yes: boolean;
  readonly json: boolean;
  /** Most members that one request is tried with. */
  readonly members: number;
  readonly force: boolean;
}

/** Finds out with canaries how a target behaves, removes them, and writes a profile. */
export async function probeCommand(context: Context, name: string, flags: ProbeFlags): Promise<ExitCode> {
  const { config, console, stop } = context;
  const target = targetOf(config, name);
  const files = flags.write === undefined ? undefined : filesOf(flags.write, flags.force);
  if (!flags.yes && !(await isAgreed(context, target, flags.members))) {
    console.err('nothing was created');
    return 0;
  }
  const generic = genericProfile();
  const told = (): void => console.err('told to stop: what was made is removed first');
  stop.addEventListener('abort', told, { once: true });
  const probed = await probe(
    { ...lineSettings(target), start: startFrom(generic, target.profile), members: flags.members },
    {
      clock: realClock,
      random: realRandom,
      signal: stop,
      redact: redactor(config.secrets),
      progress: (sentence) => console.err(`${name}: ${sentence} …`),
    },
  );
  stop.removeEventListener('abort', told);
  return report(context, target, probed, generic, flags, files);
}

function targetOf(config: Config, name: string): TargetConfig {
  checkTargets(config, [name]);
  const target = config.targets.find((each) => each.name === name);
  if (target === undefined) throw new InvariantError(`target ${name} was checked and is not there`);
  return target;
}

interface Files {
  readonly profile: string;
  readonly evidence: string;
  readonly flag: 'w' | 'wx';
}

/** @throws OperatorError where they cannot be written; it is better to know before anything is made */
function filesOf(write: string, force: boolean): Files {
  const profile = resolve(write);
  const files: Files = {
    profile,
    evidence: `${profile.replace(/\.json$/, '')}.evidence.jsonl`,
    flag: force ? 'w' : 'wx',
  };
  if (!profile.endsWith('.json')) throw new OperatorError(`a profile's file ends in .json, and ${write} does not`, 4);
  for (const file of [files.profile, files.evidence]) {
    if (!force && existsSync(file))
      throw new OperatorError(`${file} is there already; nothing was created. --force overwrites it`, 4);
  }
  try {
    accessSync(dirname(profile), constants.W_OK);
  } catch {
    throw new OperatorError(`nothing can be written into ${dirname(profile)}; nothing was created`, 4);
  }
  return files;
}

/** @throws OperatorError where nobody can be asked */
async function isAgreed({ console, stop }: Context, { name, url }: TargetConfig, members: number): Promise<boolean> {
  if (process.stdin.isTTY !== true || !console.interactive) {
    throw new OperatorError(
      `a probe creates people and groups at ${name} and removes them again; without a terminal to ask on, it wants --yes`,
      4,
    );
  }
  console.err(
    `About to create some ${members + 10} people called scimsync-canary-…@example.invalid and a few groups called scimsync-canary-… at`,
  );
  console.err(`  ${url}`);
  console.err(
    'to change them, and to remove them again. Nobody else is touched. Every one may count against a licence while it is there.',
  );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D are a no; without this nobody would answer the question any more.
  const no = new AbortController();
  lines.on('SIGINT', () => no.abort()).on('close', () => no.abort());
  try {
    const answer = await lines.question('Go on? [y/N] ', { signal: AbortSignal.any([stop, no.signal]) });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}

function genericProfile(): Profile {
  const read = readProfile('generic', profileIo);
  if (read.kind === 'wrong') throw new OperatorError(read.message, 1);
  return read.profile;
}

/** Nothing of what the configured profile says is believed, but where things are and what every request must bear. */
function startFrom(generic: Profile, { speaks: { endpoints, headers, contentType } }: Profile): Profile {
  return { ...generic, speaks: { ...generic.speaks, endpoints, headers, contentType } };
}

function report(
  { console }: Context,
  target: TargetConfig,
  probed: Probed,
  generic: Profile,
  flags: ProbeFlags,
  files: Files | undefined,
): ExitCode {
  const { ended, remnants } = probed;
  const mustGo = remnants.filter(({ state }) => state !== 'closed');
  const remaining = remnants.map((remnant) => sayRemnant(remnant, target.url, probed.profile.speaks.endpoints));
  if (ended !== undefined) {
    for (const sentence of remaining) console.err(sentence);
    const rest = mustGo.length === 0 ? 'nothing of it is left there' : 'what is left there is named above';
    if (!(ended instanceof Stopped)) throw new OperatorError(`${target.name}: ${ended.message}; ${rest}`);
    console.err(`${target.name}: the probe was stopped before its end, so there is no profile; ${rest}`);
    return mustGo.length === 0 ? 0 : 1;
  }
  const written = writtenProfile(probed, generic, target);
  const checked = profileSchema.safeParse(written);
  if (!checked.success)
    throw new InvariantError(`the profile that was found out is no profile: ${checked.error.message}`);
  if (files !== undefined) {
    writeFileSync(files.profile, `${JSON.stringify(written, undefined, 2)}\n`, { flag: files.flag });
    writeFileSync(files.evidence, probed.evidence.map((line) => `${line}\n`).join(''), { flag: files.flag });
  }
  for (const line of flags.json ? probeLines(target.name, probed, written) : probeText(probed, written))
    console.out(line);
  if (!flags.json) for (const sentence of remaining) console.out(sentence);
  if (files !== undefined) console.err(`written: ${files.profile}, and what it rests on: ${files.evidence}`);
  return mustGo.length === 0 ? 0 : 1;
}
