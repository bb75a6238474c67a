//! Why a call of a use case gave nothing.

use station::api::Problem;

/// Why a call gave nothing.
#[derive(Debug)]
pub enum Failure {
    /// The station refused.
    Problem(Problem),
    /// The station is gone; whether it did what was asked is not known.
    Gone,
}
