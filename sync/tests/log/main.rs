//! The log as a whole, on real files and a real loopback.

mod attaching;
mod attachments_arithmetic;
mod blob_budget;
mod blobs;
mod bytes;
mod crash;
mod faults;
mod format;
mod frames;
mod healing;
mod house;
mod outbox;
mod story;
mod wire;
