//! A window's whole tree of processes: the app and the WebKit processes that it starts, kept together by a process group.

use ::tests::fault::{Doing, Fault, Outcome, wait_for};
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);
/// Memory that stays this still
const STILL_KIB: u64 = 512;
/// for this long is idle memory.
const STILL_FOR: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A page that never comes to rest is measured all the same.
const LONGEST: Duration = Duration::from_secs(15);

/// A window's processes; all end when this is dropped.
pub struct Tree {
    child: Child,
}

impl Tree {
    /// Starts a program as the head of a group of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        command.process_group(0).spawn().map(|child| Self { child }).doing("starting a window")
    }

    /// The memory of all its processes once it is at rest, shared pages counted by their share (PSS), in KiB.
    ///
    /// # Errors
    /// When the window has ended.
    pub fn idle_pss_kib(&mut self) -> Outcome<u64> {
        let begun = Instant::now();
        let mut still = (self.pss_kib(), Instant::now());
        loop {
            std::thread::sleep(LOOK_EVERY);
            if let Some(status) = self.child.try_wait().doing("looking at a window")? {
                return Err(Fault::new("measuring a window's memory", format_args!("it ended with {status}")));
            }
            let now = self.pss_kib();
            if now.abs_diff(still.0) > STILL_KIB {
                still = (now, Instant::now());
            }
            if still.1.elapsed() >= STILL_FOR || begun.elapsed() >= LONGEST {
                return Ok(now);
            }
        }
    }

    fn pss_kib(&self) -> u64 {
        members(self.child.id()).into_iter().filter_map(pss_kib).sum()
    }

    /// Ends all its processes and waits until they are gone.
    ///
    /// # Errors
    /// When one of them stays.
    pub fn end(mut self) -> Outcome<()> {
        self.kill();
        let group = self.child.id();
        wait_for("a window's processes to end", PATIENCE, || Ok(members(group).is_empty().then_some(())))
    }

    fn kill(&mut self) {
        for member in members(self.child.id()) {
            kill(member);
        }
        // It fails only when it was waited for already.
        let _ = self.child.wait();
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The living processes of a group.
fn members(group: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return vec![] };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| group_of(*id) == Some(group)).collect()
}

/// The group of a living process; none of one that has ended.
fn group_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // State, parent and group stand behind the name in parentheses, which may itself hold any character.
    let mut words = stat.rsplit_once(") ")?.1.split(' ');
    let state = words.next()?;
    let group = words.nth(1)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(group)
}

fn pss_kib(process: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    pss.split_whitespace().next()?.parse().ok()
}

#[expect(unsafe_code, reason = "a signal to a process of a group that we started; std can only end the head of it")]
fn kill(process: u32) {
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: kill takes two numbers and touches no memory of ours.
        unsafe { libc::kill(process, libc::SIGKILL) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_measured_and_ended_with_its_children() {
        let mut tree = Tree::start(Command::new("sh").args(["-c", "sleep 60 & sleep 60"])).unwrap();
        let group = tree.child.id();
        wait_for("the children", PATIENCE, || Ok((members(group).len() == 3).then_some(()))).unwrap();
        assert!(tree.idle_pss_kib().unwrap() > 0);
        tree.end().unwrap();
        assert_eq!(members(group), [0; 0]);
    }
}
