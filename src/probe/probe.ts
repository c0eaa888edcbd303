import type { Instant } from '../model/ids.ts';
import type { Profile } from '../model/profile.ts';
import type { Clock, Random } from '../model/world.ts';
import { openLine, type LineSettings } from '../scim/line.ts';
import type { Send } from '../scim/message.ts';
import { arrive } from './arrival.ts';
import { cleanUp, type Remnant } from './cleanup.ts';
import { evidenceLines, recordingTo, type Exchanged } from './evidence.ts';
import { openNotebook, type Finding } from './finding.ts';
import { openGround, type Ground, type Lateness } from './ground.ts';
import { judgeHaste } from './haste.ts';
import { openLedger } from './ledger.ts';
import { isCanary, nameOf, openNames } from './names.ts';
import { Stopped, TargetGone } from './trouble.ts';
import { investigate } from './investigation.ts';
import { leftovers } from './leftovers.ts';
import { member } from '../model/shape.ts';
import { asRemoteId } from '../scim/address.ts';

export type { Finding } from './finding.ts';
export type { Remnant } from './cleanup.ts';
export { Stopped, TargetGone } from './trouble.ts';
export { writtenProfile, type Written } from './written.ts';

export interface ProbeSettings extends LineSettings {
  /** The words that are believed until something else is seen. Of `profile` only the pace counts. */
  readonly start: Profile;
  /** Most members that one request is tried with. */
  readonly members: number;
}

export interface ProbeWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly send?: Send;
  /** Aborted when we are to stop: then the canaries are removed, and nothing more is found out. */
  readonly signal: AbortSignal;
  /** Hides the secrets of the configuration. */
  readonly redact: (text: string) => string;
  /** Told what is being done. */
  readonly progress: (sentence: string) => void;
}

export interface Probed {
  readonly at: Instant;
  /** Why it ended early: told to stop, or nothing more could be found out there. */
  readonly ended?: Stopped | TargetGone;
  readonly findings: readonly Finding[];
  /** The profile that was begun with, with every word that was found out. */
  readonly profile: Profile;
  /** Canaries that are still there. */
  readonly remnants: readonly Remnant[];
  /** JSON lines. */
  readonly evidence: readonly string[];
  readonly requests: number;
}

/** How long the removal of the canaries may take once we were told to stop, in milliseconds. */
const farewellMs = 120_000;

/**
 * Finds out how an application behaves, with canaries that it makes and removes. Whatever happens in between, they are removed:
 *
 *     are we welcome ── leftovers ── experiments ── removal on a line of its own ── what is known
 *
 * @throws what is no trouble of the target's but a mistake of ours, after the canaries were removed
 */
export async function probe(settings: ProbeSettings, world: ProbeWorld): Promise<Probed> {
  const { clock, random, signal, redact, progress } = world;
  const at = clock.now();
  const exchanges: Exchanged[] = [];
  const lineWorld = {
    clock,
    random,
    ...(world.send === undefined ? {} : { send: world.send }),
    tap: recordingTo(
      (one) => exchanges.push(one),
      settings.url,
      () => clock.now(),
    ),
  };
  const names = openNames(at);
  const ledger = openLedger();
  const book = openNotebook(settings.start);
  const lateness: Lateness = { milliseconds: 0 };

  const onGround = async <T>(until: AbortSignal, work: (ground: Ground) => Promise<T>): Promise<T> => {
    const line = openLine({ ...settings, profile: { ...settings.start, allows: settings.profile.allows } }, lineWorld);
    try {
      return await work(openGround({ exchange: line.exchange, clock, signal: until, names, ledger, book, lateness }));
    } finally {
      line.close();
    }
  };

  let ended: Stopped | TargetGone | undefined;
  let mistake: { readonly error: unknown } | undefined;
  try {
    await onGround(signal, async (ground) => {
      await arrive(ground);
      await leftovers(ground);
      await investigate(ground, { members: settings.members, progress });
    });
  } catch (error) {
    if (error instanceof Stopped || error instanceof TargetGone) ended = error;
    else mistake = { error };
  }
  const remnants = await farewell();
  if (mistake !== undefined) {
    for (const { kind, name } of remnants) progress(`still there: ${kind} ${name}`);
    throw mistake.error;
  }
  book.note(...judgeHaste(exchanges, settings.profile.allows.requestsPerSecond));
  const isOurs = (row: unknown): boolean => {
    const id = asRemoteId(member(row, 'id'));
    return (
      isCanary(nameOf('User', row)) ||
      isCanary(nameOf('Group', row)) ||
      (id !== undefined && (ledger.owned('User', id) ?? ledger.owned('Group', id)) !== undefined)
    );
  };
  return {
    at,
    findings: book.findings,
    profile: book.profile(),
    remnants,
    requests: exchanges.length,
    evidence: evidenceLines(exchanges, settings.url, redact, isOurs),
    ...(ended === undefined ? {} : { ended }),
  };

  /** On a line of its own: the one before may have given the target up. */
  async function farewell(): Promise<readonly Remnant[]> {
    const open = ledger.open();
    if (open.length > 0) progress(`removing what was made: ${open.map(({ name }) => name).join(', ')}`);
    const patience = new AbortController();
    const inTime = new AbortController();
    void clock.sleep(farewellMs, inTime.signal).then(
      () => patience.abort(),
      () => undefined,
    );
    const remnants = await onGround(patience.signal, cleanUp);
    inTime.abort();
    return remnants;
  }
}
