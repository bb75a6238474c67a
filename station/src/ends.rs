//! The final check: after what was sent is confirmed, both ends are compared, and only what passed is called synced.

use crate::core::{Station, lock};
use intake::moment::Moment;
use sync::compare::{Difference, compare};
use sync::protocol::Centre;

/// What the last comparison of both ends found.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Ends {
    /// Nobody has compared them yet, or the other end gave no answer.
    #[default]
    Unknown,
    /// The same, log for log, at this time.
    Same {
        /// When.
        at: Moment,
    },
    /// They differ.
    Differ {
        /// When that was found.
        at: Moment,
        /// The first difference.
        what: String,
        /// Whether going on as before will mend it.
        heals: bool,
    },
}

impl Ends {
    /// Whether there is nothing to ask until something more is sent.
    pub(crate) fn are_known(&self) -> bool {
        matches!(self, Self::Same { .. } | Self::Differ { heals: false, .. })
    }
}

/// Compares both ends and remembers what was found.
pub(crate) fn compare_now(station: &Station, centre: &dyn Centre) {
    let at = station.clock.now();
    let before = station.link.ends();
    let ends = match compare(&station.store, centre) {
        Ok(found) => match found.difference {
            None => Ends::Same { at },
            Some(difference) => {
                let heals = !matches!(difference, Difference::OtherHistory { .. });
                if !heals {
                    tracing::error!(%difference, "this station and the other end differ");
                }
                Ends::Differ { at, what: difference.to_string(), heals }
            }
        },
        Err(fault) => {
            tracing::warn!(code = fault.code(), "the other end could not be compared");
            Ends::Unknown
        }
    };
    let changed = std::mem::discriminant(&before) != std::mem::discriminant(&ends);
    station.link.note_ends(ends);
    if changed {
        station.notices.tell();
    }
}

/// When both ends were found the same; none when something waits, or when the last comparison did not pass.
pub(crate) fn synced_at(station: &Station) -> Option<Moment> {
    let Ends::Same { at } = station.link.ends() else { return None };
    let nothing_waits = lock(&station.store).backlog().is_ok_and(|(waiting, _)| waiting == 0);
    nothing_waits.then_some(at)
}
