/** Codes of judgements that refuse a reading, until `--accept-source` accepts it or the configuration changes. */
export const readingErrorCodes = {
  'source.shrunk': 'The source has far fewer users, groups or memberships than in the last read.',
  'source.blanked': 'An attribute is suddenly empty for many users or groups that had a value.',
  'source.columnVanished': 'A column is missing that decided who is active, a name or another value without a mapping.',
  'source.columnReplaced': 'Another column than before decides who is active, a name or another value.',
  'source.columnAppeared':
    'A new column decides who is active, or a name, although the configuration does not name it.',
  'source.activated': 'Most of the users who were inactive are active in this reading.',
  'source.signVanished': 'A sign of inactivity that some entries showed is no longer visible on any entry.',
  'source.membersVanished': 'Groups that had members show none, and the server may hide them.',
  'source.directoryChanged': 'The detection found another kind of directory than in the last read.',
  'source.encodingWrong': 'Many values are garbled, as if the text had been read in another encoding.',
  'source.changed': 'The configuration has another source than the one that the state belongs to.',
  'source.wentBack': 'The source is behind an earlier read: a restored copy, an older export, or a lagging replica.',
  'source.referencesBroken': 'Many members, managers or groups that the source names are no records of it.',
  'source.truncated': 'A CSV file no longer ends with a line break: it seems to be cut off.',
  'source.keysCollide': 'Records of the state would have one key by `keyForm`.',
  'source.tooOld': 'The export is older than twice `source.maxAge`.',
} as const satisfies Readonly<Record<string, string>>;

/** Codes of judgements that are only reported. */
export const readingNoticeCodes = {
  'source.old': 'The export is older than `source.maxAge`.',
  'source.groupSpellings': 'Names of groups that differ only in case or blanks are one group.',
  'source.danglingReferences': 'Some members, managers or groups that the source names are no records of it.',
  'source.ambiguousReference': 'Several entries have the same login or DN, so a reference to it names no entry.',
  'source.columnMapped': 'A new column is sent to a target, because its name is that of a SCIM attribute.',
} as const satisfies Readonly<Record<string, string>>;

/** Code of a judgement that can refuse a reading. */
export type ReadingErrorCode = keyof typeof readingErrorCodes;

/** Code of a judgement that is only reported. */
export type ReadingNoticeCode = keyof typeof readingNoticeCodes;

