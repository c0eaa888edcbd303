// Baseline: sends recorded requests without journal, rate limit or response handling. usage:
//   bare-loop.mjs axios|undici FILE URL CONCURRENCY
// axios is used as it comes; undici, the client of the product, with its connections only.
import { readFileSync } from 'node:fs';
import axios from 'axios';
import { Pool } from 'undici';

const [client, file, url, concurrency] = [process.argv[2], process.argv[3], process.argv[4], Number(process.argv[5])];
const requests = readFileSync(file, 'utf8')
  .split('\n')
  .map((line) => JSON.parse(line));
const headers = {
  'user-agent': 'scimsync',
  accept: 'application/scim+json, application/json;q=0.9',
  authorization: 'Bearer bench',
  'content-type': 'application/scim+json',
};

const pool = new Pool(new URL(url).origin, { connections: concurrency, pipelining: 1 });
const send = {
  axios: ({ method, url: path, body }) => axios.request({ method, url: new URL(path, url).href, headers, data: body }),
  async undici({ method, url: path, body }) {
    const response = await pool.request({ method, path, headers, body });
    const text = await response.body.text();
    if (text !== '') JSON.parse(text);
  },
}[client];

// Changes of groups follow when all creates have responses, so that the groups exist.
const isCreate = ({ method }) => method === 'POST';
await sendAll(requests.filter(isCreate));
await sendAll(requests.filter((request) => !isCreate(request)));
await pool.close();

async function sendAll(list) {
  let next = 0;
  const worker = async () => {
    while (next < list.length) await send(list[next++]);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
