import { describe, expect, test } from '@jest/globals';
import { instant, remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import { settledByReading } from '../../../src/sync/execution/settled-by-reading.ts';

const base = { resourceType: 'User', key: sourceKey('1'), name: 'ada', reason: 'test' } as const;
const edit = (
  action: 'update' | 'deactivate' | 'reactivate',
  path: string,
  to: string | boolean | null,
): Operation => ({
  ...base,
  action,
  edits: [{ path, from: null, to }],
  body: {},
});
const deletion: Operation = { ...base, action: 'delete' };
const read = (more: Partial<KnownState>): KnownState => ({
  ...{ resourceType: 'User', key: sourceKey('1'), remoteId: remoteId('u1'), origin: 'created' },
  ...{ body: { title: 'T' }, active: true, ...more },
});
const missing = { missingSince: instant(1) };

describe('an account in doubt that was read', () => {
  test.each<[string, Operation, KnownState | undefined, string | undefined]>([
    ['deactivate: inactive', edit('deactivate', 'active', false), read({ active: false }), 'done'],
    ['deactivate: active', edit('deactivate', 'active', false), read({}), undefined],
    [
      'deactivate: still in doubt',
      edit('deactivate', 'active', false),
      read({ active: false, inDoubt: ['active'] }),
      undefined,
    ],
    ['deactivate: missing', edit('deactivate', 'active', false), read(missing), 'notFound'],
    ['delete: missing', deletion, read(missing), 'notFound'],
    ['delete: inactive', deletion, read({ active: false }), undefined],
    ['reactivate: active', edit('reactivate', 'active', true), read({}), 'done'],
    ['update: the value', edit('update', 'title', 'T'), read({}), 'done'],
    ['update: another value', edit('update', 'title', 'Z'), read({}), undefined],
    ['update: a removed value', edit('update', 'nickName', null), read({}), 'done'],
    ['update: missing', edit('update', 'title', 'T'), read(missing), undefined],
    ['create', { ...base, action: 'create', body: { title: 'T' } }, read({}), undefined],
    ['no account', deletion, undefined, undefined],
  ])('%s', (_, operation, known, kind) => {
    const outcome = settledByReading(operation, known);
    expect(outcome?.kind).toBe(kind);
    if (outcome?.kind === 'done') expect(outcome.evidence).toBe('read');
  });
});
