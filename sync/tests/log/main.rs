//! The log as a whole, on real files and a real loopback.

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
