import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { parseJsonPage, type JsonPage, type JsonPaths } from './json-page.ts';
import type { Spool } from '../table/spool.ts';

/** What a page contained. */
export interface WrittenPage {
  /** A digest of its rows; undefined: it has none. */
  readonly digest: string | undefined;
  readonly endsWithLineBreak: boolean;
  /** Where it is JSON. */
  readonly json?: Exclude<JsonPage, { problem: string }>;
}

/** Writes the rows of pages to a spool, as lines. */
export interface PageWriter {
  /** @returns what the page contained, or why it is none */
  write(body: AsyncIterable<Buffer>): Promise<WrittenPage | { readonly problem: string }>;
}

const lineBreak = Buffer.from('\n');
const lineFeed = 0x0a;

/** In bytes. The list of a page must fit into memory. */
const maxJsonPageBytes = 128 * 1024 * 1024;

/** In bytes. */
const maxHeaderBytes = 1024 * 1024;

/** Lines as they arrive. The first line of each further CSV page must be the header of the first one. */
export function lineWriter(format: 'csv' | 'jsonLines', spool: Spool): PageWriter {
  let header: Buffer | undefined;
  return {
    async write(body) {
      const hash = createHash('sha256');
      let head: Buffer = Buffer.alloc(0);
      let isHeadComplete = false;
      let size = 0;
      let last: number | undefined;
      const put = async (bytes: Buffer): Promise<void> => {
        if (bytes.length === 0) return;
        hash.update(bytes);
        size += bytes.length;
        last = bytes.at(-1);
        await spool.write(bytes);
      };
      const endHead = async (): Promise<string | undefined> => {
        isHeadComplete = true;
        if (isHtml(head.toString('latin1', 0, 256))) return 'it is a web page (HTML)';
        if (format === 'jsonLines') return void (await put(head));
        const end = head.indexOf(lineFeed, firstVisible(head)) + 1;
        const first = end === 0 ? head : head.subarray(0, end);
        if (header !== undefined && !header.equals(trimEnd(first)))
          return 'its header differs from that of the first page';
        if (header === undefined)
          await spool.write(first.at(-1) === lineFeed ? first : Buffer.concat([first, lineBreak]));
        header ??= Buffer.from(trimEnd(first));
        return void (await put(head.subarray(first.length)));
      };
      for await (const chunk of body) {
        if (isHeadComplete) {
          await put(chunk);
          continue;
        }
        head = Buffer.concat([head, chunk]);
        if (!hasLine(head) && head.length < maxHeaderBytes) continue;
        const problem = await endHead();
        if (problem !== undefined) return { problem };
      }
      const problem = isHeadComplete ? undefined : await endHead();
      if (problem !== undefined) return { problem };
      const endsWithLineBreak = size === 0 || last === lineFeed || last === 0;
      // The next page begins on a line of its own.
      if (!endsWithLineBreak) await spool.write(lineBreak);
      return { digest: size === 0 ? undefined : hash.digest('hex'), endsWithLineBreak };
    },
  };
}

/** The list of each page, one object in each line. */
export function jsonWriter(paths: JsonPaths, spool: Spool): PageWriter {
  return {
    async write(body) {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of body) {
        chunks.push(Buffer.from(chunk));
        size += chunk.length;
        if (size > maxJsonPageBytes)
          return { problem: `it is larger than ${maxJsonPageBytes / 1024 / 1024} MiB; use pages, or JSON lines` };
      }
      const bytes = Buffer.concat(chunks, size);
      if (!isUtf8(bytes)) return { problem: 'it is not UTF-8, as JSON is' };
      const text = bytes.toString('utf8');
      if (isHtml(text.slice(0, 256))) return { problem: 'it is a web page (HTML)' };
      const json = parseJsonPage(text, paths);
      if ('problem' in json) return json;
      const hash = createHash('sha256');
      for (let at = 0; at < json.lines.length; at += linesPerWrite) {
        const lines = Buffer.from(
          json.lines
            .slice(at, at + linesPerWrite)
            .map((line) => `${line}\n`)
            .join(''),
        );
        hash.update(lines);
        await spool.write(lines);
      }
      return { digest: json.lines.length === 0 ? undefined : hash.digest('hex'), endsWithLineBreak: true, json };
    },
  };
}

const linesPerWrite = 1000;

const isHtml = (start: string): boolean => /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype|html|\?xml|head|body)/i.test(start);

const firstVisible = (bytes: Buffer): number =>
  Math.max(
    0,
    bytes.findIndex((byte) => byte > 0x20),
  );

/** Whether a line that is not blank is complete. */
const hasLine = (bytes: Buffer): boolean =>
  bytes.some((byte) => byte > 0x20) && bytes.includes(lineFeed, firstVisible(bytes));

/** A line without the white space at its end. */
function trimEnd(line: Buffer): Buffer {
  let end = line.length;
  while (end > 0 && (line[end - 1] ?? 0) <= 0x20) end -= 1;
  return line.subarray(0, end);
}
