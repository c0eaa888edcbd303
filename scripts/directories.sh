# Sourced by scripts/test: the directory servers that tests run against. As root on a machine with apt-get, it installs
# them. Elsewhere the tests of a missing server are skipped; the last lines of the run list these servers, each with the
# command that installs it.

# Server, the program that proves its installation, and its packages.
directory_servers='slapd:slapd:slapd ldap-utils openssl
389ds:ns-slapd:389-ds-base ldap-utils openssl
samba:samba:samba samba-ad-dc samba-ad-provision samba-dsdb-modules winbind ldb-tools tdb-tools ldap-utils openssl'

has_program() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# Debian starts a server after its installation; this policy prevents it. Prints the file, if it was made.
forbid_services() {
  local policy=$1
  if [ -e "$policy" ]; then return 0; fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  echo "$policy"
}

# Prints a line "server:packages" for each server that is not installed.
missing_directories() {
  local name program packages
  while IFS=: read -r name program packages; do
    if ! has_program "$program" || ! has_program ldapmodify || ! has_program openssl; then echo "$name:$packages"; fi
  done <<<"$directory_servers"
}

directories() {
  local name packages policy=/usr/sbin/policy-rc.d made=''
  if [ -z "$(missing_directories)" ]; then return 0; fi
  if [ "$(id -u)" -ne 0 ] || ! has_program apt-get; then report_missing_directories; return 0; fi
  made=$(forbid_services "$policy")
  apt-get -q update || true
  while IFS=: read -r name packages; do
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $packages ||
      echo "the directory server $name could not be installed"
  done <<<"$(missing_directories)"
  if [ -n "$made" ]; then rm -f "$made"; fi
  report_missing_directories
}

report_missing_directories() {
  local name packages
  while IFS=: read -r name packages; do
    [ -n "$name" ] || continue
    echo "not tested against $name, which is not installed: apt-get install --no-install-recommends $packages"
  done <<<"$(missing_directories)"
}
