import type { Instant } from '../model/ids.ts';
import type { Incident, IncidentFact, IncidentKind } from '../model/notify/incident.ts';

/** What can be judged now. */
export interface Facts {
  readonly present: readonly IncidentFact[];
  /** Whether it is not known now if an incident lasts, because a pass is at work on it. */
  readonly isUnknown: (kind: IncidentKind, target: string | undefined) => boolean;
}

/** How incidents go on. */
export interface IncidentChanges {
  /** Those that began; pending: only what lasts is an incident. */
  readonly opened: readonly { readonly fact: IncidentFact; readonly isPending: boolean }[];
  /** Those that have lasted long enough. */
  readonly confirmed: readonly Incident[];
  /** Those that last, and read otherwise. */
  readonly revised: readonly { readonly id: number; readonly fact: IncidentFact; readonly isWorse: boolean }[];
  readonly closed: readonly Incident[];
  /** Those that ended before they had lasted long enough: they were none. */
  readonly dropped: readonly Incident[];
}

/**
 * Compares the facts with the incidents that last. There is one incident of a kind for each target at a time.
 *
 * @param open without those that ended
 */
export function followIncidents(
  open: readonly Incident[],
  { present, isUnknown }: Facts,
  now: Instant,
): IncidentChanges {
  const known = new Map(open.map((incident) => [subjectOf(incident), incident]));
  const facts = new Map(present.map((fact) => [subjectOf(fact), fact]));
  const lasting = [...facts].flatMap(([subject, fact]) => {
    const incident = known.get(subject);
    return incident === undefined ? [] : [{ incident, fact }];
  });
  const ended = open.filter(
    (incident) => !facts.has(subjectOf(incident)) && !isUnknown(incident.kind, incident.target),
  );
  return {
    opened: [...facts].flatMap(([subject, fact]) =>
      known.has(subject) ? [] : [{ fact, isPending: fact.delayMs > 0 }],
    ),
    confirmed: lasting.flatMap(({ incident, fact }) =>
      incident.isPending && now - incident.opened >= fact.delayMs ? [incident] : [],
    ),
    revised: lasting.flatMap(({ incident, fact }) =>
      readsAs(incident, fact) ? [] : [{ id: incident.id, fact, isWorse: fact.stage > incident.stage }],
    ),
    closed: ended.filter(({ isPending }) => !isPending),
    dropped: ended.filter(({ isPending }) => isPending),
  };
}

const subjectOf = ({ kind, target }: Pick<IncidentFact, 'kind' | 'target'>): string => JSON.stringify([kind, target]);

type Content = Pick<IncidentFact, 'text' | 'details' | 'command' | 'stage'>;

const readsAs = (one: Content, other: Content): boolean => contentOf(one) === contentOf(other);

const contentOf = ({ text, details, command, stage }: Content): string =>
  JSON.stringify([text, details, command, stage]);
