import type { RecordDoubt } from '../model/record.ts';
import { formatTime } from '../model/time.ts';

/** Why the record gets no access for now, for notes and `explain`. */
export function describeDoubt({ since, line, isAbsent }: RecordDoubt): string {
  return isAbsent
    ? `is absent from the source since ${formatTime(since)}, and the rejected row in line ${line} could be it`
    : `its row in line ${line} is rejected since ${formatTime(since)}`;
}
