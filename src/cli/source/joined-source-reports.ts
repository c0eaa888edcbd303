import type { Config } from '../../config/config.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { rejectionsAsJson } from '../print/rejections.ts';
import type { JsonLine } from '../print/json-lines.ts';
import { joinedSourceLines } from './joined-sources-text.ts';
import { reportOf, type JoinedSourceReport } from '../../sync/joins/joined-source-report.ts';
import { maxNamedRejections } from '../../model/reading/rejected-row.ts';

/** The names of the joined sources of the configuration. */
export const joinedNames = ({ sources }: Config): readonly string[] => (sources?.joined ?? []).map(({ name }) => name);

/** What the last pass found out about the joined sources of the configuration. */
export async function joinedSourcesOf(
  { joinedSource }: ReadOnlyStore,
  { sources }: Config,
): Promise<readonly JoinedSourceReport[]> {
  const known = (sources?.joined ?? []).flatMap(({ name }) => joinedSource(name) ?? []);
  return Promise.all(known.map((joined) => reportOf(joined, maxNamedRejections)));
}

/** What the last readings of all sources found out, as JSON lines. */
export const sourceLines = async (view: ReadOnlyStore, config: Config): Promise<readonly JsonLine[]> => [
  ...rejectionsAsJson(await view.mirror.rejectionReport(maxNamedRejections)),
  ...joinedSourceLines(await joinedSourcesOf(view, config)),
];
