// What csv-parse alone needs to read a file: streaming, rows as arrays, nothing done with them.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

let rows = 0;
createReadStream(process.argv[2])
  .pipe(parse())
  .on('data', () => (rows += 1))
  .on('end', () => console.log(rows));
