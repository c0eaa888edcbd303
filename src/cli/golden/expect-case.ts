import type { Case } from '../../config/cases/case-file.ts';
import type { Config } from '../../config/config.ts';
import { MappingError } from '../../desired/target-mapping.ts';
import type { Instant, SourceKey } from '../../model/ids.ts';
import type { MembersOperation, Operation } from '../../model/operation.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { toScimJson } from '../../model/scim-json.ts';
import { describeLeaverReason } from '../../plan/leavers.ts';
import type { UsedAttributes } from '../../source/source.ts';
import type { DryRunTransaction, RecordRef, Store } from '../../store/store.ts';
import type { PassOptions, PlanDeps, TargetSpec } from '../../sync/context.ts';
import type { Evaluation } from '../../sync/evaluate-record.ts';
import { plan } from '../../sync/pass.ts';
import { decideSubject } from '../../sync/subjects/decide-subject.ts';
import type { PreparedPass } from '../../sync/plan-pass.ts';
import { union } from '../../sync/reading/used-attributes.ts';
import { realClock } from '../clock.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import type { ExpectedRecord, Expectation } from './expectation.ts';
import { givenSource } from './given-source.ts';

/** A case at a moment, with the rules that decide about its records. */
export interface CaseInputs {
  readonly config: Config;
  readonly specs: readonly TargetSpec[];
  readonly golden: Case;
  readonly at: Instant;
  readonly options: PassOptions;
  /** An empty state. */
  readonly store: Store;
}

/**
 * What the targets should hold for the records of a case, if they were empty: by the planning of a first load, which
 * sends nothing.
 *
 * @throws OperatorError where the records cannot be read by this configuration
 */
export async function expectCase(inputs: CaseInputs, stop: AbortSignal): Promise<Expectation> {
  const { config, specs, golden, at, options, store } = inputs;
  const used = usedBy(specs);
  const noRecords = { users: [], groups: [], nested: [], memberships: [] };
  const deps: PlanDeps = {
    store,
    source: wireSource(config, givenSource(golden, used)),
    joinedSources: wireJoinedSources(config, (name) => givenSource(golden.joined[name] ?? noRecords, used)),
    targets: specs,
    clock: { ...realClock, now: () => at },
    emit: () => undefined,
  };
  return plan(deps, options, (planned, tx) => expectationOf(deps, planned, tx), stop);
}

/**
 * The attributes that the targets use. A target without a mapping maps the columns that it knows, so it needs no other.
 */
function usedBy(specs: readonly TargetSpec[]): UsedAttributes {
  const all = specs.map((spec) => {
    try {
      return spec.compileMapping({ users: [], groups: [] }).usedAttributes;
    } catch (error) {
      if (error instanceof MappingError) return { users: new Set<string>(), groups: new Set<string>() };
      throw error;
    }
  });
  return { users: union(all.map(({ users }) => users)), groups: union(all.map(({ groups }) => groups)) };
}

/** The rejected rows that are listed. */
const maxRejectedRows = 1_000;

async function expectationOf(deps: PlanDeps, planned: PreparedPass, tx: DryRunTransaction): Promise<Expectation> {
  const records: RecordRef[] = [];
  await tx.mirror.forEachRecord(({ resourceType, key }) => {
    if (resourceType !== 'Nested') records.push({ resourceType, key });
  });
  const targets: [string, Expectation['targets'][string]][] = [];
  for (const [name, target] of planned.prepared) {
    const { creates, members } = await operationsAt(tx, planned.pass, name);
    const expect = async (type: ResourceType): Promise<readonly (readonly [string, ExpectedRecord])[]> => {
      const entries: [string, ExpectedRecord][] = [];
      for (const record of records.filter(({ resourceType }) => resourceType === type)) {
        const { evaluation } = await decideSubject({ ...deps, store: tx }, target, record);
        const create = creates.get(recordKey(record));
        entries.push([
          record.key,
          create === undefined
            ? withoutResource(evaluation)
            : {
                decision: 'present',
                resource: toScimJson(type, create),
                ...(type === 'Group' ? { members: members.get(record.key) ?? [] } : {}),
              },
        ]);
      }
      return entries;
    };
    targets.push([
      name,
      { users: Object.fromEntries(await expect('User')), groups: Object.fromEntries(await expect('Group')) },
    ]);
  }
  const { rejected } = await tx.mirror.rejectionReport(maxRejectedRows);
  return {
    targets: Object.fromEntries(targets),
    rejectedRows: rejected.rows.map(({ part, line, reason }) => `${part}, row ${line}: ${reason}`),
  };
}

/** Why a record of the case gets nothing at an empty target. */
function withoutResource({ desired, presence }: Evaluation): ExpectedRecord {
  if (desired.kind === 'absent') return { decision: 'absent', reason: describeLeaverReason(desired.reason) };
  if (desired.kind === 'rejected') return { decision: 'rejected', reason: desired.reason };
  return { decision: 'absent', reason: presence === 'protected' ? 'is protected' : 'waits for an operator' };
}

type CreatedBody = Extract<Operation, { action: 'create' }>['body'];

/** The planned resources by type and key, and the planned members by group. */
async function operationsAt(
  { journal }: DryRunTransaction,
  pass: number,
  target: string,
): Promise<{
  readonly creates: ReadonlyMap<RecordKey, CreatedBody>;
  readonly members: ReadonlyMap<SourceKey, readonly string[]>;
}> {
  const creates = new Map<RecordKey, CreatedBody>();
  const members = new Map<SourceKey, readonly string[]>();
  for await (const { operation } of journal.allOperations(pass, target, 0)) {
    if (operation.action === 'create') creates.set(recordKey(operation), operation.body);
    if (operation.action === 'members')
      members.set(operation.key, [...(members.get(operation.key) ?? []), ...addedBy(operation)].sort());
  }
  return { creates, members };
}

/** A group as a member is distinguished from a user with the same key. */
const addedBy = ({ add }: MembersOperation): readonly string[] =>
  add.map(({ resourceType, key }) => (resourceType === 'User' ? key : `group ${key}`));
