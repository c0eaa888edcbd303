-- The file is a state of scimsync: "scim" in ASCII (store/sqlite/state-file.ts). -----------------------------------
pragma application_id = 1935894893;
