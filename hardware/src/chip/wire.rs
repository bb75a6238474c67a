//! A card reader at the end of a TCP line, as an emulated one is reached from another program (a dock, a trial). Real readers are reached through PC/SC.
//!
//! A message is its length in two bytes, the higher first, and its bytes; each is answered by one. `03` asks what lies in the slot: the number of the
//! insertion in four bytes, or nothing. `01` resets the card: its answer to reset, or nothing. Whatever is longer than a byte is a command to the
//! card, and its answer; nothing when the card was taken away.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::connection::{CardConnection, CardFault};

/// Asks what lies in the slot.
pub const LOOK: u8 = 3;
/// Resets the card.
pub const RESET: u8 = 1;

/// An open line to a reader.
#[derive(Debug)]
pub struct WireReader {
    stream: TcpStream,
}

impl WireReader {
    /// Opens the line.
    ///
    /// # Errors
    /// [`CardFault::ReaderAbsent`] when nothing is there.
    pub fn open(host: &str, port: u16, deadline: Instant) -> Result<Self, CardFault> {
        let absent = |_| CardFault::ReaderAbsent;
        let mut places = (host.trim_matches(['[', ']']), port).to_socket_addrs().map_err(absent)?;
        let place = places.next().ok_or(CardFault::ReaderAbsent)?;
        let stream = TcpStream::connect_timeout(&place, left(deadline)).map_err(absent)?;
        stream.set_nodelay(true).map_err(absent)?;
        Ok(Self { stream })
    }

    /// The insertion of the card that lies there.
    ///
    /// # Errors
    /// [`CardFault::ReaderAbsent`] when the line closed, [`CardFault::TimedOut`].
    pub fn look(&mut self, deadline: Instant) -> Result<Option<u32>, CardFault> {
        let answer = self.exchange(&[LOOK], deadline).map_err(|error| gone(&error, CardFault::ReaderAbsent))?;
        Ok(<[u8; 4]>::try_from(&answer[..]).ok().map(u32::from_be_bytes))
    }

    /// Connects to the card that lies there.
    ///
    /// # Errors
    /// [`CardFault::NoCard`]; as [`WireReader::look`].
    pub fn connect(mut self, deadline: Instant) -> Result<WireCard, CardFault> {
        let answer_to_reset =
            self.exchange(&[RESET], deadline).map_err(|error| gone(&error, CardFault::ReaderAbsent))?;
        if answer_to_reset.is_empty() { Err(CardFault::NoCard) } else { Ok(WireCard { reader: self, answer_to_reset }) }
    }

    fn exchange(&mut self, message: &[u8], deadline: Instant) -> io::Result<Vec<u8>> {
        let length = u16::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.stream.set_write_timeout(Some(left(deadline)))?;
        self.stream.write_all(&[&length.to_be_bytes(), message].concat())?;
        let mut length = [0; 2];
        self.read(&mut length, deadline)?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.read(&mut answer, deadline)?;
        Ok(answer)
    }

    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<()> {
        self.stream.set_read_timeout(Some(left(deadline)))?;
        self.stream.read_exact(buffer)
    }
}

/// The time that is left; never zero, which would be for ever.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}

fn gone(error: &io::Error, closed: CardFault) -> CardFault {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => CardFault::TimedOut,
        _ => closed,
    }
}

/// A card in such a reader.
#[derive(Debug)]
pub struct WireCard {
    reader: WireReader,
    answer_to_reset: Vec<u8>,
}

impl CardConnection for WireCard {
    fn transmit(&mut self, command: &[u8], deadline: Instant) -> Result<Vec<u8>, CardFault> {
        let answer = self.reader.exchange(command, deadline).map_err(|error| gone(&error, CardFault::Removed))?;
        if answer.is_empty() { Err(CardFault::Removed) } else { Ok(answer) }
    }

    fn answer_to_reset(&self) -> &[u8] {
        &self.answer_to_reset
    }

    fn takes_extended_length(&self) -> bool {
        true
    }
}
