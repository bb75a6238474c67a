//! The far end of a line: listens on a TCP port or a pty, carries bytes to an emulated device and back, and fails on demand.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::faults::{Faults, Garbage, Pace};
use super::port::Port;
use crate::address::Address;
use crate::transport::{LineError, Transport, Waker};

/// How long the far side waits before it looks whether anything changed.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// One step of a slowed or stalled line.
const STEP: Duration = Duration::from_millis(10);
/// How long an answer may take to leave.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// No answer of any device.
const JUNK: [u8; 7] = [0xFF, 0xFE, 0x80, 0xC3, 0x28, 0x91, 0xE1];

/// An emulated device as the line sees it.
pub trait FarSide: Send + 'static {
    /// Someone opened the line; gives what the device says at once.
    fn connected(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// Bytes arrived; gives the answer.
    fn receive(&mut self, bytes: &[u8]) -> Vec<u8>;

    /// What the device has to say by itself, at most one chunk; asked again until it is empty.
    fn spontaneous(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

/// Where a far side listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineSpec {
    /// On a TCP address; port 0 takes a free one.
    Tcp(SocketAddr),
    /// On a pty, reached by a symbolic link where one is named.
    Pty {
        /// The link.
        link: Option<PathBuf>,
    },
}

impl LineSpec {
    /// A free TCP port of this machine.
    #[must_use]
    pub fn free_port() -> Self {
        Self::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
    }
}

impl FromStr for LineSpec {
    type Err = std::net::AddrParseError;

    /// `tcp:IP:PORT`, or else the path of a pty's link.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("tcp:") {
            Some(address) => address.parse().map(Self::Tcp),
            None => Ok(Self::Pty { link: Some(text.into()) }),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    /// What will be wrong after so many more bytes.
    coming: Option<(u64, Faults)>,
    cut: bool,
    stop: bool,
    connections: u64,
    received_bytes: u64,
    address: Option<Address>,
}

/// A handle on a far end's line: where it is, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Line {
    state: Arc<Mutex<State>>,
    waker: Waker,
    address: Address,
}

impl Line {
    /// The address at which a driver opens it.
    #[must_use]
    pub fn address(&self) -> Address {
        self.state().address.clone().unwrap_or_else(|| self.address.clone())
    }

