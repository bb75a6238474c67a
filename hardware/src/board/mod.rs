//! The waiting hall's display: a driver that tells it whom to call, and the listener that a board's own program uses. Ticket numbers and desks
//! only: never a name or a personal number.

mod device;
mod listener;
pub mod protocol;

pub use device::BoardDriver;
pub use listener::{BoardListener, BoardScreen, BoardState};
pub use protocol::{BoardMessage, Call, MessageError};
