import { instant, type Instant } from '../ids.ts';
import { readDate, type DateSettings } from './read-date.ts';
import { endOfDay, startOfDay } from './zone.ts';

/** Reads the limits of periods; equal texts are parsed once. */
export interface MomentParser {
  /**
   * The moment that a text means. A date without a time is a whole day: its start, or as an `end` the start of the next
   * day, in the zone.
   *
   * @param edge which limit of a period the text is
   * @returns undefined: no limit, also for blank text; `error` states the value and the formats
   */
  parse(text: string, edge: Edge, zone?: string): Instant | undefined | { readonly error: string };
}

/** The limit of a period that a date states. */
export type Edge = 'start' | 'end';

type Parsed = Instant | undefined | { readonly error: string };

/** Texts that are remembered: more than the days on which the people of a company join and leave. */
const maxRemembered = 20_000;

/** Creates a parser with a memory, because parsing a date costs more than all other cells of its row. */
export function createMomentParser(settings: DateSettings): MomentParser {
  const remembered = new Map<string, Parsed>();
  return {
    parse(text, edge, zone = settings.zone) {
      const id = `${edge}\0${zone}\0${text}`;
      if (remembered.has(id)) return remembered.get(id);
      if (remembered.size >= maxRemembered) remembered.clear();
      const parsed = parseMoment(text, edge, { ...settings, zone });
      remembered.set(id, parsed);
      return parsed;
    },
  };
}

/** `MomentParser.parse`, without a memory. */
export function parseMoment(text: string, edge: Edge, settings: DateSettings): Parsed {
  if (text.trim() === '') return undefined;
  const date = readDate(text, settings);
  switch (date?.kind) {
    case undefined:
      return {
        error: `cannot read ${JSON.stringify(text.trim().slice(0, 40))} as a date; ${describeFormats(settings)}`,
      };
    case 'never':
      return undefined;
    case 'farFuture':
      return edge === 'start' ? farFuture : undefined;
    case 'moment':
      return instant(date.at);
    case 'day':
      return edge === 'start' ? startOfDay(date, settings.zone) : endOfDay(date, settings.zone);
  }
}

/** A start that never comes: 9999-12-31. */
export const farFuture = instant(Date.UTC(9999, 11, 31));

function describeFormats({ formats, numbers }: DateSettings): string {
  const others = ['ISO 8601 (yyyy-MM-dd)', numbers === 'excel' ? 'serial numbers of spreadsheets' : 'directory times'];
  return `it must be ${[...formats, ...others].join(' or ')}. Correct the value, or add its format to "dateFormats"`;
}
