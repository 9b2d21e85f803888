# What the tests need beside Python: a browser, Node.js for the editor's unit tests, PostgreSQL.
# Sourced after _setup.sh.

# need_chromium: sets MASKWRIGHT_TEST_CHROMIUM. Ubuntu's package is a snap, which runs in no container,
# so there the build that Playwright publishes is taken.
need_chromium() {
  local name driver
  driver=$("$VENV/bin/python" -c 'import playwright; print(playwright.__path__[0])')/driver/node
  "$driver" --version >/dev/null 2>&1 ||
    apt_install "Playwright's own Node.js needs a library" libatomic1
  for name in "${MASKWRIGHT_TEST_CHROMIUM:-}" chromium google-chrome google-chrome-stable; do
    if [ -n "$name" ] && have "$name" && "$name" --version >/dev/null 2>&1; then
      MASKWRIGHT_TEST_CHROMIUM=$(command -v "$name")
      export MASKWRIGHT_TEST_CHROMIUM
      return
    fi
  done
  if grep -qi '^ID=ubuntu' /etc/os-release 2>/dev/null || ! have apt-get; then
    say "The browser tests need Chromium: installing Playwright's"
    "$VENV/bin/python" -m playwright install --with-deps chromium >"$LOG" 2>&1 || {
      tail -n 5 "$LOG" >&2
      die "Chromium could not be installed; set MASKWRIGHT_TEST_CHROMIUM to one of your own."
    }
    MASKWRIGHT_TEST_CHROMIUM=$("$VENV/bin/python" -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as p: print(p.chromium.executable_path)')
  else
    apt_install "The browser tests need Chromium" chromium
    MASKWRIGHT_TEST_CHROMIUM=$(command -v chromium)
  fi
  export MASKWRIGHT_TEST_CHROMIUM
}

need_node() {
  have node || apt_install "The editor's unit tests need Node.js" nodejs
}

# need_postgresql: exports MASKWRIGHT_TEST_POSTGRES, the URL, without a database, of a server where
# the tests may make and drop databases and roles. Unless it is set already, a server is started for
# this run and removed after it.
need_postgresql() {
  [ -z "${MASKWRIGHT_TEST_POSTGRES:-}" ] || return 0
  find_initdb || {
    keep_postgresql_still
    apt_install "The PostgreSQL tests need a server" postgresql
    find_initdb || die "PostgreSQL is installed, but its initdb is not where Debian keeps it."
  }
  PG_HOME=$(mktemp -d "${TMPDIR:-/tmp}/maskwright-pg.XXXXXX")
  local port
  port=$("$VENV/bin/python" -c \
    'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  [ "$(id -u)" != 0 ] || chown postgres "$PG_HOME"
  as_postgres "$PG_BIN/initdb" -D "$PG_HOME/data" -U postgres --auth=trust --no-sync \
    --encoding=UTF8 --no-locale >"$LOG" 2>&1 &&
    as_postgres "$PG_BIN/pg_ctl" -D "$PG_HOME/data" -l "$PG_HOME/log" -w start \
      -o "-p $port -k $PG_HOME -c listen_addresses=127.0.0.1 -c fsync=off" >>"$LOG" 2>&1 || {
    tail -n 5 "$LOG" >&2
    die "a PostgreSQL for the tests could not be started"
  }
  trap stop_postgresql EXIT
  export MASKWRIGHT_TEST_POSTGRES="postgresql://postgres@127.0.0.1:$port"
}

# keep_postgresql_still: Debian's package would set up a cluster and start it at every boot; the
# tests need its programs only. A choice that is there already is left alone.
keep_postgresql_still() {
  local choice=/etc/postgresql-common/createcluster.conf
  [ -e "$choice" ] ||
    as_root sh -c "mkdir -p ${choice%/*} && echo 'create_main_cluster = false' >$choice" || true
}

find_initdb() {
  local bin
  for bin in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    if [ -x "$bin/initdb" ]; then
      PG_BIN=$bin
      return 0
    fi
  done
  return 1
}

# PostgreSQL refuses to run as root; its own user is there with the package.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}

stop_postgresql() {
  as_postgres "$PG_BIN/pg_ctl" -D "$PG_HOME/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$PG_HOME" "$LOG"
}
