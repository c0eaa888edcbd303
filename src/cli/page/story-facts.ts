import type { Config } from '../../config/config.ts';
import { sourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Match, Story } from '../../page/facts/page-facts.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { findSubjects, type Subject } from '../../sync/subjects/find-subjects.ts';
import { nameOfRecord } from '../../sync/subjects/name-of-record.ts';
import { columnsOf, explainDataOf } from '../commands/explain.ts';
import { explainSubject, maxRejectedRows } from '../explain.ts';
import { subjectDataOfView } from '../subject-data-of-view.ts';
import { wireTargets } from '../wire.ts';
import { entriesOf } from './entries.ts';

/** The newest operations that a story shows. */
const maxEntries = 100;

/** Users and groups by key, name, e-mail address or another value, as `explain` finds them. */
export async function searchFacts(view: ReadOnlyStore, config: Config, text: string): Promise<readonly Match[]> {
  return (await findIn(view, config, text)).map((subject) => matchOf(view, config, subject));
}

const namesOf = ({ targets }: Config): readonly string[] => targets.map(({ name }) => name);

const findIn = (view: ReadOnlyStore, config: Config, text: string): Promise<readonly Subject[]> =>
  findSubjects(subjectDataOfView(view, config), namesOf(config), text);

function matchOf(view: ReadOnlyStore, config: Config, { resourceType, key, record }: Subject): Match {
  const atTargets = namesOf(config).flatMap((target) => view.nameAtTarget(target, resourceType, key) ?? []);
  return { resourceType, key, name: nameOfRecord(record) ?? atTargets[0] ?? '', isInSource: record !== undefined };
}

/** What `explain` and `history` show of one user or group, by the last reading. */
export async function storyFacts(
  view: ReadOnlyStore,
  config: Config,
  resourceType: ResourceType,
  key: string,
): Promise<Story | undefined> {
  const found = await findIn(view, config, key);
  const subject = found.find((one) => one.resourceType === resourceType && one.key === key);
  if (subject === undefined) return undefined;
  const data = explainDataOf(view, config);
  const { rejected } = await view.mirror.rejectionReport(maxRejectedRows);
  const explained = await explainSubject(data, wireTargets(config), await columnsOf(data), subject, rejected.rows);
  const keys = [sourceKey(key)];
  const of = resourceType === 'User' ? { user: keys } : { group: keys };
  const rows = [...view.history({ ...of, newest: maxEntries + 1 })].reverse();
  return {
    ...matchOf(view, config, subject),
    ...explained,
    entries: await entriesOf(view, rows.slice(0, maxEntries)),
    hasMore: rows.length > maxEntries,
  };
}
