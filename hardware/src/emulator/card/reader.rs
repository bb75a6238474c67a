//! An emulated reader on a TCP port, into which emulated cards are put, for drivers in other programs. What is said is told in [`crate::chip::wire`].

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::{ANSWER_TO_RESET, EmulatedCard};
use crate::address::Address;
use crate::chip::wire::{LOOK, RESET};

/// What lies in the slot, and which insertion it is.
#[derive(Default)]
struct Slot {
    card: Option<EmulatedCard>,
    insertion: u32,
}

/// A reader on a TCP port; empty at first. It ends when it is dropped.
pub struct EmulatedReader {
    slot: Arc<Mutex<Slot>>,
    at: SocketAddr,
}

impl EmulatedReader {
    /// Listens.
    ///
    /// # Errors
    /// When the port is taken, or the system gives no thread.
    pub fn listen(at: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        let reader = Self { slot: Arc::default(), at: listener.local_addr()? };
        let slot = Arc::downgrade(&reader.slot);
        std::thread::Builder::new().name("card-reader".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                if slot.strong_count() == 0 {
                    return;
                }
                let slot = slot.clone();
                // A driver that is not served comes again.
                let _ = std::thread::Builder::new().name("card-line".to_owned()).spawn(move || serve(&slot, stream));
            }
        })?;
        Ok(reader)
    }

    /// Where a driver finds it.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::tcp(&self.at.ip().to_string(), self.at.port())
    }

    /// Lays a card into it; one that lay there is taken away.
    pub fn lay(&self, card: EmulatedCard) {
        let mut slot = lock(&self.slot);
        if let Some(before) = slot.card.take() {
            before.withdraw();
        }
        card.insert();
        slot.card = Some(card);
        slot.insertion += 1;
    }

    /// Takes the card away.
    pub fn take(&self) {
        if let Some(card) = lock(&self.slot).card.take() {
            card.withdraw();
        }
    }

    /// Whether a card lies there.
    #[must_use]
    pub fn is_laid(&self) -> bool {
        present(&self.slot).is_some()
    }
}

impl Drop for EmulatedReader {
    fn drop(&mut self) {
        self.take();
        // The listening thread holds the reader weakly; one more visitor lets it see that it is gone.
        self.slot = Arc::default();
        let _ = TcpStream::connect(self.at);
    }
}

fn lock(slot: &Mutex<Slot>) -> std::sync::MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn present(slot: &Mutex<Slot>) -> Option<(EmulatedCard, u32)> {
    let slot = lock(slot);
    slot.card.clone().filter(EmulatedCard::is_present).map(|card| (card, slot.insertion))
}

/// Speaks with one driver until it goes, or the reader is no more.
fn serve(slot: &Weak<Mutex<Slot>>, mut stream: TcpStream) {
    let mut card = None;
    // However a line ends, the next one may come.
    let _ = stream.set_nodelay(true);
    while let Ok(message) = receive(&mut stream) {
        let Some(slot) = slot.upgrade() else { return };
        let answer = match message[..] {
            [LOOK] => present(&slot).map(|(_, insertion)| insertion.to_be_bytes().to_vec()).unwrap_or_default(),
            [RESET] => {
                card = present(&slot).and_then(|(card, _)| card.connect().ok());
                if card.is_some() { ANSWER_TO_RESET.to_vec() } else { Vec::new() }
            }
            [] | [_] => Vec::new(),
            _ => card.as_ref().and_then(|card| card.answer(&message)).unwrap_or_default(),
        };
        if send(&mut stream, &answer).is_err() {
            return;
        }
    }
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message)?;
    Ok(message)
}

fn send(stream: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    let length = u16::try_from(answer.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    stream.write_all(&[&length.to_be_bytes(), answer].concat())
}
