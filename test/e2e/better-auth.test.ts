import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { leave, rehire, withoutReports } from '../world/company.ts';
import { happenings, inLowerCase, realLife, requests, undone, type RealLife } from '../world/real-life.ts';
import type { RealApplication } from '../world/real-application.ts';
import { describeAt, startServer } from '../world/real-servers.ts';
import { expectCode, operations } from '../world/setup.ts';
import type { Run } from '../world/scimsync.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

const profile = 'better-auth';

describeAt('better-auth', "a company's life at the SCIM plugin of better-auth", () => {
  let application: RealApplication;
  let life: RealLife;
  beforeAll(async () => {
    application = await startServer('better-auth');
    life = await realLife(application, profile);
  });
  afterAll(async () => {
    await life[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  test.each(happenings)('%s', (title) => {
    const chapter = life.chapter(title);
    expectCode(chapter.run, 0);
    expect(undone(chapter)).toEqual([]);
    expect(chapter.state).toEqual(inLowerCase(expectedState(chapter.made)));
    expect(requests(chapter.again)).toEqual([]);
  });

  test('who is deleted is gone from every team, and may come back', async () => {
    const deleting = { leavers: { action: 'delete' } };
    const [one] = withoutReports(life.made, 1);
    if (one === undefined) throw new Error('nobody');
    leave(life.made, one.id);
    const gone = await life.next(deleting);
    expectCode(gone.run, 0);
    expect(gone.state).toEqual(inLowerCase(expectedState(life.made, 'delete')));
    expect(requests(gone.again)).toEqual([]);

    rehire(life.made, one.id, ['t1']);
    const back = await life.next(deleting);
    expectCode(back.run, 0);
    expect(back.state).toEqual(inLowerCase(expectedState(life.made, 'delete')));
    expect(requests(back.again)).toEqual([]);
  });

  test('without its state it takes everybody over, whose addresses are in small letters now, and nobody is there twice', async () => {
    const before = await application.state();
    life.forget();
    const { run, log, state, again } = await life.next();
    expectCode(run, 0);
    expect(state).toEqual(before);
    expect(log.filter(({ method, status }) => method === 'POST' && status === 201)).toEqual([]);
    expect(operations(run).filter(({ action, outcome }) => action === 'create' && outcome !== 'adopted')).toEqual([]);
    expect(changedPaths(run).filter((path) => path.startsWith('emails'))).toEqual([]);
    expect(requests(again)).toEqual([]);
  });
});

const changedPaths = (run: Run): readonly string[] =>
  operations(run).filter(({ action }) => action === 'update').flatMap((line) => (line['changes'] as readonly { readonly path: string }[]).map(({ path }) => path));
