//! The domain of the one-stop door (*một cửa*), pure: no clock, no chance, no input or output.
//!
//! Time and randomness are passed in; everything else follows from events.

pub mod amount_words;
pub mod authority;
pub mod calendar;
pub mod catalogue;
pub mod code;
pub mod decide;
pub mod dossier;
pub mod due;
pub mod event;
pub mod fact;
pub mod fee;
pub mod finder;
pub mod ids;
pub mod jurisdiction;
pub mod known;
pub mod moment;
pub mod payment;
pub mod person;
pub mod queue;
pub mod reuse;
pub mod rules;
pub mod state;
pub mod told;
pub mod units;
pub mod vietqr;
pub mod words;
