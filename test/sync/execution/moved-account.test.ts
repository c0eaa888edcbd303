import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { FlatResource } from '../../../src/model/resource.ts';
import type { ExistingAccount } from '../../../src/scim/operation-context.ts';
import type { ExecutionDeps, ExecutionRound } from '../../../src/sync/context.ts';
import { withoutUncertainOwner } from '../../../src/sync/execution/moved-account.ts';
import { never, operationContext, remove, update } from '../../scim/fixtures.ts';

const closing: Operation = { ...update('ada', [['active', true, false]]), action: 'deactivate' };
const known = { userName: 'ada', externalId: 'k1' };

interface World {
  readonly operation?: Operation;
  readonly active?: boolean;
  readonly isUncertain?: boolean;
  readonly adoptConflicts?: boolean;
  /** The bodies of other accounts as a read shows them; undefined: it does not answer. */
  readonly controls?: readonly (FlatResource | undefined)[];
}

async function judge(world: World): Promise<Outcome | undefined> {
  const { operation = closing, active = true, isUncertain = true, adoptConflicts = false, controls = [] } = world;
  const resource = { remoteId: remoteId('u9'), body: { userName: 'ada' }, active };
  const found: ExistingAccount = {
    ...{ kind: 'existing', status: 200, resource, by: 'userName', origin: 'lookup' },
    ...(isUncertain ? { isUncertain } : {}),
  };
  const deps = {
    serving: {
      controlAccounts: async () =>
        controls.map((_, index) => ({ key: sourceKey(`c${index}`), remoteId: `${index}`, body: { externalId: 'kc' } })),
    },
    target: {
      readKnown: async ({ remoteId: id }: { remoteId: string }) => {
        const body = controls[Number(id)];
        return body === undefined ? { kind: 'unproven', detail: '' } : { kind: 'present', resource: { body } };
      },
    },
  } as unknown as ExecutionDeps;
  const round = { mapping: { paths: () => [] }, spec: { name: 'app', adoptConflicts } } as unknown as ExecutionRound;
  const adopted: Outcome = { kind: 'adopted', status: 200, resource };
  const prepared = operationContext(operation, { knownResource: known });
  return withoutUncertainOwner(deps, round, prepared, found, adopted, never);
}

const stored = { externalId: 'kc' };

test.each<[string, World, string | undefined]>([
  ['the target stores externalIds', { controls: [stored] }, 'rejected'],
  ['one of two others shows its externalId', { controls: [{}, stored] }, 'rejected'],
  ['it stores none', { controls: [{}, {}] }, undefined],
  ['it is not known whether it stores them', { controls: [] }, 'rejected'],
  ['no other account can be read', { controls: [undefined] }, 'rejected'],
  ['the account carries the externalId', { isUncertain: false, controls: [stored] }, undefined],
  ['an operator decided', { adoptConflicts: true, controls: [stored] }, undefined],
  ['the account is inactive', { active: false, controls: [stored] }, 'notFound'],
  ['an inactive account would be deleted', { operation: remove('ada'), active: false, controls: [stored] }, 'rejected'],
  ['it is to be changed', { operation: update('ada', [['title', 'a', 'b']]), controls: [stored] }, undefined],
])('the account under the name of a leaver, where %s', async (_, world, expected) => {
  const outcome = await judge(world);
  expect(outcome?.kind).toBe(expected);
  if (outcome !== undefined) expect(outcome).toMatchObject({ detail: expect.stringMatching(/id-ada .*u9/) });
});
