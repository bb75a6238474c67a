//! A program that runs while its lines are read: ended with all that it started, and never left a zombie.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::protocol::LineCutter;

/// How often a program that is being waited for is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a program may take to end by itself when told to: a scanner moves its lamp back first.
const GRACE: Duration = Duration::from_secs(3);

/// A line of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// On its standard output.
    Out(String),
    /// On its standard error.
    Err(String),
}

/// What a wait for a line gave.
#[derive(Debug)]
pub(super) enum Next {
    Line(Line),
    /// Nothing yet.
    Silent,
    /// The program ended, and all of its lines were given.
    Ended(ExitStatus),
}

/// A running program. Dropping it ends it.
pub(super) struct Running {
    child: Child,
    lines: Receiver<Line>,
    ended: Option<ExitStatus>,
}

impl Running {
    /// Starts a program in a process group of its own.
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let (tell, lines) = channel();
        if let Some(out) = child.stdout.take() {
            read_lines(out, tell.clone(), Line::Out)?;
        }
        if let Some(err) = child.stderr.take() {
            read_lines(err, tell, Line::Err)?;
        }
        Ok(Self { child, lines, ended: None })
    }

    /// The next line; waits at most `within`.
    pub(super) fn next(&mut self, within: Duration) -> io::Result<Next> {
        match self.lines.recv_timeout(within) {
            Ok(line) => Ok(Next::Line(line)),
            Err(RecvTimeoutError::Timeout) => Ok(Next::Silent),
            // Both of its pipes are closed: it ended, or is about to.
            Err(RecvTimeoutError::Disconnected) => {
                Ok(self.wait(Instant::now() + within)?.map_or(Next::Silent, Next::Ended))
            }
        }
    }

    /// Waits until it ended or `deadline`.
    fn wait(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        loop {
            if self.ended.is_none() {
                self.ended = self.child.try_wait()?;
            }
            if self.ended.is_some() || Instant::now() >= deadline {
                return Ok(self.ended);
            }
            std::thread::sleep(LOOK);
        }
    }

    fn signal(&self, signal: i32) {
        let Ok(group) = i32::try_from(self.child.id()) else { return };
        #[expect(
            unsafe_code,
            reason = "kill(2) has no safe form in std; the group is that of a child not yet waited for"
        )]
        // A group that ended by itself in between is no failure.
        let _ = unsafe { libc::kill(-group, signal) };
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended.is_some() {
            return;
        }
        self.signal(libc::SIGTERM);
        if !matches!(self.wait(Instant::now() + GRACE), Ok(Some(_))) {
            self.signal(libc::SIGKILL);
            // Killed: it cannot but end, and is then no zombie.
            let _ = self.child.wait();
        }
    }
}

/// Reads a pipe to its end on a thread of its own, which ends with the program.
fn read_lines(mut pipe: impl Read + Send + 'static, tell: Sender<Line>, wrap: fn(String) -> Line) -> io::Result<()> {
    let run = move || {
        let (mut cutter, mut buffer) = (LineCutter::default(), [0; 4096]);
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            for line in cutter.push(&buffer[..count]) {
                if tell.send(wrap(line)).is_err() {
                    return;
                }
            }
        }
        if let Some(line) = cutter.end() {
            // Nobody listens any more: nothing is lost.
            let _ = tell.send(wrap(line));
        }
    };
    std::thread::Builder::new().name("program-lines".to_owned()).spawn(run).map(drop)
}
