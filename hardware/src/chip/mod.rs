//! The chip of an identity card.

pub mod lds;
