import type { Incident, IncidentFact, IncidentKind } from '../model/notify/incident.ts';

/** What can be judged now. */
export interface Facts {
  readonly present: readonly IncidentFact[];
  /** Whether it is not known now if an incident lasts, because a pass is at work on it. */
  readonly isUnknown: (kind: IncidentKind, target: string | undefined) => boolean;
}

/** How incidents go on. */
export interface IncidentChanges {
  readonly opened: readonly IncidentFact[];
  /** Those that last, and read otherwise. */
  readonly revised: readonly { readonly id: number; readonly fact: IncidentFact }[];
  readonly closed: readonly Incident[];
}

/**
 * Compares the facts with the incidents that last. There is one incident of a kind for each target at a time.
 *
 * @param open without those that ended
 */
export function followIncidents(open: readonly Incident[], { present, isUnknown }: Facts): IncidentChanges {
  const known = new Map(open.map((incident) => [subjectOf(incident), incident]));
  const now = new Map(present.map((fact) => [subjectOf(fact), fact]));
  return {
    opened: [...now].flatMap(([subject, fact]) => (known.has(subject) ? [] : [fact])),
    revised: [...now].flatMap(([subject, fact]) => {
      const incident = known.get(subject);
      return incident === undefined || readsAs(incident, fact) ? [] : [{ id: incident.id, fact }];
    }),
    closed: open.filter((incident) => !now.has(subjectOf(incident)) && !isUnknown(incident.kind, incident.target)),
  };
}

const subjectOf = ({ kind, target }: Pick<IncidentFact, 'kind' | 'target'>): string => JSON.stringify([kind, target]);

const readsAs = (one: IncidentFact, other: IncidentFact): boolean => contentOf(one) === contentOf(other);

const contentOf = ({ text, details, command }: IncidentFact): string => JSON.stringify([text, details, command]);
