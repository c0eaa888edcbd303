# Sourced by scripts/test: programs that check what scimsync ships.

# What is checked, the program, and its packages.
checking_tools='the status page in a browser:chromium:chromium
the alert rules:promtool:prometheus
completion in zsh:zsh:zsh
completion in fish:fish:fish'

missing_tools() {
  local what program packages
  while IFS=: read -r what program packages; do
    has_program "$program" || echo "$what:$packages"
  done <<<"$checking_tools"
}

tools() { install_packages missing_tools report_missing_tools; }
report_missing_tools() { report_packages missing_tools; }
