//! People's tags: left beside what a desk takes in, and how their dossiers are found again.

use super::sealing::put_grant;
use super::{Store, StoreFault};
use crate::earlier::{self, EarlierAnswer, PEOPLE, Tag};
use crate::grant::KeyId;
use crate::wrap::Secret;
use intake::event::{Event, Subject};
use intake::person::Personal;
use rusqlite::Connection;

impl Store {
    /// The tags of who has these numbers; none at a station that is no officer's desk.
    pub fn tags_of(&self, numbers: &[&str]) -> Vec<Tag> {
        let Some((_, people)) = self.people() else { return Vec::new() };
        numbers.iter().map(|number| earlier::tag(people, number)).collect()
    }

    /// The dossiers beside which one of these tags stands.
    ///
    /// # Errors
    /// Store faults.
    pub fn of_person(&self, tags: &[Tag]) -> Result<Vec<Subject>, StoreFault> {
        let mut select = self.db.prepare_cached(
            "SELECT DISTINCT subject FROM content_grant WHERE enc = ?1 AND reader = 'person' ORDER BY subject DESC",
        )?;
        let mut found = Vec::new();
        for tag in tags {
            for subject in select.query_map([tag.0], |row| row.get::<_, String>(0))? {
                // A subject that cannot be read is of a newer version.
                found.extend(subject?.parse::<Subject>().ok());
            }
        }
        Ok(found)
    }

    /// What is held here of who has these tags.
    ///
    /// # Errors
    /// Store faults.
    pub fn earlier(&self, tags: &[Tag]) -> Result<EarlierAnswer, StoreFault> {
        let subjects = self.of_person(tags)?;
        let histories: Vec<Vec<Event>> =
            subjects.iter().map(|subject| self.subject_events(subject)).collect::<Result<_, _>>()?;
        Ok(EarlierAnswer::of(subjects.iter().zip(histories.iter().map(Vec::as_slice))))
    }

    /// Leaves the applicant's tag beside a dossier that this desk seals.
    pub(super) fn leave_tag(
        &self,
        db: &Connection,
        subject: &str,
        key: KeyId,
        personal: &Personal,
    ) -> Result<(), StoreFault> {
        let (Some(identity), Some((epoch, people))) = (&personal.identity, self.people()) else { return Ok(()) };
        if subject.starts_with("dossier:") && !super::sealing::is_forgotten(db, subject)? {
            put_grant(db, &earlier::beside(key, subject, epoch, earlier::tag(people, &identity.number)))?;
        }
        Ok(())
    }

    fn people(&self) -> Option<(u32, &Secret)> {
        let group = self.groups.get(PEOPLE)?;
        let epoch = group.card.epoch;
        Some((epoch, group.private.get(&epoch)?))
    }
}
