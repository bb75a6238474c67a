//! A scenario's own process: with users, mounts and networks of its own, so that it needs no rights, meets no other's
//! namespaces, and leaves none behind.

use std::io::Write;
use std::process::{Command, Output};

/// The variable that tells that this process is one.
const ALONE: &str = "MOTCUA_WORLD_ALONE";
/// What a scenario needs of the machine, tried once before it begins.
const NEEDED: &str = "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add probe \
                      && ip link add name here type veth peer name there netns probe && ip -n probe link add name switch type bridge \
                      && nsenter --net=/run/netns/probe sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'";

/// Runs a scenario, named as the test harness names it, in a process of its own. Where this machine gives none, says why
/// on standard error and tries nothing.
pub fn alone(test: &str, scenario: impl FnOnce()) {
    if std::env::var_os(ALONE).is_some() {
        prepare();
        return scenario();
    }
    if let Err(why) = is_possible() {
        // Past the harness, which keeps what a test prints to itself.
        let _ = writeln!(std::io::stderr(), "{test} was not tried: {why}");
        return;
    }
    let mut again = unshared(std::env::current_exe().unwrap());
    let ran = again.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
    print!("{}", text(&ran));
    assert!(ran.status.success(), "see above");
    assert!(text(&ran).contains("1 passed"), "no test has the name {test}");
}

fn unshared(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("unshare");
    command.arg("-rmn").arg(program);
    command
}

fn is_possible() -> Result<(), String> {
    super::clock::library()?;
    let tried = unshared("sh").args(["-c", NEEDED]).output().map_err(|fault| format!("unshare: {fault}"))?;
    let why = || format!("this system gives no process a network of its own (unshare -rmn): {}", text(&tried).trim());
    tried.status.success().then_some(()).ok_or_else(why)
}

/// `ip netns` keeps its namespaces below /run.
fn prepare() {
    let made = "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up";
    assert!(Command::new("sh").args(["-c", made]).status().unwrap().success(), "a /run of its own");
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
