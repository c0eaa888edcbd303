/** Which source a state belongs to. */
export type SourceIdentity =
  | {
      readonly type: 'csv';
      /** The file of the users: relative to the folder of the configuration where it is inside, otherwise absolute. */
      readonly file: string;
    }
  | {
      readonly type: 'ldap';
      /** Host names of all URLs, in lower case. */
      readonly hosts: readonly string[];
      /** The base of the search for users. */
      readonly base: string;
    };
