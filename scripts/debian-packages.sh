# Sourced by scripts/test: Debian packages for tests. As root on a machine with apt-get, they are installed. Elsewhere
# the tests that need them are skipped; the last lines of the run list these tests, each with the command that installs.

has_program() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# install_packages MISSING REPORT: installs what the function MISSING prints, as lines "name:packages". The function
# REPORT prints what is still missing.
install_packages() {
  local missing=$1 report=$2 name packages policy=/usr/sbin/policy-rc.d made=''
  if [ -z "$("$missing")" ]; then return 0; fi
  if [ "$(id -u)" -ne 0 ] || ! has_program apt-get; then "$report"; return 0; fi
  # Debian starts a server after its installation; this policy prevents it.
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=$policy
  fi
  apt-get -q update || true
  while IFS=: read -r name packages; do
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $packages ||
      echo "the packages for $name could not be installed: $packages"
  done <<<"$("$missing")"
  if [ -n "$made" ]; then rm -f "$made"; fi
  "$report"
}

# report_packages MISSING: one line for each test that is skipped.
report_packages() {
  local missing=$1 name packages
  while IFS=: read -r name packages; do
    [ -n "$name" ] || continue
    echo "not tested: $name; apt-get install --no-install-recommends $packages"
  done <<<"$("$missing")"
}
