# Sourced by scripts/test: the PostgreSQL server that tests start with data of their own.

missing_postgres() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo 'the state in PostgreSQL:postgresql'
}

postgres() { install_packages missing_postgres report_missing_postgres; }
report_missing_postgres() { report_packages missing_postgres; }
