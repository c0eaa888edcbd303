// SCIM applications in a process of their own, as fast as such a server can be: one below each first segment of the
// path, /t0, /t1, …. Each stores users and groups and answers with the whole resource. Paths below /bench/ control it
// and return what it received. All times are milliseconds of the clock that the processes of this machine share.
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { clockMs } from './clock.mjs';
import { createResources, valueOf } from './sink-resources.mjs';

const listResponse = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const serviceProviderConfig = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  filter: { supported: true, maxResults: 200 },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [],
};

let ids = 0;
/** Applications by the first segment of their path. */
const applications = new Map();
/** Applications that accept requests and never answer. */
let hanging = new Set();
let stats = emptyStats();
let recorded;

function emptyStats() {
  return { counts: {}, arrivals: [], closings: [], first: undefined, last: undefined };
}

const server = createServer((request, response) => {
  let body = '';
  request
    .setEncoding('utf8')
    .on('data', (text) => (body += text))
    .on('end', () => {
      const { method, url } = request;
      if (url.startsWith('/bench/')) return control(url, body, response);
      const at = clockMs();
      const [, name, type, rest = ''] = /^\/([^/]+)\/([^/?]+)\/?(.*)$/.exec(url) ?? [];
      const endpoint = `${method} /${type}`;
      stats.counts[endpoint] = (stats.counts[endpoint] ?? 0) + 1;
      if (method !== 'GET') {
        stats.arrivals.push(at);
        recorded?.push(JSON.stringify({ method, url, body }));
      }
      if (hanging.has(name)) return;
      serve(name, { method, type, rest, body }, response);
      stats.first ??= at;
      stats.last = clockMs();
    });
});
// Never close an idle connection: a benchmark that prepares a large file keeps its own for minutes.
server.keepAliveTimeout = 0;

function serve(name, { method, type, rest, body }, response) {
  if (type === 'ServiceProviderConfig') return respond(response, 200, JSON.stringify(serviceProviderConfig));
  const resources = resourcesOf(name, type);
  if (method === 'POST') return respond(response, 201, resources?.create(`id-${(ids += 1)}`, body));
  const [id, query = ''] = rest.split('?');
  if (id === '') return respond(response, 200, list(resources, new URLSearchParams(query)));
  if (resources?.text(id) === undefined) return respond(response, 404, '{}');
  switch (method) {
    case 'GET':
      return respond(response, 200, resources.text(id));
    case 'DELETE':
      noteClosing(name, resources.text(id));
      resources.remove(id);
      return response.writeHead(204).end();
    default: {
      const text = method === 'PATCH' ? resources.patch(id, body) : resources.replace(id, body);
      respond(response, 200, text);
      if (text.includes('"active":false')) noteClosing(name, text);
    }
  }
}

function resourcesOf(name, type) {
  if (type !== 'Users' && type !== 'Groups') return undefined;
  if (!applications.has(name)) applications.set(name, { Users: createResources(), Groups: createResources() });
  return applications.get(name)[type];
}

/** A user who lost access: the time of the response. */
function noteClosing(name, text) {
  stats.closings.push({ at: clockMs(), target: name, userName: valueOf(text, 'userName') });
}

function list(resources, query) {
  const startIndex = Number(query.get('startIndex') ?? 1);
  const count = Math.min(200, Number(query.get('count') ?? 200));
  const { total, page } = resources?.search(query.get('filter'), startIndex, count) ?? { total: 0, page: [] };
  return (
    `{"schemas":["${listResponse}"],"totalResults":${total},"startIndex":${startIndex},` +
    `"itemsPerPage":${page.length},"Resources":[${page.join(',')}]}`
  );
}

function control(url, body, response) {
  const command = url.slice('/bench/'.length);
  const parameters = body === '' ? {} : JSON.parse(body);
  respond(response, 200, JSON.stringify(commands[command](parameters) ?? {}));
}

const commands = {
  stats: () => stats,
  closings: () => stats.closings,
  counts: () => stats.counts,
  /** The user names at one application, in the order of their creation. */
  userNames: ({ target }) => Array.from(resourcesOf(target, 'Users').texts(), (text) => valueOf(text, 'userName')),
  forget() {
    stats = emptyStats();
  },
  /** Deletes all resources. The next ones get the same ids again. */
  reset() {
    ids = 0;
    applications.clear();
    stats = emptyStats();
  },
  /** Gives the resources of one application to another one, which loses its own. */
  rename({ from, to }) {
    applications.set(to, applications.get(from));
    applications.delete(from);
  },
  hang({ targets }) {
    hanging = new Set(targets);
  },
  record() {
    recorded = [];
  },
  recorded({ file }) {
    writeFileSync(file, recorded.join('\n'));
    recorded = undefined;
  },
};

function respond(response, status, text) {
  response.writeHead(status, { 'content-type': 'application/scim+json' }).end(text);
}

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
