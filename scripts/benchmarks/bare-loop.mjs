// Baseline: sends recorded requests with the product's HTTP settings only, without journal, rate limit or response
// handling. usage:
//   bare-loop.mjs FILE URL CONCURRENCY
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import axios from 'axios';

const [file, url, concurrency] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const requests = readFileSync(file, 'utf8')
  .split('\n')
  .map((line) => JSON.parse(line));
const client = axios.create({
  adapter: 'http',
  httpAgent: new Agent({ keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency }),
  maxRedirects: 0,
  proxy: false,
  maxContentLength: 32 * 1024 * 1024,
  maxBodyLength: 32 * 1024 * 1024,
  responseType: 'text',
  transformRequest: [(data) => data],
  transformResponse: [(data) => data],
  validateStatus: () => true,
});
const headers = {
  'user-agent': 'scimsync',
  accept: 'application/scim+json, application/json;q=0.9',
  authorization: 'Bearer bench',
};

let next = 0;
async function worker() {
  while (next < requests.length) {
    const { method, url: path, body } = requests[next++];
    const { data } = await client.request({
      method,
      url: url + path,
      headers: { ...headers, 'content-type': 'application/scim+json' },
      data: body,
    });
    if (data !== '') JSON.parse(data);
  }
}
await Promise.all(Array.from({ length: concurrency }, worker));
