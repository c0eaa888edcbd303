import type { IncidentFact, IncidentKind } from '../../model/notify/incident.ts';
import type { Instant } from '../../model/ids.ts';
import { formatTime, hourMs } from '../../model/time.ts';
import type { Facts } from '../../notify/follow-incidents.ts';
import type { Finding, FindingKind } from '../../page/facts/finding.ts';
import type { Status, StatusOfTarget } from '../facts/read-status.ts';
import { plural } from '../print/format.ts';

/** A source of which no pass accepted a reading for this time is an incident. In ms. */
const staleMs = 24 * hourMs;

/**
 * What a person must know, as incidents. Texts have no data of people; details may.
 *
 * @param readAt when a reading was last accepted; undefined: never
 */
export function factsOfStatus(status: Status, readAt: Instant | undefined, now: Instant): Facts {
  const busy = new Set(status.targets.flatMap(({ status: { name, lane } }) => (lane?.state === 'busy' ? [name] : [])));
  // What fails at a target that does not work means nothing for the records.
  const unreachable = new Set(
    status.targets.flatMap(({ status: { name }, findings }) => (findings.some(isUnreachable) ? [name] : [])),
  );
  const { pass } = status;
  // A pass that has accepted its reading shows that the source works, however long the targets take.
  const isReading = pass !== undefined && pass.result === undefined && pass.reading === undefined;
  return {
    present: [
      ...sourceFacts(status.source),
      ...staleFacts(readAt, now),
      ...status.targets.filter(({ isConfigured }) => isConfigured).flatMap(targetFacts),
    ],
    isUnknown: (kind, target) =>
      target === undefined
        ? kind === 'refused' && isReading
        : busy.has(target) || (kind === 'failing' && unreachable.has(target)),
  };
}

function sourceFacts(findings: readonly Finding[]): readonly IncidentFact[] {
  const of = (kind: FindingKind): readonly Finding[] => findings.filter((finding) => finding.kind === kind);
  const keyChanges = of('keyChanges');
  return [
    ...of('refused')
      .slice(0, 1)
      .map((finding) => fact('refused', undefined, finding.text, finding.details ?? [], 'scimsync status')),
    ...(keyChanges.length === 0
      ? []
      : [
          fact(
            'keyChanges',
            undefined,
            'Users or groups seem to have another key in the source; they wait for a decision.',
            keyChanges.flatMap(linesOf),
            'scimsync relink',
          ),
        ]),
  ];
}

const staleFacts = (readAt: Instant | undefined, now: Instant): readonly IncidentFact[] =>
  readAt === undefined || now - readAt <= staleMs
    ? []
    : [
        fact(
          'stale',
          undefined,
          `No reading of the source was accepted since ${formatTime(readAt)}: joiners and leavers wait.`,
          [],
          'scimsync status',
        ),
      ];

function targetFacts({ status: { name, failing }, findings }: StatusOfTarget): readonly IncidentFact[] {
  const held = findings.filter(({ kind }) => kind === 'held');
  const unreachable = findings.find(isUnreachable);
  return [
    ...(held.length === 0
      ? []
      : [
          fact(
            'held',
            name,
            `${name}: ${held.map(({ text }) => text).join('; ')}`,
            [],
            held.find(({ command }) => command !== undefined)?.command,
          ),
        ]),
    ...(unreachable === undefined
      ? []
      : [fact('unreachable', name, `${name} does not work: ${unreachable.text}`, [], 'scimsync status')]),
    ...(failing.length === 0 || unreachable !== undefined
      ? []
      : [
          fact(
            'failing',
            name,
            `${name}: ${plural(failing.length, 'record fails', 'records fail')}; each is tried again`,
            findings.filter(({ kind }) => kind === 'failing').map(({ text }) => text),
            'scimsync status',
          ),
        ]),
  ];
}

const fact = (
  kind: IncidentKind,
  target: string | undefined,
  text: string,
  details: readonly string[],
  command: string | undefined,
): IncidentFact => ({ kind, target, text, details, command });

const isUnreachable = ({ kind }: Finding): boolean => kind === 'quarantined' || kind === 'unavailable';

const linesOf = ({ text, details = [] }: Finding): readonly string[] => [text, ...details];
