import type { RemoteId } from '../model/ids.ts';
import { namePath, type Kind } from '../model/kind.ts';
import { member } from '../model/shape.ts';
import type { Clock } from '../model/world.ts';
import { asRemoteId, resourcePath } from '../scim/address.ts';
import { effort } from '../scim/addressed.ts';
import type { Exchange } from '../scim/exchange.ts';
import { readList } from '../scim/list-response.ts';
import { filterOf } from '../scim/lookup.ts';
import type { Reply, ScimRequest } from '../scim/message.ts';
import { decide, sentence, versionOf } from '../scim/response.ts';
import { finding, type Notebook } from './finding.ts';
import type { Canary, Ledger } from './ledger.ts';
import { bears, nameOf, type Names } from './names.ts';
import { Lost, Stopped, TargetGone } from './trouble.ts';

export interface Creation {
  readonly reply: Reply;
  /** Absent where it was refused. */
  readonly canary?: Canary;
}

export interface CreateOptions {
  /** Instead of a new one. */
  readonly name?: string;
  /** As for `ask`. */
  readonly taken?: readonly number[];
}

/** How much later than its answer a write shows, in milliseconds. Shared by all that stand on the same application. */
export interface Lateness {
  milliseconds: number;
}

/** What experiments stand on: requests, and canaries that may be changed. Whatever is changed here was made here. */
export interface Ground {
  readonly names: Names;
  readonly ledger: Ledger;
  readonly book: Notebook;
  /** That long is waited after each write. */
  readonly lateness: Lateness;
  /** As the standard has it; the exchange knows where that is there. */
  path(kind: Kind, id?: RemoteId): string;
  /**
   * One answer, whatever it says. What may be said twice is, where no answer came.
   *
   * @param taken statuses that are an answer here, though they usually ask to wait
   * @throws Lost without an answer, Stopped, TargetGone
   */
  ask(request: ScimRequest, taken?: readonly number[]): Promise<Reply>;
  /** Makes a canary; `body` is given its name. It is in the ledger before the request goes out. @throws as `ask` */
  create(kind: Kind, body: (name: string) => object, options?: CreateOptions): Promise<Creation>;
  /** Writes down what a request made that is no plain POST. @returns undefined where what is there bears another name */
  adopt(kind: Kind, name: string, id: unknown): Promise<Canary | undefined>;
  read(canary: Canary, query?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Reads until it is so, or some time has passed: some applications show what was written a little later. */
  readUntil(canary: Canary, isSo: (body: unknown) => boolean, query?: Readonly<Record<string, string>>): Promise<Reply>;
  write(method: 'PATCH' | 'PUT' | 'DELETE', canary: Canary, body?: object): Promise<Reply>;
  pause(milliseconds: number): Promise<void>;
}

export interface GroundIo {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly names: Names;
  readonly ledger: Ledger;
  readonly book: Notebook;
  readonly lateness: Lateness;
}

/** The last segment of a URL, as an id. */
export function idAt(location: string | undefined): RemoteId | undefined {
  const last = location
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .split('/')
    .at(-1);
  try {
    return last === undefined ? undefined : asRemoteId(decodeURIComponent(last));
  } catch {
    return undefined;
  }
}

/** How long it is waited for what was written to show, in milliseconds, step by step. */
const patience = [200, 600];
/** How much longer for what was made and cannot be pointed to otherwise. */
const moreForNew = [1500, 3000];
const attempts = 3;
/** How long an application that does not answer now is left alone, in milliseconds. */
const breath = 1000;

/** The first and plainest question: is anybody there, and are we welcome? */
export const doorbell = (users: string): ScimRequest => ({
  method: 'GET',
  path: users,
  query: { startIndex: '1', count: '1' },
});
const isDoorbell = ({ method, query }: ScimRequest): boolean =>
  method === 'GET' && query?.['startIndex'] === '1' && query['count'] === '1';
const isOfTheWhole = ({ status }: Reply): boolean => [401, 502, 503, 504].includes(status);

export function openGround({ exchange, clock, signal, names, ledger, book, lateness }: GroundIo): Ground {
  const wantsVersions = (): boolean => book.profile().speaks.ifMatch === 'always';

  async function ask(request: ScimRequest, taken: readonly number[] = [], attempt = 1): Promise<Reply> {
    const reply = await answerTo(request, taken);
    // What is said of one request is a finding; what is said of every request is the end, and would be mistaken for many findings.
    if (!isOfTheWhole(reply) || isDoorbell(request)) return reply;
    await untilWell();
    // RFC 9110 section 15.6.4: not now. Some say so to whoever is in haste, and it tells nothing of what was asked.
    if (reply.status !== 503 || taken.includes(503) || attempt >= attempts) return reply;
    await pause(breath);
    return ask(request, taken, attempt + 1);
  }

  /** @throws TargetGone where a plain question is not answered either, however often it is asked */
  async function untilWell(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const door = await answerTo(doorbell(path('User')), []);
      if (!isOfTheWhole(door)) return;
      if (door.status === 401 || attempt >= attempts)
        throw new TargetGone(`it answers nothing any more but ${sentence(door)}`);
      await pause(breath * attempt);
    }
  }

