//! Named points at which a trial can cut the power. Nothing of it is in a shipped build.

/// Every named point, in the order of a ticket's and a dossier's life.
pub const POINTS: [&str; 14] = [
    "ticket-decided",
    "ticket-committed",
    "ticket-handed-over",
    "paper-reporting",
    "paper-reported",
    "call-decided",
    "call-committed",
    "accept-decided",
    "accept-committed",
    "slip-written",
    "slip-recording",
    "slip-recorded",
    "push-answered",
    "pull-taken",
];

/// Ends this process as a power cut would, when `MOTCUA_CRASH_AT` names this point.
#[cfg(feature = "crash-points")]
pub fn point(name: &str) {
    debug_assert!(POINTS.contains(&name), "{name} is not in the list of crash points");
    if std::env::var("MOTCUA_CRASH_AT").is_ok_and(|at| at == name) {
        let pid = std::process::id() as libc::pid_t;
        #[expect(unsafe_code, reason = "a signal to ourselves has no safe wrapper in the standard library")]
        // SAFETY: kill takes two numbers and touches no memory of ours.
        unsafe {
            libc::kill(pid, libc::SIGKILL);
        }
    }
}

/// Does nothing in a shipped build.
#[cfg(not(feature = "crash-points"))]
pub fn point(_name: &str) {}
