//! The suite of ESC/POS printers. What a check breaks, a later one would meet: those that may hang a bad printer come last.

mod hands;
mod jobs;
mod status;

use super::Check;

pub(super) fn suite() -> Vec<Check> {
    [status::SUITE, jobs::SUITE, hands::SUITE, jobs::LAST].concat()
}
