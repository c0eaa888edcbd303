import * as z from 'zod';
import { expression, text } from './fields.ts';

/** The dates of users, in a file or a directory. */
export const validityFields = {
  validFrom: expression()
    .describe('Expression for the start date of a user, or the moment: user.first_day. Blank: no start.')
    .exactOptional(),
  validTo: expression()
    .describe(
      'Expression for the last day of a user, or the moment at which access ends: user.last_day. Blank: no end.',
    )
    .exactOptional(),
  zone: expression().describe("Expression for a user's time zone: user.time_zone. Blank: timezone.").exactOptional(),
  dateFormats: z
    .array(text())
    .max(20)
    .describe(
      'Formats of dates, such as "dd.MM.yyyy" or "M/d/yyyy HH:mm"; the first that fits counts. ISO 8601 (yyyy-MM-dd) ' +
        'and numbers of spreadsheets and directories are always read.',
    )
    .exactOptional(),
  timezone: text()
    .describe('Time zone of dates, such as "Europe/Berlin": a day begins and ends there. Default: timezone.')
    .exactOptional(),
};
