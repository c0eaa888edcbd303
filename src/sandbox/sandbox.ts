import { kinds } from '../model/kind.ts';
import type { Json } from '../model/resource.ts';
import { errorAnswer, type Answer } from './answer.ts';
import type { Application } from './application.ts';
import { below } from './asked.ts';
import { createContents } from './contents.ts';
import type { Sandbox, SandboxOptions } from './contract.ts';
import { control, isControl, type Controlled } from './control.ts';
import { createFaults } from './faults.ts';
import { createGate } from './gate.ts';
import { suffer } from './mishap.ts';
import { createRequestLog, type OpenEntry } from './request-log.ts';
import { misbehaviourProblem, playMisbehaviours } from './misbehaviours/catalogue.ts';
import { play } from './play.ts';
import { route } from './routes.ts';
import { defaultRules, type Rules } from './rules.ts';
import { ScimError } from './scim-error.ts';
import { plant } from './seed.ts';
import { resourceTypesOf } from './schema/resource-type.ts';
import { listen, type Incoming } from './server.ts';
import { createTokens } from './tokens.ts';
import { view } from './view.ts';

export type { Sandbox, SandboxOptions } from './contract.ts';
export type { Fault } from './faults.ts';
export type { RequestEntry } from './request-log.ts';
export type { Resource } from './resource.ts';
export type { Rules } from './rules.ts';
export type { Seed, Seeded } from './seed.ts';

const basePath = '/scim/v2';

/** Where a client gets another token while misbehaviour 82 is played (RFC 6749 section 4.4). */
const tokenPath = '/oauth2/token';
const expiringTokens = 82;

/** What must be said wherever a rehearsal starts. */
export function rehearsalNotice(label: string): string {
  return `This is a rehearsal of ${label}, made from public documentation. It is not the vendor's service, and it forgets everything when it ends.`;
}

/** Starts the application. Rejects with the system's error where the port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, random, token, port = 0, profile } = options;
  const played = play(profile);
  const label = options.label ?? profile?.name ?? 'a SCIM 2.0 application';
  const { latencyMs = 0, logLimit = 100_000, retryAfter = 'seconds' } = options;
  const chosen: Rules = { ...defaultRules, ...played.rules, ...options };
  const types = resourceTypesOf(played.dialect);
  let inForce = playMisbehaviours(
    [
      ...played.misbehaviours.filter((number) => misbehaviourProblem(number) === undefined),
      ...(options.misbehaviours ?? []),
    ],
    played.habits,
    chosen,
  );
  const contents = createContents(chosen);
  const log = createRequestLog(logLimit);
  const tokens = createTokens(token);
  const { requestsPerSecond = played.requestsPerSecond, windows = played.windows } = options;
  const gate = createGate({ token, requestsPerSecond, windows, retryAfter, isIssued: (text) => tokens.isIssued(text) });
  const meets = createFaults(random);
  const closing = new AbortController();

  async function onScim(incoming: Incoming, path: string, query: string): Promise<Answer | undefined> {
    const at = clock.now();
    const entry: OpenEntry = { at, method: incoming.method, path, query, status: 0 };
    log.add(entry);
    // Judged on arrival, so that the log's times show that no second held more than the limit.
    const refusal = gate(
      {
        method: incoming.method,
        kind: kinds.find((kind) => below(types[kind].endpoint, path) !== undefined),
        headers: incoming.headers,
      },
      at,
    );
    const text = await incoming.text();
    if (text !== '') entry.body = readable(text);
    if (refusal !== undefined) return answered(entry, refusal);

    const { delay, effect } = meets(sandbox.faults, { method: incoming.method, path, query: decoded(query), text });
    if (effect !== undefined) entry.fault = effect.do;
    if (delay + latencyMs > 0) await clock.sleep(delay + latencyMs, closing.signal);
    const request = {
      method: incoming.method,
      path,
      query: new URLSearchParams(query),
      rawQuery: query,
      headers: incoming.headers,
      text,
    };
    const { answer, dropped } = suffer(effect, (ignoreFilter) => route(app, request, ignoreFilter));
    if (!dropped) return answered(entry, answer);
    if (answer?.body !== undefined) entry.answer = answer.body;
    return undefined;
  }

  const listening = await listen(port, async (incoming) => {
    const [path = '/', query = ''] = splitOnce(incoming.url, '?');
    if (isControl(path)) {
      const request = {
        method: incoming.method,
        path,
        query: new URLSearchParams(query),
        rawQuery: query,
        headers: incoming.headers,
        text: await incoming.text(),
      };
      return control(controlled, request);
    }
    if (path === tokenPath && inForce.numbers.includes(expiringTokens))
      return tokens.answer(await incoming.text(), incoming.headers.authorization);
    if (`${path}/`.startsWith(`${basePath}/`)) return onScim(incoming, path.slice(basePath.length) || '/', query);
    const entry: OpenEntry = { at: clock.now(), method: incoming.method, path, query, status: 0 };
    log.add(entry);
    return answered(
      entry,
      errorAnswer(new ScimError(404, `There is nothing at ${path}; the SCIM service is at ${basePath}.`)),
    );
  });

  const url = `http://127.0.0.1:${listening.port}${basePath}`;
  const app: Application = {
    contents,
    types,
    url,
    random,
    discovery: played.discovery,
    now: () => clock.now(),
    get rules() {
      return inForce.rules;
    },
    get habits() {
      return inForce.habits;
    },
  };
  const sandbox: Sandbox = {
    url,
    port: listening.port,
    users: () => [...contents.all('User')].map((user) => view('User', user, contents)),
    groups: () => [...contents.all('Group')],
    get log() {
      return log.entries();
    },
    clearLog: () => log.clear(),
    faults: [...(options.faults ?? [])],
    get misbehaviours() {
      return inForce.numbers;
    },
    set misbehaviours(numbers) {
      inForce = playMisbehaviours(numbers, played.habits, chosen);
    },
    seed: (seed) => plant(app, seed),
    async close() {
      closing.abort();
      await listening.close();
    },
  };
  const controlled: Controlled = {
    sandbox,
    contents,
    title: label,
    notice: rehearsalNotice(label),
    requests: () => log.total(),
  };
  return sandbox;
}

function answered(entry: OpenEntry, answer: Answer | undefined): Answer | undefined {
  if (answer === undefined) return undefined;
  entry.status = answer.status;
  if (answer.body !== undefined) entry.answer = answer.body;
  else if (answer.text !== undefined) entry.answer = answer.text;
  return answer;
}

function readable(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function decoded(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