/** Codes of errors that end a command or a pass, each with its meaning. docs/operating.md prints this table. */
export const operatorErrorCodes = {
  'commandLine.unknownTarget': 'A target named on the command line is not in the configuration.',
  'commandLine.reasonAlone': '`sync --reason` is given, and the command line approves nothing.',
  'commandLine.invalidTime': 'A point in time on the command line is not in ISO 8601.',
  'commandLine.unknownSubject': 'No user or group in the source or at a target matches the argument of `explain`.',
  'commandLine.orphans': 'Options of `orphans` contradict each other, or the leaver rule closes no account.',
  'commandLine.invalidProfile': 'A profile named on the command line does not exist or is invalid.',
  'commandLine.unknownMisbehaviour': 'A misbehaviour number of `sandbox` does not exist or cannot be played.',
  'commandLine.fileExists': 'An output file exists already, and `--force` was not given.',
  'commandLine.fileNotJson': 'The file name of a profile does not end in `.json`.',
  'commandLine.folderNotWritable': 'The folder of an output file does not exist or is not writable.',
  'commandLine.confirmationRequired': 'The command asks for a confirmation, and there is no terminal to ask on.',
  'commandLine.invalidPairs': 'The file of `relink` cannot be read, or a line is not a pair of keys.',
  'config.invalid': 'The configuration has mistakes. All of them are listed.',
  'config.mapping': 'The mapping of a target does not fit the attributes of the source. All mistakes are listed.',
  'config.scheduleMissing': '`daemon` needs a schedule, and the configuration has none.',
  'config.certificateUnreadable': 'A certificate or key file cannot be read.',
  'config.certificateNotPem': 'A certificate or key file is not in PEM form.',
  'target.urlChanged': 'The URL of a target in the configuration is not the one at which the state knows its accounts.',
  'target.renamed': 'The state knows the URL of a target by a name that the configuration no longer has.',
  'target.allOther': 'The state holds accounts, and the configuration has other targets only.',
  'target.nameTaken': 'The new name of `target rename` is in use, in the configuration or in the state.',
  'state.locked': 'Another process works on the state file.',
  'state.lockUnusable': 'The lock file beside the state file cannot be used.',
  'state.cannotOpen': 'The state file cannot be opened.',
  'state.unreadable': 'The state file cannot be read.',
  'state.upgradeFailed': 'The schema of the state file cannot be upgraded.',
  'state.tooNew': 'A newer version of scimsync wrote the state file.',
  'state.notOurs': '`state` names a file of another kind, or a database of another application.',
  'state.notAFile': '`state`, or a file that SQLite keeps beside it, is a directory or another special file.',
  'state.symbolicLink': '`state` names a symbolic link.',
  'state.otherOwner': 'The state file belongs to another user than the one who runs the command.',
  'state.missing': 'There is no state file yet. Run `scimsync sync` first.',
  'relink.nothingPending': 'No key of the source seems to have changed.',
  'relink.impossible': 'Some pairs of `relink` cannot be carried out. All of them are listed, and nothing was changed.',
  'plan.outOfDate': 'The plan given by `--plan` or to `approve` is not, or is no longer, the current plan.',
  'plan.nothingHeld': 'The plan given to `approve` holds nothing, or what it holds cannot be approved.',
  ...readingErrorCodes,
  'source.inconsistent': 'The source contradicts itself in an incremental and in a full read.',
  'source.allRejected': 'Every row of the source was rejected.',
  'csv.fileMissing': 'A CSV file does not exist.',
  'csv.fileForbidden': 'The operating system denies access to a CSV file.',
  'csv.fileUnreadable': 'A CSV file cannot be read, for example after a disk or network error.',
  'csv.notAFile': 'The path of a CSV file leads to a directory, a pipe or a device.',
  'csv.stillWritten': 'A CSV file is still being written, so a scheduled pass does not read it.',
  'csv.changed': 'A CSV file changed while it was read.',
  'csv.empty': 'A CSV file has no header.',
  'csv.headerInvalid': 'The header of a CSV file cannot be parsed.',
  'csv.encodingWrong': 'A CSV file is not in the configured encoding.',
  'csv.byteOrderMarkMissing': 'The encoding is `utf-16`, and the file has no byte order mark.',
  'csv.columnDuplicate': 'A CSV file has two columns with the same name.',
  'csv.columnMissing': 'A CSV file lacks a column that `source` names.',
  'csv.mappedColumnMissing': 'A CSV file lacks a column that a mapping or a scope uses.',
  'csv.whereColumnMissing': 'A CSV file lacks a column that `where` uses.',
  'csv.groupAttributeMissing': 'Groups come from a column, and a mapping uses another attribute than their name.',
  'csv.activeColumnAmbiguous': 'Two columns could state whether a user is active.',
  'csv.quoteNotClosed': 'A CSV file ends inside a quoted field. It is probably truncated.',
  'csv.recordTooLong': 'A record of a CSV file is longer than the limit.',
  'ldap.connectFailed': 'No LDAP server could be reached.',
  'ldap.credentialsRefused': 'The LDAP server refused the bind, or the client certificate cannot be used.',
  'ldap.connectionLost': 'The connection to the LDAP server ended, or the server stopped responding.',
  'ldap.malformedMessage': 'The LDAP server sent bytes that are not valid BER.',
  'ldap.rootDseUnreadable': 'The root DSE cannot be read.',
  'ldap.directoryUnknown': 'No built-in directory profile matches the server.',
  'ldap.timeLimitExceeded': 'A search ran into the time limit of the server (result code 3).',
  'ldap.sizeLimitExceeded': 'A search ran into the size limit of the server (result code 4).',
  'ldap.adminLimitExceeded': 'A search ran into an administrative limit of the server (result code 11).',
  'ldap.referral': 'Some entries are on another server (result code 10). Referrals are not followed.',
  'ldap.noSuchObject': 'The base of a search does not exist or is not visible (result code 32).',
  'ldap.invalidDnSyntax': 'The base of a search is not a valid DN (result code 34).',
  'ldap.accessDenied': 'The account may not read the entries (result code 1, 8, 13 or 50).',
  'ldap.unavailable': 'The server is busy or shutting down (result code 51 or 52).',
  'ldap.searchFailed': 'A search ended with another result code than success.',
  'ldap.pageCookieMissing': 'The server returned a page without stating whether another page follows (RFC 2696).',
  'ldap.valuesChanged': 'The values of an attribute changed repeatedly while they were read in ranges.',
  'probe.notScim': 'The URL of the target is not a SCIM endpoint, or the target refuses the credentials.',
  'probe.unreachable': 'The target does not respond, or stopped responding during the probe.',
  'probe.createRefused': 'The target refused to create a user for the probe.',
  'probe.foreignAccount': 'The target answered the creation of a canary with an account that existed before.',
} as const satisfies Readonly<Record<string, string>>;

