/** The values of one column in one row: a text, or a list where the format has lists. */
export type Cell = string | readonly string[];

/** The cells of one record in the order of the header, or why it cannot be parsed. */
export type Cells =
  | readonly Cell[]
  | {
      readonly refused: string;
      /** Its bytes are invalid in the configured encoding. */
      readonly isUndecodable?: boolean;
      /**
       * What was found in it by column; undefined: no value was found. Absent in a format whose cells are found by the
       * delimiter.
       */
      readonly found?: readonly (string | undefined)[];
      /** The first part of the key, with which the record ends. */
      readonly cutKey?: string | undefined;
    };

/** A cell as one text. */
export const cellText = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : (cell ?? []).join(', '));
