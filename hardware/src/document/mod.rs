//! Papers that are kept as pictures: the scanners that make them.

pub mod scanner;
