/** A value of a table: it becomes the value of an attribute. */
export type TableValue = string | number | boolean | readonly string[];

/** Tables of look-up values, by name: `tables.cost["1100"]` in expressions about users and groups. */
export type Tables = Readonly<Record<string, Readonly<Record<string, TableValue>>>>;
