//! Papers of a counter: the scanners that make pictures of them, and the printers that make them.

pub mod printer;
pub mod scanner;
