//! A PostgreSQL cluster of our own, from Debian's packages: started once, gone with this program.

use postgres::{Client, NoTls};
use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// As it runs for ever after: the shell that holds its other end stops it and removes its folder when this program ends.
const SCRIPT: &str = r#"
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
dir=$(mktemp -d "${TMPDIR:-/tmp}/motcua-pg.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N >"$dir/log" 2>&1
printf "listen_addresses='127.0.0.1'\nport=%s\nunix_socket_directories='%s'\nmax_connections=200\n" "$1" "$dir" \
    >>"$dir/data/postgresql.conf"
"$bin/postgres" -D "$dir/data" >>"$dir/log" 2>&1 &
server=$!
cat >/dev/null || true
kill -INT "$server" && wait "$server" || true
"#;

static PORT: OnceLock<u16> = OnceLock::new();
static MADE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The address of a database, which is made where there is none yet.
pub fn database(name: &str) -> String {
    let port = *PORT.get_or_init(start);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if made.insert(name.to_owned()) {
        connect(&url(port, "postgres")).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    }
    url(port, name)
}

pub fn connect(url: &str) -> Result<Client, postgres::Error> {
    Client::connect(url, NoTls)
}

fn url(port: u16, name: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{name}?connect_timeout=5")
}

fn start() -> u16 {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // PostgreSQL refuses to be root.
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
    let mut shell = if is_root { Command::new("runuser") } else { Command::new("sh") };
    if is_root {
        shell.args(["-u", "postgres", "--", "sh"]);
    }
    shell.args(["-c", SCRIPT, "sh", &port.to_string()]).stdin(Stdio::piped()).current_dir("/");
    keep(shell.spawn().expect("a shell"));
    let begun = Instant::now();
    while let Err(error) = connect(&url(port, "postgres")) {
        let patience = begun.elapsed() < Duration::from_secs(60);
        assert!(patience, "PostgreSQL did not start ({error}); is the package postgresql installed?");
        std::thread::yield_now();
    }
    port
}

/// Held for as long as this program runs: its end is what the shell waits for.
fn keep(child: Child) {
    static KEPT: Mutex<Vec<Child>> = Mutex::new(Vec::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(child);
    for child in kept.iter_mut() {
        if let Some(stdin) = child.stdin.as_mut() {
            stdin.flush().unwrap();
        }
    }
}
