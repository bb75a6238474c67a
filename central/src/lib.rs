//! The central service: the log of logs to which all stations report.
//!
//! [`service::Service`] is the centre with no HTTP in it; [`http`] is the thin edge; [`serve`] runs both in a thread of
//! its own, so that the program, a demo and a test start the same thing.

pub mod blobs;
pub mod clock;
mod descriptors;
pub mod http;
pub mod hub;
pub mod invitation;
pub mod news;
pub mod order;
pub mod pin;
mod serve;
pub mod service;
pub mod store;
pub mod store_path;
pub mod tls;

pub use serve::{Handle, Options, ServeFault, serve};
pub use service::Service;
