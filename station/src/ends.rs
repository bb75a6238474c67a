//! The final check: after what was sent is confirmed, both ends are compared, and only what passed is called synced.

use crate::api::Problem;
use crate::clock::{Clock, MachineClock};
use crate::config::Config;
use crate::core::{Station, lock};
use crate::problem;
use intake::moment::Moment;
use std::path::Path;
use std::sync::Mutex;
use sync::HttpCentre;
use sync::compare::{Difference, compare};
use sync::protocol::Centre;
use sync::store::Store;

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

/// What a check of a station's folder found, in lines for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// What was looked at.
    pub seen: Vec<String>,
    /// The first difference, by name; none when all is well.
    pub difference: Option<String>,
}

/// Checks the store in a station's folder wholly, then, where the centre in the station's file answers, both ends. A centre
/// that does not answer is said and is no difference. Starts nothing and writes no event.
///
/// # Errors
/// `STATION-NOT-ENROLLED` where there is none, `STATION-SECOND-INSTANCE` while the station runs, `STORE-…`.
pub fn verify_ends(folder: &Path) -> Result<Verified, Problem> {
    let store = Store::open(folder).map_err(problem::of_store)?;
    let here = store.verify().map_err(problem::of_store)?;
    let mut seen = vec![
        format!("{} streams, {} events, {} segments", here.streams, here.events, here.segments),
        format!("{} receipts, {} grants, {} put aside", here.receipts, here.grants, here.quarantined),
    ];
    if here.difference.is_some() {
        return Ok(Verified { seen, difference: here.difference });
    }
    let config = Config::read(folder).ok();
    let Some(centre) = config.and_then(|config| config.centre) else {
        seen.push("the other end was not asked: the station's file names no centre".into());
        return Ok(Verified { seen, difference: None });
    };
    let clock = MachineClock::default();
    let authority = store.centre_authority().map_err(problem::of_store)?;
    let line = HttpCentre::new(&centre.url, Box::new(move || clock.now()));
    let line = line.trusting(authority.as_deref()).signed(store.signer());
    let difference = match compare(&Mutex::new(store), &line) {
        Ok(found) => {
            seen.push(format!("the other end: {} logs, {} events", found.streams, found.events));
            found.difference.map(|difference| difference.to_string())
        }
        Err(fault) => {
            seen.push(format!("the other end was not compared: {fault}"));
            None
        }
    };
    Ok(Verified { seen, difference })
}
