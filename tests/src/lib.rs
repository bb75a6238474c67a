//! The whole system: real windows, real bytes, real servers, faults.
//!
//! Everything here looks at the system from outside and shares no decoder with it.

pub mod base64;
pub mod checker;
pub mod fault;
#[cfg(target_os = "linux")]
pub mod place;
pub mod site;
pub mod vietnam;
pub mod walkthrough;
pub mod webdriver;
