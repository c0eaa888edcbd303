/** Which source a state belongs to. */
export type SourceIdentity =
  | {
      readonly type: 'csv';
      /**
       * The file of the users: relative to the folder of the configuration where it is inside, otherwise absolute.
       * States of earlier versions have only this form. Configurations in two folders can have the same one.
       */
      readonly file: string;
      /** The file of the users, relative to the folder of the state file: the same after a move of the whole folder. */
      readonly fromState?: string | undefined;
      /** The absolute path of the file of the users: the same after a move of the state alone. */
      readonly path?: string | undefined;
    }
  | {
      readonly type: 'ldap';
      /** Host names of all URLs, in lower case. */
      readonly hosts: readonly string[];
      /** The base of the search for users. */
      readonly base: string;
    }
  | {
      readonly type: 'command';
      /** The name of the program that writes the users, without its folder. */
      readonly program: string;
    }
  | {
      readonly type: 'http';
      /** The URL of the users, without its query. */
      readonly url: string;
    }
  | {
      readonly type: 'scim';
      /** The base URL, as the identity of targets. */
      readonly url: string;
    };
