//! An emulated identity card: it speaks as a Vietnamese card does, over vpcd to the system's PC/SC service or within this process, and does on
//! demand what cards do: answer slowly, be taken away, answer nonsense, carry what was never signed.

mod contents;
pub mod issuer;
mod machine;
mod opening;
pub mod pki;
pub mod profile;
mod reader;
mod vpcd;

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use contents::{ActiveForgery, BasicAccess, CardContents};
pub use reader::EmulatedReader;

use crate::chip::connection::{CardConnection, CardFault};
use machine::CardMachine;

/// What goes wrong with a card. Commands are counted from one, anew with each insertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardFaults {
    /// How long each answer takes.
    pub slow: Duration,
    /// The command at which the card is taken away, unanswered.
    pub withdraw_at: Option<u32>,
    /// The command from which on the card answers nonsense.
    pub garbage_at: Option<u32>,
}

/// The answer to reset of a contactless card (PC/SC part 3), whose historical bytes say that it knows extended lengths.
pub(super) const ANSWER_TO_RESET: [u8; 10] = [0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57];

/// Cards of this process by the names of their readers.
static NAMES: LazyLock<Mutex<HashMap<String, EmulatedCard>>> = LazyLock::new(Mutex::default);

struct Card {
    machine: CardMachine,
    faults: CardFaults,
    present: bool,
    /// Commands since it was inserted.
    commands: u32,
    /// Insertions so far: a connection belongs to one of them.
    insertion: u32,
    /// The wire to vpcd while there is one: closing it takes the card out at once.
    wire: Option<TcpStream>,
    /// Whoever had the card has dropped it.
    gone: bool,
}

impl Card {
    fn leave(&mut self) {
        self.present = false;
        if let Some(wire) = self.wire.take() {
            // One that is closed already needs no closing.
            let _ = wire.shutdown(Shutdown::Both);
        }
    }
}

struct Shared {
    card: Mutex<Card>,
    moved: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Card> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a command of this insertion; none when the card is not there, or no longer.
    fn answer(&self, insertion: u32, command: &[u8], deadline: Option<Instant>) -> Result<Vec<u8>, CardFault> {
        let mut card = self.lock();
        if !card.present || card.insertion != insertion {
            return Err(CardFault::Removed);
        }
        card.commands += 1;
        let slow = card.faults.slow;
        let patience = deadline.map_or(slow, |deadline| slow.min(deadline.saturating_duration_since(Instant::now())));
        if !slow.is_zero() {
            let gone = |card: &mut Card| card.present && card.insertion == insertion;
            card = self.moved.wait_timeout_while(card, patience, gone).unwrap_or_else(PoisonError::into_inner).0;
        }
        if card.faults.withdraw_at == Some(card.commands) {
            card.leave();
            self.moved.notify_all();
        }
        if !card.present || card.insertion != insertion {
            return Err(CardFault::Removed);
        }
        if patience < slow {
            return Err(CardFault::TimedOut);
        }
        let garbage = card.faults.garbage_at.is_some_and(|at| card.commands >= at);
        Ok(if garbage { nonsense(card.commands) } else { card.machine.respond(command) })
    }
}

/// Bytes that are no answer to anything, other ones each time: too short, a lie of success, and noise.
fn nonsense(number: u32) -> Vec<u8> {
    match number % 4 {
        0 => vec![0x90],
        1 => [&[0x5A; 37][..], &[0x90, 0x00]].concat(),
        2 => vec![0x7C, 0x82, 0xFF, 0xFF, 0x80, 0x90, 0x00],
        _ => (0..64_u32).map(|at| (at.wrapping_mul(number.wrapping_add(91)) >> 1) as u8).collect(),
    }
}

/// A card that can be inserted, withdrawn and made to misbehave. Clones are the same card.
#[derive(Clone)]
pub struct EmulatedCard {
    shared: Arc<Shared>,
    /// The threads have the card too; when the last of these goes, they are told.
    _owner: Arc<Owner>,
}

struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        let mut card = self.0.lock();
        card.leave();
        card.gone = true;
        drop(card);
        self.0.moved.notify_all();
    }
}

