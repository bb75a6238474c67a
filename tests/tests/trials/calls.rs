//! Use cases by name, of a station in this process or in another.

use serde_json::Value;
use station::api::Problem;
use station::{Station, bridge};
use std::fmt;

/// Why a call gave nothing.
#[derive(Debug)]
pub enum Failure {
    /// The station refused.
    Problem(Problem),
    /// The station is gone; whether it did what was asked is not known.
    Gone(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::Gone(why) => write!(f, "the station is gone: {why}"),
        }
    }
}

/// Something whose use cases can be called, as its pages do.
pub trait Calls {
    /// Calls a use case.
    fn call(&self, name: &str, arguments: &Value) -> Result<Value, Failure>;

    /// Calls a use case that must succeed.
    fn must(&self, name: &str, arguments: &Value) -> Value {
        self.call(name, arguments).unwrap_or_else(|failure| panic!("{name}: {failure}"))
    }

    /// Calls a use case that must be refused; gives the code.
    fn refused(&self, name: &str, arguments: &Value) -> String {
        match self.call(name, arguments) {
            Err(Failure::Problem(problem)) => problem.code,
            other => panic!("{name} was not refused: {other:?}"),
        }
    }
}

impl Calls for Station {
    fn call(&self, name: &str, arguments: &Value) -> Result<Value, Failure> {
        bridge::call(self, name, arguments).map_err(Failure::Problem)
    }
}
