//! The devices by themselves: what a ticket weighs on a slow line, what reading a chip costs us, how soon a printer is back.

mod chip;
mod lines;
mod reconnect;
mod slips;

use super::figures::Figure;
use super::{Ask, peer};
use ::tests::fault::Outcome;

/// Measures all of them.
///
/// # Errors
/// When a device does not answer, or the peer cannot be run.
pub fn measure(ask: &Ask) -> Outcome<Vec<Figure>> {
    let mut figures = lines::measure(&peer::three_lines(ask, &slips::three_lines(0, 0))?)?;
    figures.extend(chip::measure()?);
    figures.extend(reconnect::measure()?);
    Ok(figures)
}
