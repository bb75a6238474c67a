//! How a station stands against its limits, what an officer is told of it, and what is then not begun.

use crate::api::Problem;
use crate::core::{Station, lock};
use crate::limits::{Level, Of, Standing, judge};
use crate::problem;
use intake::event::Draft;
use intake::fact::Fact;
use std::path::Path;

const DAY_MS: i64 = 24 * 3600 * 1000;
const MEGABYTE: u64 = 1 << 20;
/// Beyond which difference from the centre's clock somebody is told, in milliseconds,
const CLOCK_OFF_MS: i64 = 60_000;
/// and beyond which times and days may be wrong.
const CLOCK_FAR_OFF_MS: i64 = 5 * 60_000;

impl Station {
    /// How things stand now. Without a centre in the station's file nothing waits for one.
    fn standing(&self) -> Result<Standing, Problem> {
        let store = lock(&self.store);
        let (waiting, oldest) = match self.config.centre {
            Some(_) => store.backlog().map_err(problem::of_store)?,
            None => (0, None),
        };
        Ok(Standing {
            oldest_ms: oldest.map_or(0, |oldest| self.clock.now().0 - oldest.0),
            waiting,
            free_bytes: free_bytes(&self.folder),
            store_bytes: store.size_bytes().map_err(problem::of_store)?,
        })
    }

    /// Refuses what would begin something new at a limit; what was begun goes on.
    pub(crate) fn within_limits(&self, drafts: &[Draft]) -> Result<(), Problem> {
        let begins = |draft: &Draft| match &draft.fact {
            Fact::TicketIssued(_) | Fact::DossierRegistered(_) => true,
            Fact::DossierAccepted(accepted) => !accepted.registered,
            _ => false,
        };
        if !drafts.iter().any(begins) {
            return Ok(());
        }
        let standing = self.standing()?;
        let found = judge(&self.config.limits, &standing);
        let reached = found.into_iter().find(|(_, level)| *level == Level::Reached);
        reached.map_or(Ok(()), |(of, level)| Err(self.told(of, level, &standing)))
    }

    /// What an officer is told of limits that are near.
    pub(crate) fn limit_problems(&self) -> Vec<Problem> {
        let Ok(standing) = self.standing() else { return vec![] };
        let found = judge(&self.config.limits, &standing);
        found.into_iter().map(|(of, level)| self.told(of, level, &standing)).collect()
    }

    fn told(&self, of: Of, level: Level, standing: &Standing) -> Problem {
        let limits = &self.config.limits;
        let code = match (of, level) {
            (Of::Days | Of::Records, Level::Early) => "LIMIT-UNCONFIRMED-EARLY",
            (Of::Days | Of::Records, Level::Soon) => "LIMIT-UNCONFIRMED-SOON",
            (Of::Days | Of::Records, Level::Reached) => "LIMIT-UNCONFIRMED-REACHED",
            (Of::Disk | Of::Store, Level::Early) => "LIMIT-ROOM-EARLY",
            (Of::Disk | Of::Store, Level::Soon) => "LIMIT-ROOM-SOON",
            (Of::Disk | Of::Store, Level::Reached) => "LIMIT-ROOM-REACHED",
        };
        let problem = Problem::new(code);
        match of {
            Of::Days | Of::Records => problem
                .with("days", standing.oldest_ms.max(0) / DAY_MS)
                .with("days_limit", limits.days_unconfirmed)
                .with("waiting", standing.waiting)
                .with("waiting_limit", limits.records_unconfirmed),
            Of::Disk | Of::Store => problem
                .with("free_mb", standing.free_bytes.map_or_else(|| "?".into(), |free| (free / MEGABYTE).to_string()))
                .with("free_limit", limits.free_disk_mb)
                .with("store_mb", standing.store_bytes / MEGABYTE)
                .with("store_limit", limits.store_mb),
        }
    }

    /// What an officer is told of a clock that differs from the centre's.
    pub(crate) fn clock_problems(&self) -> Vec<Problem> {
        let Some((ahead_ms, since)) = self.link.clock_off() else { return vec![] };
        clock_problem(ahead_ms, &since.civil().strftime("%H:%M").to_string()).into_iter().collect()
    }
}

/// Which way a clock is off, and by how much; none while it is about right.
fn clock_problem(ahead_ms: i64, since: &str) -> Option<Problem> {
    let code = match ahead_ms {
        CLOCK_FAR_OFF_MS.. => "CLOCK-FAR-AHEAD",
        CLOCK_OFF_MS.. => "CLOCK-AHEAD",
        _ if ahead_ms <= -CLOCK_FAR_OFF_MS => "CLOCK-FAR-BEHIND",
        _ if ahead_ms <= -CLOCK_OFF_MS => "CLOCK-BEHIND",
        _ => return None,
    };
    Some(Problem::new(code).with("minutes", ahead_ms.abs() / 60_000).with("since", since))
}

/// Whether a clock is off by so much that somebody is told.
pub(crate) fn is_off(ahead_ms: i64) -> bool {
    ahead_ms.abs() >= CLOCK_OFF_MS
}

/// What is free for us on the disk of a folder, in bytes; none where the machine does not say.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(folder.as_os_str().as_bytes()).ok()?;
    let mut about = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    #[expect(
        unsafe_code,
        reason = "statvfs(3) has no form in std; the path ends in zero, and `about` is read only when filled"
    )]
    let about = unsafe {
        if libc::statvfs(path.as_ptr(), about.as_mut_ptr()) != 0 {
            return None;
        }
        about.assume_init()
    };
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_of_from_one_minute_and_by_its_direction() {
        let code = |ahead_ms| clock_problem(ahead_ms, "08:00").map(|problem| problem.code);
        assert_eq!(code(59_999), None);
        assert_eq!(code(-59_999), None);
        assert_eq!(code(60_000).as_deref(), Some("CLOCK-AHEAD"));
        assert_eq!(code(-60_000).as_deref(), Some("CLOCK-BEHIND"));
        assert_eq!(code(299_999).as_deref(), Some("CLOCK-AHEAD"));
        assert_eq!(code(300_000).as_deref(), Some("CLOCK-FAR-AHEAD"));
        assert_eq!(code(-300_000).as_deref(), Some("CLOCK-FAR-BEHIND"));
        assert_eq!(clock_problem(-7_200_000, "08:00").unwrap().params["minutes"], "120");
    }

    #[cfg(unix)]
    #[test]
    fn the_disk_says_how_much_is_free() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_bytes(folder.path()).unwrap() > 0);
        assert_eq!(free_bytes(&folder.path().join("not there")), None);
    }
}
