//! An emulated scanner: someone holds a card before it, and its bytes come down the line in chunks, as they do from a real one.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::line::{FarSide, Line, LineServer, LineSpec};

/// Bytes of one USB packet.
const CHUNK_BYTES: usize = 64;

/// What the scanner sends after a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terminator {
    /// Nothing.
    None,
    /// CR.
    #[default]
    Cr,
    /// LF.
    Lf,
    /// CR LF.
    CrLf,
}

impl Terminator {
    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::Cr => b"\r",
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

type Waiting = Arc<Mutex<VecDeque<u8>>>;

struct FarScanner {
    waiting: Waiting,
}

impl FarSide for FarScanner {
    /// A scanner that is told to do something does it and says nothing.
    fn receive(&mut self, _bytes: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn spontaneous(&mut self) -> Vec<u8> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(CHUNK_BYTES);
        waiting.drain(..count).collect()
    }
}

/// A scanner on a TCP port or a pty.
#[derive(Debug)]
pub struct EmulatedScanner {
    server: LineServer,
    waiting: Waiting,
}

impl EmulatedScanner {
    /// Starts it.
    ///
    /// # Errors
    /// When the port is taken or no pty can be made.
    pub fn start(spec: &LineSpec) -> io::Result<Self> {
        let waiting = Waiting::default();
        let server = LineServer::start(spec, FarScanner { waiting: waiting.clone() })?;
        Ok(Self { server, waiting })
    }

    /// Holds a code before the scanner. What is scanned while nobody listens waits for whoever opens the line.
    pub fn put_card(&self, payload: &[u8], terminator: Terminator) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(payload.iter().chain(terminator.bytes()));
        self.server.line().wake();
    }

    /// The line, with its address and its faults.
    #[must_use]
    pub fn line(&self) -> &Line {
        self.server.line()
    }
}
