import type { Validity } from '../../../model/dates/validity.ts';
import type { Instant } from '../../../model/ids.ts';
import { dateAttributes, validityAttributes, validityReader, type ValiditySettings } from '../../validity.ts';
import type { NormaliseDn } from '../names/dn-normaliser.ts';
import type { Entry } from '../protocol/entry.ts';
import { attributePicker } from './attributes.ts';
import type { Schema } from '../protocol/schema.ts';
import type { DirectoryProfile } from '../settings.ts';

/** How the entries of users become periods. */
export interface PeriodOptions {
  readonly directoryProfile: DirectoryProfile;
  readonly schema: Schema;
  /** Dates of users, in addition to those of the directory profile. */
  readonly validity?: ValiditySettings | undefined;
}

/** Reads the period of a user: the earlier end of the directory's own signs and the configured date. */
export function periodReader(
  { directoryProfile, validity, schema }: PeriodOptions,
  normaliseDn: NormaliseDn,
): ReadPeriod {
  if (validity === undefined) return Object.assign(ownPeriod, { signs: () => [] });
  const names = dateAttributes(validity);
  const read = validityReader(validity, 'shadowDays');
  const pick = attributePicker({
    used: validityAttributes(validity),
    references: [],
    binary: directoryProfile.binary,
    schema,
    normaliseDn,
  });
  const readPeriod = (entry: Entry, ownEnd: Instant | undefined): ReturnType<ReadPeriod> => {
    const period = read(pick(entry).attributes);
    if ('error' in period) return period;
    const validTo = ownEnd === undefined || (period.validTo ?? Infinity) < ownEnd ? period.validTo : ownEnd;
    return { ...period, validTo };
  };
  return Object.assign(readPeriod, {
    signs: (entry: Entry) => Object.keys(pick(entry).attributes).filter((name) => names.has(name)),
  });
}

/** Reads the period of a user. */
export interface ReadPeriod {
  (entry: Entry, ownEnd: Instant | undefined): Validity | { readonly error: string };
  /** The date attributes that the entry has. */
  readonly signs: (entry: Entry) => readonly string[];
}

const ownPeriod = (_: Entry, validTo: Instant | undefined): Validity => (validTo === undefined ? {} : { validTo });