  async function answerTo(request: ScimRequest, taken: readonly number[]): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      const work = effort(signal);
      const answer = await exchange.once(request, work, (reply) => taken.includes(reply.status));
      if (answer.kind === 'withheld')
        throw answer.because === 'stopped' ? new Stopped() : new TargetGone(answer.detail);
      const isWorthAgain = answer.kind !== 'reply' || [408, 502, 503, 504].includes(answer.status);
      const mayAgain =
        request.method !== 'POST' && attempt < attempts && !taken.includes(answer.kind === 'reply' ? answer.status : 0);
      if (isWorthAgain && mayAgain && (await exchange.waitAfter(answer, attempt, work))) continue;
      if (answer.kind !== 'reply') throw new Lost(`${request.method} ${request.path}: ${answer.detail}`);
      return answer;
    }
  }

  const path = resourcePath;

  const read: Ground['read'] = (canary, query = {}) =>
    ask({ method: 'GET', path: path(canary.kind, canary.id), query });

  async function once(method: 'PATCH' | 'PUT' | 'DELETE', canary: Canary, body: object | undefined): Promise<Reply> {
    const version = wantsVersions() ? versionOf(await read(canary)).version : undefined;
    const reply = await ask({
      method,
      path: path(canary.kind, canary.id),
      ...(body === undefined ? {} : { body }),
      ...(version === undefined ? {} : { ifMatch: version }),
    });
    if (decide(reply) === 'accept') await pause(lateness.milliseconds);
    return reply;
  }

  /** Whether an id that was answered is that of what we asked for, and not somebody's who was there before. */
  async function isOurs(kind: Kind, id: RemoteId, name: string, answered: unknown): Promise<boolean> {
    if (bears(answered, name)) return true;
    const { body } = await ask({ method: 'GET', path: path(kind, id) });
    return bears(body, name) || (nameOf(kind, answered) === undefined && nameOf(kind, body) === undefined);
  }

  /** Some answer a create without the resource: then it is where Location says (RFC 7644 section 3.3), or where a search shows it, a little later. */
  async function whereIs(kind: Kind, name: string, reply: Reply): Promise<RemoteId | undefined> {
    const placed = idAt(reply.headers['location']);
    if (placed !== undefined && bears((await ask({ method: 'GET', path: path(kind, placed) })).body, name))
      return placed;
    for (const wait of [...patience, ...moreForNew]) {
      const filter = filterOf(namePath(kind), name);
      const rows = readList(await ask({ method: 'GET', path: path(kind), query: { filter } }))?.rows ?? [];
      const found = asRemoteId(
        member(
          rows.find((row) => bears(row, name)),
          'id',
        ),
      );
      if (found !== undefined) return found;
      await pause(wait);
    }
    return undefined;
  }

  return {
    names,
    ledger,
    book,
    lateness,
    path,
    ask,
    read,

    async create(kind, body, { name = names.next(kind), taken = [] } = {}) {
      const entry = ledger.intend(kind, name);
      let reply: Reply;
      try {
        reply = await ask({ method: 'POST', path: path(kind), body: body(name) }, taken);
      } catch (error) {
        // Told to stop before it was sent, or refused by our own side: then there is nothing to remove.
        if (!(error instanceof Lost)) entry.state = 'gone';
        throw error;
      }
      const decision = decide(reply);
      if (decision === 'accept') await pause(lateness.milliseconds);
      const id = decision === 'accept' ? asRemoteId(member(reply.body, 'id')) : undefined;
      if (decision !== 'accept') {
        // A server that failed half-way may have made it, and some keep what they refuse: it is looked for at the end.
        if (reply.status < 500) entry.state = 'refused';
        return { reply };
      }
      if (id === undefined) {
        const silent = await whereIs(kind, name, reply);
        return { reply, ...(silent === undefined ? {} : { canary: ledger.made(entry, silent) }) };
      }
      const earlier = ledger.owned(kind, id);
      if (earlier !== undefined) {
        entry.state = 'gone';
        return { reply, canary: earlier };
      }
      // Whatever happens to the next request, the end knows where to look.
      entry.id = id;
      if (!(await isOurs(kind, id, name, reply.body))) {
        // Not this one; what was asked for may be there as well, and is looked for by its name.
        delete entry.id;
        throw new TargetGone(
          `it answered the creation of ${name} with somebody else's account (${id}), which is left alone; nothing more is tried there`,
        );
      }
      return { reply, canary: ledger.made(entry, id) };
    },

    async adopt(kind, name, id) {
      const known = asRemoteId(id);
      if (known === undefined) return undefined;
      await pause(lateness.milliseconds);
      const entry =
        ledger.entries.find((each) => each.kind === kind && each.name === name) ?? ledger.intend(kind, name);
      return bears((await ask({ method: 'GET', path: path(kind, known) })).body, name)
        ? ledger.made(entry, known)
        : undefined;
    },

    async readUntil(canary, isSo, query) {
      for (const wait of patience) {
        const reply = await read(canary, query);
        if (isSo(reply.body)) return reply;
        await pause(wait);
      }
      return read(canary, query);
    },

    async write(method, canary, body) {
      const reply = await once(method, canary, body);
      if (wantsVersions() || (reply.status !== 428 && reply.status !== 412)) return reply;
      book.note(
        finding('versions', `a change without If-Match is refused: ${sentence(reply)}`, {
          speaks: { ifMatch: 'always' },
        }),
      );
      return once(method, canary, body);
    },

    pause,
  };

  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    await clock.sleep(milliseconds, signal).catch(() => {
      throw new Stopped();
    });
  }
}
