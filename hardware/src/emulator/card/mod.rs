//! The emulated identity card: who is on it, and the issuer who signs it.

pub mod issuer;
pub mod pki;
pub mod profile;
