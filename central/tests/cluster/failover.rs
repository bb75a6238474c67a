//! PostgreSQL under Patroni and etcd with a synchronous standby, strictly: the primary is killed in a storm of pushes, and no
//! acknowledged event is lost.

use crate::parts::{Node, Part, ask, folder, free_port, status, until};
use crate::storm::{Storm, stations};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// One PostgreSQL under its own Patroni.
struct Member {
    rest: u16,
    data: PathBuf,
    config: PathBuf,
    patroni: Part,
}

impl Member {
    fn start(config: &Path) -> Part {
        // PostgreSQL refuses to be root. The one that is started is Patroni itself, not a parent of it.
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
        let mut command = Command::new(if is_root { "setpriv" } else { "patroni" });
        if is_root {
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "patroni"]);
        }
        let log = std::fs::File::create(config.with_extension("log")).unwrap();
        command.arg(config).current_dir("/tmp").env("HOME", "/tmp").stdout(log.try_clone().unwrap()).stderr(log);
        Part::start(&mut command)
    }

    fn is_primary(&self) -> bool {
        status(&format!("http://127.0.0.1:{}/primary", self.rest)) == Some(200)
    }

    /// SIGKILL of Patroni and of the database at once, as when a machine loses its power.
    fn kill(&mut self) {
        let postmaster = std::fs::read_to_string(self.data.join("postmaster.pid"));
        self.patroni.kill();
        let Some(pid) = postmaster.ok().and_then(|text| text.lines().next().map(str::to_owned)) else { return };
        let _ = Command::new("kill").args(["-9", &pid]).status();
        until("the database's end", PATIENCE, || (!Path::new("/proc").join(&pid).join("exe").exists()).then_some(()));
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn no_acknowledged_event_is_lost_when_the_primary_database_is_killed() {
    let kills: usize = number("MOTCUA_KILLS", 1);
    let events: usize = number("MOTCUA_EVENTS", 1_500);
    let (_dir, dir) = folder();
    make_public(&dir);
    let (_etcd, etcd) = etcd(&dir);
    let mut members = [member(&dir, 1, etcd), member(&dir, 2, etcd)];
    until("a synchronous standby", PATIENCE, || is_synchronous(&members).then_some(()));
    let ports = members.iter().map(|member| port_of(&member.config)).map(|port| format!("127.0.0.1:{port}"));
    let hosts = ports.collect::<Vec<_>>().join(",");
    let store = format!("postgres://postgres@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=2");
    let key = dir.join("nodes.key");
    let node = Node::start(&store, &key);
    let stations = stations(&dir, &store, &key, &node.url, 4);
    let (storm, mut gaps) = (Storm::default(), Vec::new());
    std::thread::scope(|scope| {
        for station in &stations {
            scope.spawn(|| storm.blow(station));
        }
        for kill in 0..kills {
            until("a synchronous standby", PATIENCE, || is_synchronous(&members).then_some(()));
            // Another moment each time: after so many more events than last time.
            let before = storm.acknowledged();
            let share = events.div_ceil(kills) * (1 + kill * 7 % 5) / 3;
            until("a storm", PATIENCE, || (storm.acknowledged() >= before + share).then_some(()));
            let at = members.iter().position(Member::is_primary).expect("a primary");
            members[at].kill();
            let (killed, told) = (Instant::now(), storm.acknowledged());
            until("the standby's promotion", PATIENCE, || members[1 - at].is_primary().then_some(()));
            members[at].patroni = Member::start(&members[at].config);
            until("a push after the fail-over", PATIENCE, || (storm.acknowledged() > told + 200).then_some(()));
            gaps.push(killed.elapsed().as_secs_f64());
        }
        until("all events", PATIENCE * 4, || (storm.acknowledged() >= events).then_some(()));
        storm.end();
    });
    let held = storm.judge(&stations, &store, &key);
    gaps.sort_by(f64::total_cmp);
    let (median, longest) = (gaps[gaps.len() / 2], gaps[gaps.len() - 1]);
    println!(
        "{kills} kills, {held} events held, {} acknowledged, 0 lost; from a kill to acknowledged pushes: median {median:.1} s, longest {longest:.1} s",
        storm.acknowledged()
    );
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn is_synchronous(members: &[Member; 2]) -> bool {
    members.iter().any(|member| {
        ask(&format!("http://127.0.0.1:{}/cluster", member.rest)).is_some_and(|(_, said)| said.contains("sync_standby"))
    })
}

fn make_public(dir: &Path) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(dir, mode).unwrap();
}

fn etcd(dir: &Path) -> (Part, u16) {
    let (client, peer) = (free_port(), free_port());
    let (client_url, peer_url) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
    let log = std::fs::File::create(dir.join("etcd.log")).unwrap();
    let mut command = Command::new("etcd");
    command
        .args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url])
        .args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url])
        .args(["--initial-cluster", &format!("default={peer_url}"), "--log-level", "warn", "--data-dir"])
        .arg(dir.join("etcd"))
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    let part = Part::start(&mut command);
    until("etcd", PATIENCE, || (status(&format!("{client_url}/health")) == Some(200)).then_some(()));
    (part, client)
}

fn member(dir: &Path, number: u16, etcd: u16) -> Member {
    let (rest, port) = (free_port(), free_port());
    let (data, config) = (dir.join(format!("d{number}")), dir.join(format!("p{number}.yml")));
    let bin = newest_postgres();
    let text = format!(
        "scope: motcua\nname: n{number}\n\
         restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}\n\
         etcd3: {{hosts: '127.0.0.1:{etcd}'}}\n\
         bootstrap:\n\
         \x20 dcs: {{ttl: 8, loop_wait: 1, retry_timeout: 3, synchronous_mode: true, synchronous_mode_strict: true, \
         postgresql: {{use_pg_rewind: true, parameters: {{wal_log_hints: 'on', synchronous_commit: 'on', max_connections: 60}}}}}}\n\
         \x20 initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, data-checksums]\n\
         postgresql:\n\
         \x20 listen: 127.0.0.1:{port}\n\x20 connect_address: 127.0.0.1:{port}\n\x20 data_dir: {data}\n\x20 bin_dir: {bin}\n\
         \x20 pgpass: {dir}/pgpass{number}\n\
         \x20 pg_hba: [local all all trust, host all all 127.0.0.1/32 trust, host replication all 127.0.0.1/32 trust]\n\
         \x20 authentication: {{superuser: {{username: postgres, password: x}}, replication: {{username: repl, password: x}}, \
         rewind: {{username: rewind, password: x}}}}\n\
         \x20 parameters: {{unix_socket_directories: '{dir}'}}\n",
        data = data.display(),
        dir = dir.display(),
    );
    std::fs::write(&config, text).unwrap();
    let patroni = Member::start(&config);
    // The second one clones the first, so the first must be there.
    until("a member", PATIENCE, || status(&format!("http://127.0.0.1:{rest}/health")).filter(|it| *it == 200));
    Member { rest, data, config, patroni }
}

fn port_of(config: &Path) -> String {
    let text = std::fs::read_to_string(config).unwrap();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("connect_address: 127.0.0.1:")).unwrap();
    line.to_owned()
}

fn newest_postgres() -> String {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let number = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse::<u32>().ok();
    let newest = versions.filter_map(number).max().expect("a version of PostgreSQL");
    format!("/usr/lib/postgresql/{newest}/bin")
}
