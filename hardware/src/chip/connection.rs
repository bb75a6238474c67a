//! A line to a card: bytes there, bytes back, each within its time.

use std::time::Instant;

use crate::status::Fault;

/// A card that was found and is held by nobody else. Dropping it lets go of the card.
pub trait CardConnection {
    /// Sends a command and waits for its response until `deadline`.
    ///
    /// # Errors
    /// [`CardFault`]; the card is lost then and must be found anew.
    fn transmit(&mut self, command: &[u8], deadline: Instant) -> Result<Vec<u8>, CardFault>;

    /// What the card answered to its reset, which says what it can.
    fn answer_to_reset(&self) -> &[u8];
}

/// Why a card cannot be spoken to. None of these says anything about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CardFault {
    /// The system's PC/SC service does not run, or went away.
    #[error("the card readers' service is not there")]
    ServiceDown,
    /// There is no such reader.
    #[error("the card reader is not there")]
    ReaderAbsent,
    /// Another program holds the card.
    #[error("another program holds the card")]
    ReaderBusy,
    /// The reader is empty.
    #[error("there is no card")]
    NoCard,
    /// The card was taken away.
    #[error("the card was taken away")]
    Removed,
    /// There is a card, and it does not speak: turned round, half inserted, or of another kind.
    #[error("the card does not answer")]
    Mute,
    /// No response came in time.
    #[error("the card did not answer in time")]
    TimedOut,
}

impl CardFault {
    /// The fault that people are told.
    #[must_use]
    pub const fn fault(self) -> Fault {
        match self {
            Self::ServiceDown => Fault::ChipServiceDown,
            Self::ReaderAbsent => Fault::ChipReaderAbsent,
            Self::ReaderBusy => Fault::ChipReaderBusy,
            Self::NoCard => Fault::ChipNoCard,
            Self::Removed => Fault::ChipRemoved,
            Self::Mute => Fault::ChipUnreadable,
            Self::TimedOut => Fault::ChipTimeout,
        }
    }
}
