# Sourced by scripts/test: SCIM servers that nobody here wrote, which end-to-end tests run against. They are a package of their own, so
# that nobody who only wants the product installs them. Without them (no network) their tests are left out, and the last lines say so.

# npm writes the inner list last of all, so it is missing after an installation that broke off.
servers_installed() {
  local list=test/servers/node_modules/.package-lock.json
  [ -e "$list" ] && [ ! test/servers/package-lock.json -nt "$list" ]
}

# Nothing in them has to be compiled: test/servers/.npmrc keeps npm from running install scripts.
install_servers() {
  if [ -L test/servers/node_modules ]; then echo "$0: test/servers/node_modules is a link and not up to date; nothing is installed through it" >&2
  else (cd test/servers && npm ci --no-audit --no-fund) || true
  fi
  say_missing_servers
}

say_missing_servers() {
  servers_installed || echo 'not tested against better-auth and polis, which are not installed: (cd test/servers && npm ci)'
}
