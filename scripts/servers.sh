# Sourced by scripts/test: SCIM servers of other projects, for end-to-end tests. They are a separate package, so that an
# installation of the product does not include them. Without them (no network) their tests are skipped; the last lines
# of the run state this.

# npm writes this list last, so it is missing after an interrupted installation.
servers_installed() {
  local list=test/servers/node_modules/.package-lock.json
  [ -e "$list" ] && [ ! test/servers/package-lock.json -nt "$list" ]
}

# They need no compilation: test/servers/.npmrc prevents npm from running install scripts.
install_servers() {
  if [ -L test/servers/node_modules ]; then
    echo "$0: test/servers/node_modules is a link and not up to date; install in the linked folder" >&2
  else
    (cd test/servers && npm ci --no-audit --no-fund) || true
  fi
  report_missing_servers
}

report_missing_servers() {
  servers_installed ||
    echo 'not tested against better-auth and polis, which are not installed: (cd test/servers && npm ci)'
}
