//! What went wrong in the harness, as a sentence: what it was doing, and why that failed.

use std::fmt;
use std::time::{Duration, Instant};

/// A sentence that says what was being done and why it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

/// What the harness's steps give.
pub type Outcome<T> = Result<T, Fault>;

/// How often a condition is looked at while it is waited for.
const GLANCE: Duration = Duration::from_millis(25);

impl Fault {
    /// `doing: why`.
    pub fn new(doing: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self(format!("{doing}: {why}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// Says what was being done when something failed.
pub trait Doing<T> {
    /// Turns any error into a [`Fault`] that begins with `doing`.
    fn doing(self, doing: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, doing: impl fmt::Display) -> Outcome<T> {
        self.map_err(|why| Fault::new(doing, why))
    }
}

/// Looks until `look` gives something, at most `limit`.
///
/// A fault of `look` is taken for "not yet" and told only when the time is up.
///
/// # Errors
/// When the time is up: names what was waited for and the last fault that was seen.
pub fn wait_for<T>(
    what: impl fmt::Display,
    limit: Duration,
    mut look: impl FnMut() -> Outcome<Option<T>>,
) -> Outcome<T> {
    let start = Instant::now();
    loop {
        let last = match look() {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => String::from("not yet"),
            Err(fault) => fault.0,
        };
        if start.elapsed() >= limit {
            return Err(Fault::new(format_args!("waiting {} ms for {what}", limit.as_millis()), last));
        }
        std::thread::sleep(GLANCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_its_condition_comes_true() {
        let mut looks = 0;
        let found = wait_for("the third look", Duration::from_secs(5), || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(found, Ok(3));
    }

    #[test]
    fn a_wait_that_fails_says_for_what_and_why() {
        let fault = wait_for::<()>("a miracle", Duration::ZERO, || Err(Fault("none today".into()))).unwrap_err();
        assert_eq!(fault.0, "waiting 0 ms for a miracle: none today");
    }
}
