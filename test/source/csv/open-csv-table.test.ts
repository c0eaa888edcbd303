import { expect, test } from '@jest/globals';
import { instant } from '../../../src/model/ids.ts';
import { openCsvTable } from '../../../src/source/csv/open-csv-table.ts';
import type { ContentState } from '../../../src/source/table/content.ts';
import { tablesOf, type Table } from '../../../src/source/table/settings.ts';

test('a file in another encoding is closed before it is refused', async () => {
  let open = 0;
  async function* chunks(): AsyncGenerator<Buffer, ContentState> {
    open += 1;
    try {
      yield Buffer.from('id,mail\n1,ada@example.com\n', 'utf16le');
      return { sha256: '', identity: '', modifiedAt: instant(0), endsWithLineBreak: true };
    } finally {
      open -= 1;
    }
  }
  const content = { name: 'people.csv', chunks, requireUnchanged: async () => {} };
  const [table] = tablesOf({ users: { key: 'id' } }, () => content);
  const opening = openCsvTable(table as Table, undefined, new AbortController().signal);
  await expect(opening).rejects.toMatchObject({ code: 'csv.encodingWrong' });
  expect(open).toBe(0);
});
