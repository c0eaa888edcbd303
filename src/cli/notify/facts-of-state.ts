import type { IncidentFact, IncidentKind, IncidentLimits } from '../../model/notify/incident.ts';
import type { Facts } from '../../notify/follow-incidents.ts';
import type { Finding, FindingKind } from '../../page/facts/finding.ts';
import type { TargetConditions } from '../../store/notifications/conditions-interface.ts';
import type { PassInfo } from '../../store/store.ts';
import type { UpkeepFinding } from '../facts/upkeep.ts';
import { plural } from '../print/format.ts';
import { failingFindings, lastPassFindings, laneFindings } from '../print/status/target-findings.ts';
import { openLeaversText } from '../print/status/open-leavers-text.ts';
import type { NameAtTarget } from '../../store/store.ts';

/** What incidents are derived from. */
export interface IncidentState {
  readonly pass: PassInfo | undefined;
  /** Those of the configuration, with what their lanes do now. */
  readonly targets: readonly TargetConditions[];
  readonly source: readonly Finding[];
  readonly upkeep: readonly UpkeepFinding[];
  readonly nameAtTarget: NameAtTarget;
}

/** What a person must know, as incidents. Texts have no data of people; details may. */
export function factsOfState(state: IncidentState, limits: IncidentLimits): Facts {
  const { pass, targets } = state;
  const busy = new Set(targets.flatMap(({ name, lane }) => (lane?.state === 'busy' ? [name] : [])));
  // What fails at a target that does not work means nothing for the records.
  const unreachable = new Set(
    targets.filter((target) => unreachableText(target) !== undefined).map(({ name }) => name),
  );
  // A pass that has accepted its reading shows that the source works, however long the targets take.
  const isReading = pass !== undefined && pass.result === undefined && pass.reading === undefined;
  return {
    present: [
      ...sourceFacts(state.source),
      ...upkeepFacts(state.upkeep),
      ...targets.flatMap((target) => targetFacts(target, state.nameAtTarget, limits)),
    ],
    isUnknown: (kind, target) =>
      target === undefined
        ? kind === 'refused' && isReading
        : kind !== 'expires' && (busy.has(target) || (kind === 'failing' && unreachable.has(target))),
  };
}

function sourceFacts(findings: readonly Finding[]): readonly IncidentFact[] {
  const of = (kind: FindingKind): readonly Finding[] => findings.filter((finding) => finding.kind === kind);
  const keyChanges = of('keyChanges');
  return [
    ...of('refused')
      .slice(0, 1)
      .map(({ text, details = [] }) => fact('refused', undefined, text, { details })),
    ...(keyChanges.length === 0
      ? []
      : [
          fact(
            'keyChanges',
            undefined,
            'Users or groups seem to have another key in the source; they wait for a decision.',
            { details: keyChanges.flatMap(linesOf), command: 'scimsync relink' },
          ),
        ]),
  ];
}

/** One fact of a kind for each target: the most urgent finding counts. */
function upkeepFacts(upkeep: readonly UpkeepFinding[]): readonly IncidentFact[] {
  const subjects = [...new Set(upkeep.map(subjectOf))];
  return subjects.flatMap((subject): readonly IncidentFact[] => {
    const findings = upkeep.filter((finding) => subjectOf(finding) === subject);
    const [first] = findings;
    if (first === undefined) return [];
    const text = findings.map((finding) => finding.text).join('; ');
    const stage = Math.max(...findings.map((finding) => finding.stage));
    return [fact(first.kind, first.target, text, { stage, command: first.command ?? 'scimsync check' })];
  });
}

const subjectOf = ({ kind, target }: UpkeepFinding): string => JSON.stringify([kind, target]);

function targetFacts(
  target: TargetConditions,
  nameAtTarget: NameAtTarget,
  { failingMs }: IncidentLimits,
): readonly IncidentFact[] {
  const { name, failing, openLeavers, leaverDrift } = target;
  const unreachable = unreachableText(target);
  const held = lastPassFindings(target).filter(({ kind }) => kind === 'held');
  const facts: readonly (IncidentFact | undefined)[] = [
    held.length === 0
      ? undefined
      : fact('held', name, `${name}: ${held.map(({ text }) => text).join('; ')}`, {
          command: held.find(({ command }) => command !== undefined)?.command,
        }),
    unreachable === undefined ? undefined : fact('unreachable', name, `${name} does not work: ${unreachable}`),
    failing.length === 0 || unreachable !== undefined
      ? undefined
      : fact(
          'failing',
          name,
          `${name}: ${plural(failing.length, 'record fails', 'records fail')}; each is tried again`,
          {
            details: failingFindings(target, nameAtTarget).map(({ text }) => text),
            delayMs: failingMs,
          },
        ),
    openLeavers.total === 0 ? undefined : fact('openLeavers', name, ...openLeaversFact(target)),
    leaverDrift.open + leaverDrift.repaired === 0
      ? undefined
      : fact('leaverDrift', name, driftText(target), { command: `scimsync drift --target ${name}` }),
  ];
  return facts.filter((one) => one !== undefined);
}

function openLeaversFact({ name, openLeavers }: TargetConditions): readonly [string, Partial<IncidentFact>] {
  const [text = '', ...details] = openLeaversText(openLeavers);
  return [`${name}: ${text}`, { details }];
}

function driftText({ name, leaverDrift: { open, repaired } }: TargetConditions): string {
  const count = plural(open + repaired, 'account of a leaver was', 'accounts of leavers were');
  const now =
    repaired === 0
      ? 'access is open'
      : open === 0
        ? 'access is closed again'
        : `access is open at ${open}, and closed again at ${repaired}`;
  return `${name}: ${count} active again, without scimsync: ${now}`;
}

/** Why a target does not work; undefined: it does. */
const unreachableText = (target: TargetConditions): string | undefined =>
  [...laneFindings(target), ...lastPassFindings(target)].find(
    ({ kind }) => kind === 'quarantined' || kind === 'unavailable',
  )?.text;

const fact = (
  kind: IncidentKind,
  target: string | undefined,
  text: string,
  rest: Partial<Pick<IncidentFact, 'details' | 'command' | 'stage' | 'delayMs'>> = {},
): IncidentFact => ({
  ...{ kind, target, text, details: [], command: 'scimsync status', stage: 0, delayMs: 0 },
  ...rest,
});

const linesOf = ({ text, details = [] }: Finding): readonly string[] => [text, ...details];
