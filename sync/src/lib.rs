//! The log: its format (docs/format.md), sealing, the SQLite store that stations and the centre share, the protocol
//! between them and the engine that speaks it. Blocking; time is passed in.

pub mod auth;
pub mod blob;
pub mod carried;
pub mod centre;
pub mod checked;
pub mod checkpoint;
pub mod compare;
pub mod earlier;
pub mod engine;
pub mod frame;
pub mod grant;
pub mod http;
pub mod hub;
pub mod hubs;
pub mod lan;
mod pack;
pub mod pauses;
pub mod protocol;
pub mod record;
pub mod refusal;
pub mod seal;
pub mod segment;
pub mod sign;
pub mod stick;
pub mod store;
pub mod stream;
pub mod tls;
pub mod wire;
pub mod wrap;

pub use engine::{SyncFault, SyncOutcome};
pub use http::HttpCentre;
pub use refusal::{CentreFault, NextStep, Refusal, Untrusted};
pub use store::{ReceiveFault, Store, StoreFault};
