//! What a station does, with no window in it: the desktop app, a headless station and the test bridge are this same code.

pub mod api;
pub mod attachments;
pub mod bridge;
pub mod cable;
mod carried;
mod chip;
pub mod clock;
pub mod config;
mod core;
pub mod crash;
pub mod demo;
mod devices;
pub mod documents;
mod earlier;
mod ends;
mod enrol;
pub mod limits;
mod link;
pub mod notices;
pub mod outbox;
mod owed;
mod people;
pub mod problem;
pub mod roles;
mod scans;
mod session;
mod slips;
mod standing;
mod stick;
mod uplink;
mod wording;

pub use crate::core::{Station, verify};
pub use config::Config;
pub use ends::{Verified, verify_ends};
pub use roles::{Dock, Hall};
pub use stick::{take_receipts, write_stick};