impl EmulatedCard {
    /// A card that lies in its reader.
    #[must_use]
    pub fn new(contents: CardContents) -> Self {
        let card = Card {
            machine: CardMachine::new(contents),
            faults: CardFaults::default(),
            present: true,
            commands: 0,
            insertion: 1,
            wire: None,
            gone: false,
        };
        let shared = Arc::new(Shared { card: Mutex::new(card), moved: Condvar::new() });
        Self { _owner: Arc::new(Owner(shared.clone())), shared }
    }

    /// Puts it in again: the card is reset, commands are counted anew.
    pub fn insert(&self) {
        let mut card = self.shared.lock();
        card.leave();
        card.machine.reset();
        (card.present, card.commands) = (true, 0);
        card.insertion += 1;
        drop(card);
        self.shared.moved.notify_all();
    }

    /// Takes it away.
    pub fn withdraw(&self) {
        self.shared.lock().leave();
        self.shared.moved.notify_all();
    }

    /// Whether it lies in the reader.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.shared.lock().present
    }

    /// From now on this goes wrong.
    pub fn set_faults(&self, faults: CardFaults) {
        self.shared.lock().faults = faults;
    }

    /// How many commands it was sent since it was inserted.
    #[must_use]
    pub fn commands(&self) -> u32 {
        self.shared.lock().commands
    }

    /// How often a key was shown to it since it was made.
    #[must_use]
    pub fn keys_shown(&self) -> u32 {
        self.shared.lock().machine.keys_shown
    }

    /// How many of them it refused.
    #[must_use]
    pub fn keys_refused(&self) -> u32 {
        self.shared.lock().machine.keys_refused
    }

    /// Lies in the reader of vpcd at this address, such as `127.0.0.1:35963`, whenever it is present, for as long as the card exists. A service that
    /// is not there yet, or was restarted, is waited for.
    ///
    /// # Errors
    /// When the address cannot be one, or the system gives no thread.
    pub fn lie_in_vpcd(&self, address: &str) -> std::io::Result<()> {
        vpcd::lie(&self.shared, address)
    }

    /// Gives the card's slot a name, so that `emulator:NAME` is a reader of this process with this card in it. A name given before moves.
    pub fn publish(&self, name: &str) {
        NAMES.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), self.clone());
    }

    /// Takes a name away: the reader is gone.
    pub fn retract(name: &str) {
        NAMES.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// The card that was given this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Waits until what lies in the slot is another insertion than `seen`, or for `time`; what lies there then.
    pub(crate) fn wait_for_change(&self, seen: Option<u32>, time: Duration) -> Option<u32> {
        let lies = |card: &Card| card.present.then_some(card.insertion);
        let same = |card: &mut Card| lies(card) == seen;
        let waited = self.shared.moved.wait_timeout_while(self.shared.lock(), time, same);
        lies(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// A connection within this process, as from a reader: the card is reset.
    ///
    /// # Errors
    /// [`CardFault::NoCard`].
    pub fn connect(&self) -> Result<CardLoop, CardFault> {
        let mut card = self.shared.lock();
        if !card.present {
            return Err(CardFault::NoCard);
        }
        card.machine.reset();
        card.commands = 0;
        Ok(CardLoop { shared: self.shared.clone(), insertion: card.insertion })
    }
}

/// A connection to an emulated card within this process.
pub struct CardLoop {
    shared: Arc<Shared>,
    insertion: u32,
}

impl CardLoop {
    /// What the card answers, in its own time; none once it was taken away.
    fn answer(&self, command: &[u8]) -> Option<Vec<u8>> {
        self.shared.answer(self.insertion, command, None).ok()
    }
}

impl CardConnection for CardLoop {
    fn transmit(&mut self, command: &[u8], deadline: Instant) -> Result<Vec<u8>, CardFault> {
        self.shared.answer(self.insertion, command, Some(deadline))
    }

    fn answer_to_reset(&self) -> &[u8] {
        &ANSWER_TO_RESET
    }

    fn takes_extended_length(&self) -> bool {
        true
    }
}
