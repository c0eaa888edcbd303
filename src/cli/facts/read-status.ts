import type { Config } from '../../config/config.ts';
import { maxNamedRejections } from '../../model/reading/rejected-row.ts';
import { instant, type Instant } from '../../model/ids.ts';
import type { KnownChannel } from '../../model/notify/incident.ts';
import { needsPerson, type Finding } from '../../page/facts/finding.ts';
import { hourMs } from '../../model/time.ts';
import { goneTargets } from '../../plan/target-identity.ts';
import type { OpenLeavers, TargetConditions } from '../../store/notifications/conditions-interface.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { TargetStatus } from '../../store/target-status.ts';
import type { ApprovalRecord, Freeze, PassInfo } from '../../store/store.ts';
import type { WaitingLeavers } from '../../sync/suspensions/leavers-at-pause.ts';
import { laneNow } from '../print/status/lane-text.ts';
import { targetFindings } from '../print/status/target-findings.ts';
import { emptyStatus, goneText } from '../print/status/target-status.ts';
import { sourceFindings } from './source-findings.ts';
import { findUpkeep, type UpkeepFinding } from './upkeep.ts';

/** All that `status` and the status page show. */
export interface Status {
  readonly pass: PassInfo | undefined;
  /** The last command by which an operator changed the state, if it is newer than the last pass. */
  readonly action: PassInfo | undefined;
  readonly holder: ReturnType<ReadOnlyStore['holder']>;
  /** The approvals of the last pass, and those that wait for the next one. */
  readonly approvals: readonly ApprovalRecord[];
  readonly freezes: readonly Freeze[];
  readonly source: readonly Finding[];
  /** Credentials, exports, and whether passes run. */
  readonly upkeep: readonly UpkeepFinding[];
  readonly targets: readonly StatusOfTarget[];
  /** The channels of notifications that failed last. */
  readonly failingChannels: readonly KnownChannel[];
}

/** A target of the configuration, or one that only the state has. */
export interface StatusOfTarget {
  readonly status: TargetStatus;
  readonly isConfigured: boolean;
  readonly leavers: WaitingLeavers | undefined;
  readonly findings: readonly Finding[];
}

/** Whether a person must look at something. */
export const statusNeedsPerson = ({
  source,
  upkeep,
  targets,
}: Pick<Status, 'source' | 'upkeep' | 'targets'>): boolean =>
  [...source, ...upkeep, ...targets.flatMap(({ findings }) => findings)].some(needsPerson);

/** Reads what an operator should know now. */
export async function readStatus(view: ReadOnlyStore, config: Config, now: Instant): Promise<Status> {
  const holder = view.holder();
  const known = view.targets();
  const names = config.targets.map(({ name }) => name);
  const configured = names
    .map((name) => known.find((target) => target.name === name) ?? emptyStatus(name))
    .map((target) => ({ ...target, lane: laneNow(target, holder !== undefined) }));
  const leavers = await leaversAtPauses(view, config, configured, now);
  const openLeavers = new Map(
    conditionsAt(view, config, now).map(({ name, openLeavers: open }) => [name, open] as const),
  );
  const gone = goneTargets(names, view.knownTargets()).map(({ name }) => name);
  const pass = view.lastPass();
  const action = view.lastAction();
  return {
    pass,
    action: action !== undefined && action.id > (pass?.id ?? 0) ? action : undefined,
    holder,
    approvals: [...view.approvals(pass?.id), ...view.approvals('waiting')],
    freezes: freezesInForce(view, now),
    failingChannels: view.notifications.state().channels.filter(({ failure }) => failure !== undefined),
    source: await sourceFindings(view, config, maxNamedRejections),
    upkeep: await findUpkeep(config, view, now),
    targets: [
      ...configured.map((status) => ({
        status,
        isConfigured: true,
        leavers: leavers.get(status.name),
        findings: targetFindings(
          status,
          leavers.get(status.name),
          openLeavers.get(status.name) ?? noOpenLeavers,
          view.nameAtTarget,
        ),
      })),
      ...known
        .filter(({ name }) => gone.includes(name))
        .map((status) => ({ status, isConfigured: false, leavers: undefined, findings: [goneFinding(status)] })),
    ],
  };
}

/** A leaver that a difference brought back is reported for this time after the access was closed again, in ms. */
const repairedMs = hourMs;

/** What incidents at targets are derived from, now. */
export const conditionsAt = (
  { conditions }: Pick<ReadOnlyStore, 'conditions'>,
  { incidents }: Pick<Config, 'incidents'>,
  now: Instant,
): readonly TargetConditions[] =>
  conditions.targets({ openSince: instant(now - incidents.openLeaverMs), driftSince: instant(now - repairedMs) });

const noOpenLeavers: OpenLeavers = { total: 0, since: undefined, first: [] };

function goneFinding(status: TargetStatus): Finding {
  const [text = '', ...details] = goneText(status);
  return { kind: 'gone', text, details: details.map((line) => line.trim()) };
}

/** Who loses access after the pause, for each paused target. */
async function leaversAtPauses(
  view: ReadOnlyStore,
  config: Config,
  targets: readonly TargetStatus[],
  now: Instant,
): Promise<ReadonlyMap<string, WaitingLeavers>> {
  const leavers = new Map<string, WaitingLeavers>();
  const paused = targets.flatMap(({ name, paused: pause }) => (pause === undefined ? [] : [name]));
  if (paused.length === 0) return leavers;
  // Only a pause needs the rules of targets.
  const { leaversAtPause } = await import('../../sync/suspensions/leavers-at-pause.ts');
  const { wireTargets } = await import('../wire.ts');
  for (const spec of wireTargets(config))
    if (paused.includes(spec.name)) leavers.set(spec.name, await leaversAtPause(view, spec, now));
  return leavers;
}

/** A freeze whose time has passed ends with the next pass. */
const freezesInForce = (view: ReadOnlyStore, now: Instant): readonly Freeze[] =>
  view.freezes().filter(({ ended, until }) => ended === undefined && (until === undefined || until > now));