/** Codes of guard violations: limits that a plan exceeds, so that a part of it is held. */
export const guardCodes = {
  'guard.userRemovals': 'More deactivations and deletions of users than `guard.maxRemovals` allows.',
  'guard.groupRemovals': 'More groups emptied or deleted than `guard.maxGroupRemovals` allows.',
  'guard.membershipRemovals': 'More memberships end than `guard.maxMembershipRemovals` allows.',
  'guard.recreations':
    'More accounts are missing at the target, together with removals, than `guard.maxRemovals` allows.',
  'guard.creates': 'More users are created after the first load than `guard.maxCreates` allows.',
  'guard.reactivations': 'More users are reactivated than `guard.maxReactivations` allows.',
  'guard.renames': 'More changes of userName, e-mail or `active` than `guard.maxRenames` allows.',
  'guard.attributeChanges': 'One attribute changes for more users than `guard.maxAttributeChanges` allows.',
  'guard.membershipAdditions': 'More memberships are added than `guard.maxMembershipAdditions` allows.',
  'guard.groupRenames': 'More groups are renamed than `guard.maxGroupRenames` allows.',
  'guard.emptySource': 'The source has no users at all.',
} as const satisfies Readonly<Record<string, string>>;

/** Code of a limit of the guard that a plan exceeds. */
export type GuardCode = keyof typeof guardCodes;

/** Codes of mistakes in the configuration, and of warnings about it. */
export const issueCodes = {
  'config.fileUnreadable': 'The configuration or a file that it names cannot be read.',
  'config.syntax': 'The configuration is not valid JSON with comments.',
  'config.duplicateName': 'A name occurs twice in one object.',
  'config.unknownKey': 'A key is not known at this place.',
  'config.missing': 'A required value is missing.',
  'config.wrongType': 'A value has the wrong JSON type.',
  'config.notAllowed': 'A value is not one of the allowed values.',
  'config.outOfRange': 'A number is too small or too large.',
  'config.empty': 'A text or a list is empty.',
  'config.invalidValue': 'A value has the wrong form.',
  'config.secretMissing': 'The environment variable or the file of a secret does not exist or cannot be read.',
  'config.secretEmpty': 'A secret is empty.',
  'config.secretInvalid': 'A secret contains a line break or another control character.',
  'config.secretLiteral': 'Warning: a secret is written in the configuration itself.',
  'config.profile': 'A profile does not exist or is invalid.',
  'config.directoryProfile': 'A directory profile does not exist or is invalid.',
  'config.authUnverified': 'Warning: the profile does not list this type of authentication.',
  'config.deletionImpossible': 'Warning: the target cannot delete users, so leavers are deactivated.',
  'config.deletionFinal': 'Warning: a deletion at this target cannot be undone.',
  'config.nameDuplicate': 'Two targets have the same name.',
  'config.stateIsOtherFile': '`state` names a file that the configuration uses for another purpose.',
  'config.schedule': 'The schedule is not a cron expression.',
  'config.timezone': 'The time zone is unknown.',
  'config.orderWithoutRows': '`orderBy` is set without `rows`.',
  'config.groupsMissing': 'There are memberships without groups.',
  'config.membershipsNotAllowed': 'Groups come from a column, so that a file of memberships is not allowed.',
  'config.membershipsMissing': 'Warning: there are groups without memberships.',
  'config.noEffect': 'Warning: a setting has no effect.',
  'config.noAuthentication': 'Warning: the target is reached without credentials.',
  'config.url': 'A URL is malformed or has a part that is not allowed.',
  'config.credentialsInUrl': 'A URL contains a user name or a password.',
  'config.notEncrypted': 'Warning: the connection is not encrypted.',
  'config.passwordNotEncrypted':
    'A password would travel unencrypted (an error, or a warning where `allowPlaintextPassword` is set).',
  'config.startTlsWithLdaps': '`startTls` is set for an `ldaps://` URL.',
  'config.externalNotEncrypted': 'The bind method `external` needs an encrypted connection.',
  'config.bindMissing': 'Warning: the directory is read anonymously.',
  'config.clientCertificateMissing': 'The bind method `external` needs a client certificate.',
  'config.clientCertificateIncomplete': 'A client certificate needs both `certFile` and `keyFile`.',
  'config.expression': 'An expression does not compile or has the wrong type.',
  'config.attributePath': 'A SCIM attribute path is malformed (RFC 7644 section 3.5.2).',
  'config.attributeReadOnly': 'A mapping contains an attribute whose value the application determines.',
  'config.attributeStructure':
    'A path does not fit its attribute (RFC 7643): a list, a single value or a set of sub-attributes.',
  'config.attributeDuplicate': 'One attribute is mapped twice, or a mapped attribute contains another one.',
  'config.filter': 'An LDAP filter is malformed (RFC 4515).',
  'config.keyMutable': 'The key is an attribute that changes when an entry is renamed or moved.',
  'config.keyMayChange': 'Warning: the key is an attribute that may change.',
} as const satisfies Readonly<Record<string, string>>;

/** Code of a mistake in the configuration, or of a warning about it. */
export type IssueCode = keyof typeof issueCodes;

/** Names the cause of an error independently of its text. Codes stay stable between releases; texts do not. */
export type ErrorCode = keyof typeof operatorErrorCodes;
