import { configuration, createFixture, groupFiles, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { createCompany, type Company } from '../../world/company.ts';
import { waitUntil } from '../../world/wait-until.ts';

/** A daemon with its page, on a free port, after the first load of a small company. */
export interface PageDaemon {
  readonly fixture: Fixture;
  readonly company: Company;
  readonly daemon: ReturnType<Fixture['cli']['start']>;
  /** Where the page is now, without a slash at its end. */
  readonly url: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  text(path: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * @param http the settings of the page
 * @param more further settings of the target
 */
export async function startPageDaemon(
  http: object = {},
  more: Readonly<Record<string, unknown>> = {},
  people = 12,
): Promise<PageDaemon> {
  const fixture = await createFixture();
  const settings = target(fixture.server.url, { guard: unlimitedGuard, ...more });
  fixture.cli.configure({
    ...configuration([settings], { ...groupFiles, changes: 'live' }),
    http: { listen: '127.0.0.1:0', ...http },
  });
  const company = createCompany(611, people, 2);
  fixture.cli.export(company);
  const daemon = fixture.cli.start('daemon');
  const address = (): string | undefined =>
    [...daemon.output().stderr.matchAll(/the status page is at (https?:\/\/[^/"]+)\//g)].at(-1)?.[1];
  await waitUntil('the page', () => address() !== undefined);
  await waitUntil('the first load', () => daemon.output().stderr.includes('pass ended'));
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${address() ?? ''}${path}`, { headers });
  return {
    ...{ fixture, company, daemon, get },
    get url() {
      return address() ?? '';
    },
    text: async (path) => (await get(path)).text(),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}
