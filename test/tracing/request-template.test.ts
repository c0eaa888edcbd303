import { expect, test } from '@jest/globals';
import { requestTemplate } from '../../src/tracing/request-template.ts';

test.each([
  ['https://app.example/scim/v2/Users', '/Users'],
  ['https://app.example/scim/v2/Users?filter=userName%20eq%20%22ada%22', '/Users'],
  ['https://app.example/tenant-secret/Users/ada%40example.com', '/Users/{id}'],
  ['https://app.example/Users/tenant/Groups/7?excludedAttributes=members', '/Groups/{id}'],
  ['https://app.example/scim/Bulk', '/Bulk'],
  ['https://app.example/scim/Users/.search', '/Users/.search'],
  ['https://app.example/scim/.search', '/.search'],
  ['https://app.example/ServiceProviderConfig/', '/ServiceProviderConfig'],
  ['https://app.example/people/ada', '/{path}'],
  ['https://app.example/', '/{path}'],
])('%s → %s', (url, template) => {
  expect(requestTemplate(url)).toBe(template);
});
