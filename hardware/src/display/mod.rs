//! Text displays: a line above a desk that shows who is called, and the display on a desk that shows who is being served. Ticket numbers and desks
//! only: never a name or a personal number.

mod device;
pub mod layout;
mod profile;
pub mod protocol;

use serde::{Deserialize, Serialize};

pub use device::{DisplayDriver, Shown};
pub use layout::{LayoutError, Rows, plain, rows};
pub use profile::{Charset, DisplayProfile, DisplayProfileError, DisplayProtocol};

use crate::board::{BoardMessage, Call, MessageError};

/// What a display shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Nothing.
    #[default]
    Blank,
    /// A ticket is called to a desk.
    Call(Call),
    /// A ticket is being served at this desk.
    Serving {
        /// Its number.
        number: String,
        /// The desk.
        desk: u16,
    },
    /// A notice.
    Text {
        /// The notice.
        text: String,
    },
}

impl Content {
    /// The same in the words of the board's protocol.
    #[must_use]
    pub fn message(&self) -> BoardMessage {
        match self {
            Self::Blank => BoardMessage::Clear,
            Self::Call(call) => BoardMessage::Call(call.clone()),
            Self::Serving { number, desk } => {
                BoardMessage::Call(Call { number: number.clone(), desk: *desk, times: 1 })
            }
            Self::Text { text } => BoardMessage::News { text: text.clone() },
        }
    }

    /// Checks that it may be shown in public, by the board's own rules.
    ///
    /// # Errors
    /// [`MessageError`] says why not.
    pub fn check(&self) -> Result<(), MessageError> {
        self.message().check()
    }
}
