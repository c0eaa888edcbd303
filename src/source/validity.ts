import { createMomentParser, type Edge, type MomentParser } from '../model/dates/parse-moment.ts';
import type { DateSettings } from '../model/dates/read-date.ts';
import type { Validity } from '../model/dates/validity.ts';
import { isZone } from '../model/dates/zone.ts';
import type { Attributes } from '../model/record.ts';

/** An expression of the operator that gives a text for a row. */
export interface RowText {
  /** The source text of the expression. */
  readonly text: string;
  /** The attributes that it reads. Undefined where it computes a name. */
  readonly usedAttributes?: ReadonlySet<string> | undefined;
  /** @returns '' where the row has no value */
  evaluate(attributes: Attributes): string | { readonly error: string };
}

/** How rows state the period in which a user has access. */
export interface ValiditySettings {
  readonly validFrom?: RowText | undefined;
  readonly validTo?: RowText | undefined;
  /** The time zone of a user; without it, or where it is blank, that of `dates`. */
  readonly zone?: RowText | undefined;
  readonly dates: Omit<DateSettings, 'numbers'>;
}

/** Reads the period of a user from the attributes of the row. */
export type ReadValidity = (attributes: Attributes) => Validity | { readonly error: string };

/** The attributes that the expressions read; undefined: one of them computes a name. */
export function validityAttributes(settings: ValiditySettings | undefined): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const expression of expressionsOf(settings)) {
    if (expression.usedAttributes === undefined) return undefined;
    for (const name of expression.usedAttributes) names.add(name);
  }
  return names;
}

/** The attributes of the dates, whose loss would give access to people who left. */
export function dateAttributes(settings: ValiditySettings | undefined): ReadonlySet<string> {
  return new Set(
    [settings?.validFrom, settings?.validTo].flatMap((expression) => [...(expression?.usedAttributes ?? [])]),
  );
}

/** Everything that decides what a row means, for a signature; undefined: rows have no dates. */
export const validityInputs = (settings: ValiditySettings | undefined): unknown =>
  settings === undefined
    ? undefined
    : [
        settings.validFrom?.text,
        settings.validTo?.text,
        settings.zone?.text,
        settings.dates,
        // The mirror of an earlier version lacks the zones of users.
        ...(settings.zone === undefined ? [] : ['with zones']),
      ];

/** @param numbers what a plain number is in this source */
export function validityReader(settings: ValiditySettings, numbers: DateSettings['numbers']): ReadValidity {
  const parser = createMomentParser({ ...settings.dates, numbers });
  return (attributes) => {
    const ownZone = zoneOf(settings, attributes);
    if (typeof ownZone === 'object') return ownZone;
    const zone = ownZone ?? settings.dates.zone;
    const validFrom = limitOf('validFrom', 'start', settings, attributes, parser, zone);
    if (typeof validFrom === 'object') return validFrom;
    const validTo = limitOf('validTo', 'end', settings, attributes, parser, zone);
    if (typeof validTo === 'object') return validTo;
    return { validFrom, validTo, ...(ownZone === undefined ? {} : { zone: ownZone }) };
  };
}

const expressionsOf = (settings: ValiditySettings | undefined): readonly RowText[] =>
  [settings?.validFrom, settings?.validTo, settings?.zone].filter((expression) => expression !== undefined);

/** The user's own zone; undefined: the row has none. */
function zoneOf({ zone }: ValiditySettings, attributes: Attributes): string | undefined | { readonly error: string } {
  const text = zone?.evaluate(attributes) ?? '';
  if (typeof text !== 'string') return { error: `zone: ${text.error}` };
  const name = text.trim();
  if (name === '') return undefined;
  return isZone(name)
    ? name
    : { error: `zone is ${JSON.stringify(name.slice(0, 40))}; write the name of a time zone such as Europe/Berlin` };
}

function limitOf(
  name: 'validFrom' | 'validTo',
  edge: Edge,
  settings: ValiditySettings,
  attributes: Attributes,
  parser: MomentParser,
  zone: string,
): ReturnType<MomentParser['parse']> {
  const text = settings[name]?.evaluate(attributes) ?? '';
  if (typeof text !== 'string') return { error: `${name}: ${text.error}` };
  const moment = parser.parse(text, edge, zone);
  return typeof moment === 'object' ? { error: `${name}: ${moment.error}` } : moment;
}
