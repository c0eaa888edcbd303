// A SCIM application that stores only ids and the members of groups, in a separate process: as fast as such a server
// can be. Paths below /bench/ return what it received.
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';

const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group';
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
/** The ids of the members of each group. scimsync reads samples of its changes back. */
const members = new Map();
let stats = emptyStats();
let recorded;

function emptyStats() {
  return { counts: {}, arrivals: [], first: undefined, last: undefined };
}

const server = createServer((request, response) => {
  let body = '';
  request
    .setEncoding('utf8')
    .on('data', (text) => (body += text))
    .on('end', () => {
      const { method, url } = request;
      if (url.startsWith('/bench/')) return control(url, body, response);
      const at = performance.now();
      const endpoint = `${method} /${url.split('/', 2)[1].split('?', 1)[0]}`;
      stats.counts[endpoint] = (stats.counts[endpoint] ?? 0) + 1;
      if (method !== 'GET') {
        stats.arrivals.push(at);
        recorded?.push(JSON.stringify({ method, url, body }));
      }
      serve(method, url, body, response);
      stats.first ??= at;
      stats.last = performance.now();
    });
});
server.keepAliveTimeout = 60_000;

function serve(method, url, body, response) {
  const id = /^\/Groups\/([^/?]+)/.exec(url)?.[1];
  switch (method) {
    case 'POST':
      ids += 1;
      if (url === '/Groups') members.set(`id-${ids}`, new Set());
      return respond(response, 201, { schemas: [url === '/Users' ? user : group], id: `id-${ids}` });
    case 'GET':
      if (members.has(id)) return respond(response, 200, groupOf(id));
      return respond(
        response,
        200,
        url.startsWith('/ServiceProviderConfig')
          ? serviceProviderConfig
          : { schemas: [listResponse], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
      );
    case 'PATCH':
      if (members.has(id)) change(members.get(id), JSON.parse(body));
    // falls through
    default:
      response.writeHead(204).end();
  }
}

function groupOf(id) {
  return { schemas: [group], id, members: Array.from(members.get(id), (value) => ({ value })) };
}

function change(ofGroup, { Operations: operations }) {
  for (const { op, path, value } of operations) {
    const filtered = /^members\[value eq "([^"]+)"\]$/.exec(path)?.[1];
    if (filtered !== undefined) ofGroup.delete(filtered);
    else if (path === 'members')
      for (const member of value) ofGroup[op.toLowerCase() === 'add' ? 'add' : 'delete'](member.value);
  }
}

function control(url, body, response) {
  switch (url) {
    case '/bench/stats':
      return respond(response, 200, stats);
    case '/bench/forget':
      stats = emptyStats();
      return respond(response, 200, {});
    case '/bench/record':
      recorded = [];
      return respond(response, 200, {});
    default:
      writeFileSync(JSON.parse(body).file, recorded.join('\n'));
      recorded = undefined;
      return respond(response, 200, {});
  }
}

function respond(response, status, resource) {
  response.writeHead(status, { 'content-type': 'application/scim+json' }).end(JSON.stringify(resource));
}

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
