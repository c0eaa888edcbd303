import { randomBytes } from 'node:crypto';
import { readProfile, type ProfileResult } from '../../config/profiles/profiles.ts';
import { OperatorError } from '../../model/errors.ts';
import { catalogue, misbehaviourProblem } from '../../sandbox/misbehaviours/catalogue.ts';
import { rehearsalNotice } from '../../sandbox/sandbox.ts';
import type { Console } from '../console.ts';
import type { ExitCode } from '../context.ts';
import { openSandbox } from '../rehearsal/open-sandbox.ts';
import { addressText, untilAborted } from '../rehearsal/serve-until-stopped.ts';
import { profileIo } from '../package-folder.ts';

/** Options of `sandbox`. */
export interface SandboxFlags {
  readonly port: number;
  readonly token: string | undefined;
  /** A built-in profile, or the path of a profile file. Undefined: an application that follows the RFCs. */
  readonly profile: string | undefined;
  readonly misbehave: readonly number[];
  readonly listMisbehaviours: boolean;
  readonly requestsPerSecond: number | undefined;
  readonly latency: number;
}

/**
 * `sandbox`: a local application for tests, until SIGTERM. Its data exists only in memory.
 *
 * @throws OperatorError for an unknown profile or misbehaviour
 */
export async function sandboxCommand(console: Console, flags: SandboxFlags, stop: AbortSignal): Promise<ExitCode> {
  if (flags.listMisbehaviours) return listMisbehaviours(console);
  const namedProfile = flags.profile === undefined ? undefined : readNamedProfile(flags.profile);
  requirePlayable(flags.misbehave);
  const token = flags.token ?? randomBytes(12).toString('hex');
  const label = flags.profile ?? 'a SCIM 2.0 application';
  const sandbox = await openSandbox({
    token,
    port: flags.port,
    label,
    latencyMs: flags.latency,
    misbehaviours: flags.misbehave,
    ...(namedProfile === undefined ? {} : { profile: namedProfile.profile }),
    ...(flags.requestsPerSecond === undefined ? {} : { requestsPerSecond: flags.requestsPerSecond }),
  });
  console.out(rehearsalNotice(label));
  if (namedProfile !== undefined) console.out(`known  ${namedProfile.about.supportLevel ?? 'from a file of your own'}`);
  for (const { number, title } of catalogue.filter((each) => sandbox.misbehaviours.includes(each.number)))
    console.out(`plays  ${number}: ${title}`);
  for (const line of addressText({ url: sandbox.url, token, page: `http://127.0.0.1:${sandbox.port}/` }))
    console.out(line);
  await untilAborted(stop);
  await sandbox.close();
  return 0;
}

/** @throws OperatorError for a misbehaviour that does not exist or cannot be played */
export function requirePlayable(misbehaviours: readonly number[]): void {
  const problem = misbehaviours.map(misbehaviourProblem).find((message) => message !== undefined);
  if (problem !== undefined)
    throw new OperatorError('commandLine.unknownMisbehaviour', `${problem} --list-misbehaviours lists all.`, 4);
}

function readNamedProfile(name: string): Extract<ProfileResult, { kind: 'profile' }> {
  const result = readProfile(name, profileIo);
  if (result.kind === 'wrong') throw new OperatorError('commandLine.invalidProfile', result.message, 4);
  return result;
}

function listMisbehaviours(console: Console): ExitCode {
  for (const each of catalogue) {
    const reason = 'cannot' in each ? ` (cannot be played: ${each.cannot})` : '';
    console.out(`${String(each.number).padStart(3)}  ${each.title}${reason}`);
  }
  return 0;
}
