# Sourced by scripts/test: the directory servers that tests run against.

# Server, the program that proves its installation, and its packages.
directory_servers='slapd:slapd:slapd ldap-utils openssl
389ds:ns-slapd:389-ds-base ldap-utils openssl
samba:samba:samba samba-ad-dc samba-ad-provision samba-dsdb-modules winbind ldb-tools tdb-tools ldap-utils openssl'

missing_directories() {
  local name program packages
  while IFS=: read -r name program packages; do
    if ! has_program "$program" || ! has_program ldapmodify || ! has_program openssl; then echo "$name:$packages"; fi
  done <<<"$directory_servers"
}

directories() { install_packages missing_directories report_missing_directories; }
report_missing_directories() { report_packages missing_directories; }