    /// What is wrong now.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.state().faults.clone()
    }

    /// Makes things wrong, or right again.
    pub fn set_faults(&self, faults: Faults) {
        {
            let mut state = self.state();
            state.faults = faults;
            state.coming = None;
        }
        self.waker.wake();
    }

    /// The same at the moment when this many more bytes (at least one) have arrived, before they are answered.
    pub fn set_faults_after(&self, bytes: u64, faults: Faults) {
        self.state().coming = Some((bytes.max(1), faults));
    }

    /// Cuts the open line once; it can be opened again at once.
    pub fn cut(&self) {
        self.state().cut = true;
        self.waker.wake();
    }

    /// How many times a driver opened the line (always 1 on a pty until it is cut).
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.state().connections
    }

    /// All bytes that ever arrived.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.state().received_bytes
    }

    /// Lets the device say what it has to say by itself.
    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// A pty that is made anew has a new path.
    pub(super) fn moved_to(&self, address: Address) {
        self.state().address = Some(address);
    }

    /// A cut at a byte happens once.
    fn cut_is_done(&self) {
        let faults = &mut self.state().faults;
        faults.cut_after_bytes = faults.cut_after_bytes.filter(|left| *left > 0);
    }

    fn count_connection(&self) {
        let mut state = self.state();
        state.connections += 1;
        if let Some(left) = &mut state.faults.refuse_after_connections {
            *left = left.saturating_sub(1);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is behind the lock is plain data; a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running far end; it ends when dropped.
#[derive(Debug)]
pub struct LineServer {
    line: Line,
    thread: Option<JoinHandle<()>>,
}

impl LineServer {
    /// Listens and serves `device`, one driver at a time, as a cable does.
    ///
    /// # Errors
    /// When the port is taken or no pty can be made.
    pub fn start(spec: &LineSpec, device: impl FarSide) -> io::Result<Self> {
        let waker = Waker::new()?;
        let state = Arc::new(Mutex::new(State::default()));
        let (port, address) = Port::open(spec)?;
        let line = Line { state, waker, address };
        let thread = {
            let line = line.clone();
            std::thread::Builder::new().name("far-side".to_owned()).spawn(move || serve(&line, port, device))?
        };
        Ok(Self { line, thread: Some(thread) })
    }

    /// The line's handle.
    #[must_use]
    pub fn line(&self) -> &Line {
        &self.line
    }
}

impl Drop for LineServer {
    fn drop(&mut self) {
        self.line.state().stop = true;
        self.line.waker.wake();
        if let Some(thread) = self.thread.take() {
            // A far side that panicked has nothing more to tell.
            let _ = thread.join();
        }
    }
}

fn serve(line: &Line, mut port: Port, mut device: impl FarSide) {
    while !line.state().stop {
        if line.state().faults.refuses() {
            port.refuse(line);
            pause(line, LOOK);
            continue;
        }
        match port.accept(line) {
            Ok(Some(mut open)) => {
                line.count_connection();
                // However a connection ends, the next one may come.
                let _ = carry(line, open.as_mut(), &mut device);
                line.cut_is_done();
                make_next_place(line, &mut port);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the far side cannot listen");
                pause(line, STEP);
            }
        }
    }
}

/// Before the last place of a line goes, so that nobody looks for it where it was.
fn make_next_place(line: &Line, port: &mut Port) {
    let (stop, refuses) = {
        let state = line.state();
        (state.stop, state.faults.refuses())
    };
    if refuses {
        port.refuse(line);
    } else if !stop && port.renew(line).is_err() {
        // It is tried again where it is needed.
        pause(line, STEP);
    }
}

fn pause(line: &Line, time: Duration) {
    // An interrupted pause is only shorter.
    let _ = line.waker.wait(Instant::now() + time);
}

/// Carries bytes until the line closes or is cut.
fn carry(line: &Line, open: &mut dyn Transport, device: &mut impl FarSide) -> Result<(), LineError> {
    line.state().cut = false;
    let hello = device.connected();
    answer(line, open, &hello)?;
    let mut buffer = vec![0; 16 * 1024];
    let mut pace = Pace::new();
    while let Some(before) = room(line, buffer.len(), &mut pace) {
        if before == 0 {
            pause(line, STEP);
            continue;
        }
        say_spontaneously(line, open, device)?;
        open.wait(Some(&line.waker), Instant::now() + LOOK)?;
        // What went wrong during the wait holds for the bytes that ended it.
        let Some(room) = room(line, buffer.len(), &mut pace) else { break };
        if room == 0 {
            continue;
        }
        let count = open.read_some(&mut buffer[..room], Instant::now())?;
        pace.took(count);
        take(line, open, device, &buffer[..count])?;
    }
    Ok(())
}

/// How many bytes may be read now; `None` when the line is cut.
fn room(line: &Line, most: usize, pace: &mut Pace) -> Option<usize> {
    let state = line.state();
    if state.stop || state.cut || state.faults.refuse || state.faults.cut_after_bytes == Some(0) {
        return None;
    }
    if state.faults.stalls() {
        return Some(0);
    }
    let before_coming = state.coming.as_ref().map_or(most, |(left, _)| usize::try_from(*left).unwrap_or(most));
    Some(state.faults.most(pace.room(state.faults.bytes_per_second).min(most).min(before_coming)))
}

fn take(line: &Line, open: &mut dyn Transport, device: &mut impl FarSide, bytes: &[u8]) -> Result<(), LineError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let (black_hole, junk_is_due) = {
        let mut state = line.state();
        if state.cut || state.faults.refuse {
            return Err(LineError::Closed);
        }
        state.received_bytes += bytes.len() as u64;
        let junk_is_due = state.faults.count(bytes.len() as u64);
        (state.faults.black_hole, junk_is_due)
    };
    if black_hole {
        return Ok(());
    }
    let mut reply = device.receive(bytes);
    if begin_coming(line, bytes.len() as u64) {
        return Err(LineError::Closed);
    }
    if junk_is_due {
        reply.splice(..0, JUNK);
    }
    // A line that was cut by this very chunk carries no answer.
    if line.state().faults.cut_after_bytes == Some(0) { Ok(()) } else { answer(line, open, &reply) }
}

/// Counts bytes down to what is coming, and makes it so; `true` when the line is cut by it.
fn begin_coming(line: &Line, bytes: u64) -> bool {
    let mut state = line.state();
    let Some((left, faults)) = state.coming.take() else { return false };
    if left > bytes {
        state.coming = Some((left - bytes, faults));
        return false;
    }
    state.faults = faults;
    state.faults.refuse
}

fn say_spontaneously(line: &Line, open: &mut dyn Transport, device: &mut impl FarSide) -> Result<(), LineError> {
    loop {
        let bytes = device.spontaneous();
        if bytes.is_empty() {
            return Ok(());
        }
        answer(line, open, &bytes)?;
    }
}

fn answer(line: &Line, open: &mut dyn Transport, bytes: &[u8]) -> Result<(), LineError> {
    let faults = line.faults();
    if bytes.is_empty() || faults.black_hole {
        return Ok(());
    }
    let bytes = match faults.garbage {
        None => bytes.to_vec(),
        Some(Garbage::Before) => [&JUNK, bytes].concat(),
        Some(Garbage::Instead) => JUNK.to_vec(),
    };
    if let Some(late) = faults.answer_after_ms {
        pause(line, Duration::from_millis(late.into()));
    }
    let piece = if faults.split { 1 } else { bytes.len() };
    for piece in bytes.chunks(piece) {
        open.write_all(piece, Instant::now() + ANSWER_WITHIN).map_err(|short| short.cause)?;
    }
    Ok(())
}
