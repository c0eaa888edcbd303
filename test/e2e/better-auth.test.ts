import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { inLowerCase, realLife, requests, testLife, type RealLife } from '../world/real-life.ts';
import type { RealApplication } from '../world/real-application.ts';
import { describeAt, startServer } from '../world/real-servers.ts';
import { expectCode, operations } from '../world/setup.ts';
import type { Run } from '../world/scimsync.ts';

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

  testLife(() => life, inLowerCase);

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
  operations(run)
    .filter(({ action }) => action === 'update')
    .flatMap((line) => (line['changes'] as readonly { readonly path: string }[]).map(({ path }) => path));
