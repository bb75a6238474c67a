//! A person's earlier dossiers, found again wherever in the city they were taken in.
//!
//! Nobody's number stands in the open, and a centre reads nothing that is sealed. Whoever takes a dossier in leaves a *tag*
//! beside it: a keyed hash of the applicant's number, under a key that officers' desks hold and no database does. Whoever
//! has the person before them makes the same tag and asks for what bears it. A tag travels as a grant does, and is destroyed
//! with the grants when the person is forgotten. What is told is the open part of each dossier: what it was for, which
//! papers were handed in, and where it stands.

use crate::HttpCentre;
use crate::grant::{Grant, KeyId};
use crate::protocol::{Fixed32, WrappedKey};
use crate::refusal::CentreFault;
use crate::wire::{Bytes, Fixed};
use crate::wrap::Secret;
use intake::dossier::Dossier;
use intake::event::{Event, Subject};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use intake::reuse::EarlierDossier;

/// The group whose members make tags. Its private key wraps nothing: tags are made with it.
pub const PEOPLE: &str = "people";
/// The reader whose grant is a tag.
pub const PERSON: &str = "person";
/// The path under the centre's address: POST with a CBOR body, signed.
pub const PATH: &str = "/v1/earlier";
/// The most tags that one ask holds: a person's number, and the one of an earlier card.
pub const MAX_TAGS: usize = 2;
/// The most dossiers that one answer holds, the newest.
pub const MAX_DOSSIERS: usize = 50;

/// By what a person's dossiers are found.
pub type Tag = Fixed32;

/// The tag of who has this number, for a member of [`PEOPLE`]. Only digits count.
pub fn tag(people: &Secret, number: &str) -> Tag {
    let key = Zeroizing::new(blake3::derive_key("motcua/person/1", people.as_slice()));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    Fixed(*blake3::keyed_hash(&key, digits.as_bytes()).as_bytes())
}

/// The tag as it stands beside a record: a grant that opens nothing.
pub(crate) fn beside(key: KeyId, subject: &str, epoch: u32, tag: Tag) -> Grant {
    let wrapped = WrappedKey { enc: tag, wrapped: Bytes(Vec::new()) };
    Grant { key, subject: subject.to_owned(), group: PERSON.to_owned(), epoch, wrapped }
}

/// The tag that a grant is, with the dossier beside which it stands.
pub fn tag_of(grant: &Grant) -> Option<(Tag, &str)> {
    (grant.group == PERSON && grant.subject.starts_with("dossier:")).then_some((grant.wrapped.enc, &grant.subject))
}

/// "What bears one of these?" At most [`MAX_TAGS`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EarlierAsk {
    /// The person's tags.
    pub tags: Vec<Tag>,
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct EarlierAnswer {
    /// The newest first.
    pub dossiers: Vec<EarlierDossier>,
    /// There are older ones.
    pub more: bool,
}

impl EarlierAnswer {
    /// Of these dossiers' histories.
    pub fn of<'a>(histories: impl IntoIterator<Item = (&'a Subject, &'a [Event])>) -> Self {
        let dossiers = histories.into_iter().filter_map(|(subject, events)| match subject {
            Subject::Dossier(id) => Dossier::fold(*id, events.iter()).map(|dossier| EarlierDossier::of(&dossier)),
            _ => None,
        });
        let mut dossiers: Vec<EarlierDossier> = dossiers.collect();
        dossiers.sort_by_key(|dossier| (std::cmp::Reverse(dossier.at), dossier.dossier));
        dossiers.dedup_by_key(|dossier| dossier.dossier);
        let more = dossiers.len() > MAX_DOSSIERS;
        dossiers.truncate(MAX_DOSSIERS);
        Self { dossiers, more }
    }

    /// Both, each dossier once; where both know one, what `self` says counts.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        for dossier in other.dossiers {
            if self.dossiers.iter().all(|known| known.dossier != dossier.dossier) {
                self.dossiers.push(dossier);
            }
        }
        self.dossiers.sort_by_key(|dossier| (std::cmp::Reverse(dossier.at), dossier.dossier));
        self.more |= other.more;
        self
    }
}

/// Who can say what bears a tag.
pub trait Earlier {
    /// What bears one of these tags, of the whole city.
    ///
    /// # Errors
    /// [`CentreFault::Unreachable`]; [`crate::Refusal::NotYourScope`] for who is no officer's desk.
    fn earlier(&self, ask: &EarlierAsk) -> Result<EarlierAnswer, CentreFault>;
}

impl Earlier for HttpCentre {
    fn earlier(&self, ask: &EarlierAsk) -> Result<EarlierAnswer, CentreFault> {
        self.call_within(PATH, ask, crate::hub::PATIENCE * 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_tag_under_a_key_and_another_under_another() {
        let (ours, theirs) = (Secret::new([7; 32]), Secret::new([8; 32]));
        assert_eq!(tag(&ours, "001199000123"), tag(&ours, "001 199 000 123"));
        assert_ne!(tag(&ours, "001199000123"), tag(&ours, "001199000124"));
        assert_ne!(tag(&ours, "001199000123"), tag(&theirs, "001199000123"));
    }
}
