// Baseline: reads a file with csv-parse alone, streaming, rows as arrays.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

let rows = 0;
createReadStream(process.argv[2])
  .pipe(parse())
  .on('data', () => (rows += 1))
  .on('end', () => console.log(rows));
