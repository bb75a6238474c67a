//! The chip of an identity card, by ICAO Doc 9303: access by PACE or BAC, secure messaging, the data groups, and the proof that the chip is no copy.
//!
//! What is computed stands apart from what is exchanged: the protocols are pure, are handed their randomness, and serve both sides, so that the
//! worked examples of the standard are their tests and the emulated card speaks with the same words.

pub mod access;
pub mod active;
pub mod apdu;
pub mod bac;
pub mod chip_authentication;
pub mod cipher;
pub mod connection;
pub mod curve;
pub mod exchange;
pub mod files;
pub mod key;
pub mod lds;
pub mod pace;
pub mod pcsc;
pub mod random;
pub mod read;
pub mod report;
pub mod secure_messaging;
pub mod security_infos;
pub mod tlv;
pub mod wire;

/// The day on which certificates are weighed: that of Vietnam, whatever the machine's zone.
#[must_use]
pub fn today_in_vietnam() -> jiff::civil::Date {
    jiff::tz::offset(7).to_datetime(jiff::Timestamp::now()).date()
}

#[cfg(test)]
mod testing;
