//! Watches the slot of a card reader, on a thread that may hang in the service without hurting anybody.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pcsc::{Error, State};

use crate::address::Address;
use crate::chip::connection::{CardConnection, CardFault};
use crate::chip::pcsc::{PcscCard, establish, fault_of, state_of};
use crate::chip::wire::WireReader;
use crate::emulator::card::EmulatedCard;
use crate::emulator::registry;

/// How long one look waits for a change; after each the watcher says that it lives.
const LOOK: Duration = Duration::from_secs(1);

/// How often a reader on a line is asked: it does not speak by itself.
const WIRED_LOOK: Duration = Duration::from_millis(150);

/// What the watcher sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The reader is there, with the card of this insertion, or none.
    Slot(Option<u32>),
    /// The reader or the service is not there. The last word.
    Lost(CardFault),
}

/// A slot for cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Of the reader of the system with this name.
    System(String),
    /// Of the emulated reader of this process with this name.
    Emulated(String),
    /// Of the reader at the end of this TCP line.
    Wired(String, u16),
}

impl Slot {
    /// The slot at an address; none for an address of something else.
    pub(super) fn at(address: &Address) -> Option<Self> {
        match address {
            Address::Pcsc { reader } => Some(Self::System(reader.clone())),
            Address::Emulator { name } => Some(match registry::resolve(name) {
                Some(Address::Pcsc { reader }) => Self::System(reader),
                _ => Self::Emulated(name.clone()),
            }),
            Address::Tcp { host, port } => Some(Self::Wired(host.clone(), *port)),
            _ => None,
        }
    }

    /// Connects to the card that lies there.
    pub(super) fn connect(&self, deadline: Instant) -> Result<Box<dyn CardConnection>, CardFault> {
        match self {
            Self::System(reader) => Ok(Box::new(PcscCard::connect(reader, deadline)?)),
            Self::Emulated(name) => {
                let card = EmulatedCard::named(name).ok_or(CardFault::ReaderAbsent)?;
                Ok(Box::new(card.connect()?))
            }
            Self::Wired(host, port) => Ok(Box::new(WireReader::open(host, *port, deadline)?.connect(deadline)?)),
        }
    }
}

/// The watchers of a reader that have not ended. One that hangs in the service cannot be ended, so that no more than a few may be begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Watchers(Arc<()>);

impl Watchers {
    const MOST: usize = 3;

    /// Whether so many hang that no more should be begun.
    fn are_too_many(&self) -> bool {
        Arc::strong_count(&self.0) > Self::MOST
    }
}

/// Starts a watcher. It ends with [`Seen::Lost`], or when `tell` says that nobody listens.
///
/// # Errors
/// When too many hang, or the system gives no thread.
pub(super) fn start(watchers: &Watchers, slot: Slot, tell: impl Fn(Seen) -> bool + Send + 'static) -> io::Result<()> {
    if watchers.are_too_many() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let counted = watchers.clone();
    let watch = move || {
        let _counted = counted;
        let watched = match &slot {
            Slot::System(reader) => watch(reader, &tell),
            Slot::Emulated(name) => watch_emulated(name, &tell),
            Slot::Wired(host, port) => watch_wired(host, *port, &tell),
        };
        if let Err(fault) = watched {
            tell(Seen::Lost(fault));
        }
    };
    std::thread::Builder::new().name("card-slot".to_owned()).spawn(watch).map(drop)
}

fn watch(reader: &str, tell: &impl Fn(Seen) -> bool) -> Result<(), CardFault> {
    let context = establish()?;
    let mut states = [state_of(&context, reader)?];
    loop {
        match context.get_status_change(LOOK, &mut states) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) => return Err(fault_of(error)),
        }
        let seen = seen(states[0].event_state(), states[0].event_count());
        states[0].sync_current_state();
        if !tell(seen) || matches!(seen, Seen::Lost(_)) {
            return Ok(());
        }
    }
}

fn watch_emulated(name: &str, tell: &impl Fn(Seen) -> bool) -> Result<(), CardFault> {
    let mut seen = None;
    // The first word comes at once.
    let mut time = Duration::ZERO;
    loop {
        seen = EmulatedCard::named(name).ok_or(CardFault::ReaderAbsent)?.wait_for_change(seen, time);
        time = LOOK;
        if !tell(Seen::Slot(seen)) {
            return Ok(());
        }
    }
}

fn watch_wired(host: &str, port: u16, tell: &impl Fn(Seen) -> bool) -> Result<(), CardFault> {
    let mut reader = WireReader::open(host, port, Instant::now() + LOOK)?;
    while tell(Seen::Slot(reader.look(Instant::now() + LOOK)?)) {
        std::thread::sleep(WIRED_LOOK);
    }
    Ok(())
}

/// What a state means. The service counts what happens in a slot, so that a card that was changed between two looks is another insertion.
fn seen(state: State, count: u32) -> Seen {
    if state.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
        return Seen::Lost(CardFault::ReaderAbsent);
    }
    Seen::Slot(state.contains(State::PRESENT).then_some(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_told_apart() {
        assert_eq!(seen(State::EMPTY | State::CHANGED, 4), Seen::Slot(None));
        assert_eq!(seen(State::PRESENT | State::EXCLUSIVE | State::INUSE, 5), Seen::Slot(Some(5)));
        assert_eq!(seen(State::PRESENT | State::MUTE, 5), Seen::Slot(Some(5)));
        assert_eq!(seen(State::UNAVAILABLE, 0), Seen::Lost(CardFault::ReaderAbsent));
        assert_eq!(seen(State::UNKNOWN | State::CHANGED, 0), Seen::Lost(CardFault::ReaderAbsent));
    }
}
