import { describe, expect, test } from '@jest/globals';
import { originAndPath } from '../../../../src/scim/transport/network/origin-and-path.ts';

const parsed = (url: string): ReturnType<typeof originAndPath> => {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
};

describe('the parts of a URL are those that a parser finds', () => {
  test.each([
    'https://scim.example/v2/Users',
    'https://scim.example:8443/v2/Users/2819c223-7f76-453a-919d-413861904646?attributes=id,userName',
    'http://127.0.0.1:80/Users?filter=userName%20eq%20%22ada%40x.example%22&count=1',
    'https://scim.example/v2/Users/a%2Fb%3Fc',
    'https://[::1]:8443/Users',
    'https://Scim.Example/Users',
    'https://user:secret@scim.example/Users',
    'https://scim.example',
    'https://scim.example?tenant=1',
    'https://scim.example/v2/../Users/..',
    'https://scim.example/./Users/.hidden',
    'https://scim.example/Users?q=/../x',
    'https://scim.example/Users/%2e%2e/Groups',
    'https://scim.example/Users/grün und blau',
    `https://scim.example/Users?filter=id eq "it's"#end`,
    'https://scim.example/Users\\Groups',
    'https://münchen.example/Users',
    'https://scim.example:443/Users',
    'https://127.1:08443/Users',
    'https://scim.example/.%2E/x',
    'https://scim.example/%2E%2e',
    'https://scim.example//Users',
    'https://scim.example/Users?filter=a/b',
  ])('%s', (url) => {
    expect(originAndPath(url)).toEqual(parsed(url));
  });
});
