# Sourced by scripts/test: programs that check what scimsync ships. As root on a machine with apt-get, it installs them.
# Elsewhere the tests of a missing program are skipped; the last lines of the run list these programs.

# What is checked, the program, and its packages.
checking_tools='the status page in a browser:chromium:chromium
the alert rules:promtool:prometheus
completion in zsh:zsh:zsh
completion in fish:fish:fish'

# Prints a line "what:packages" for each program that is not installed.
missing_tools() {
  local what program packages
  while IFS=: read -r what program packages; do
    has_program "$program" || echo "$what:$packages"
  done <<<"$checking_tools"
}

tools() {
  local what packages policy=/usr/sbin/policy-rc.d made=''
  if [ -z "$(missing_tools)" ]; then return 0; fi
  if [ "$(id -u)" -ne 0 ] || ! has_program apt-get; then report_missing_tools; return 0; fi
  made=$(forbid_services "$policy")
  apt-get -q update || true
  while IFS=: read -r what packages; do
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $packages ||
      echo "$packages could not be installed"
  done <<<"$(missing_tools)"
  if [ -n "$made" ]; then rm -f "$made"; fi
  report_missing_tools
}

report_missing_tools() {
  local what packages
  while IFS=: read -r what packages; do
    [ -n "$what" ] || continue
    echo "not tested: $what; apt-get install --no-install-recommends $packages"
  done <<<"$(missing_tools)"
}
