//! Papers that go from one office to another (bàn giao): a dossier to who decides, a result back to where it was taken in.

use super::{Dossier, Status, Step};
use crate::catalogue::Authority;
use crate::event::Event;
use crate::fact::Fact;
use crate::ids::{OfficerId, SiteCode};
use crate::jurisdiction::{AuthorityId, NotAnAuthority};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The number of a hand-over's record (biên bản bàn giao). Its series is that of one life of one station's disk, as a
/// receipt's is: no two stations and no two lives count in one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ManifestNo {
    /// The station's label and six characters of the life of its disk.
    pub series: String,
    /// From one, without a gap.
    pub number: u32,
}

impl fmt::Display for ManifestNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BG-{}-{:04}", self.series, self.number)
    }
}

/// To whom papers go. As text an authority's id, or `site:00004`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Office {
    /// The authority that decides.
    Authority(AuthorityId),
    /// Where the dossier was taken in: its result comes back.
    Site(SiteCode),
}

impl fmt::Display for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Office::Authority(id) => id.fmt(f),
            Office::Site(site) => write!(f, "site:{site}"),
        }
    }
}

impl FromStr for Office {
    type Err = NotAnAuthority;

    fn from_str(text: &str) -> Result<Self, NotAnAuthority> {
        match text.strip_prefix("site:") {
            Some(site) => Ok(Office::Site(site.into())),
            None => text.parse().map(Office::Authority),
        }
    }
}

impl TryFrom<String> for Office {
    type Error = NotAnAuthority;

    fn try_from(text: String) -> Result<Self, NotAnAuthority> {
        text.parse()
    }
}

impl From<Office> for String {
    fn from(office: Office) -> Self {
        office.to_string()
    }
}

/// Papers of a dossier on their way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Carriage {
    /// The record on which they stand.
    pub manifest: ManifestNo,
    /// From where.
    pub from: SiteCode,
    /// To whom.
    pub to: Office,
    /// How many sheets were counted.
    pub sheets: u32,
    /// When they were handed over.
    pub at: Moment,
    /// Who handed them over.
    pub officer: Option<OfficerId>,
    /// When it was confirmed that they came; none as long as nobody did.
    pub received: Option<Moment>,
}

/// What the events say of papers on their way. Who confirms may not have heard yet who sent, and two may confirm at once: that
/// they came is true from the first word on.
pub(super) fn carriages<'a>(events: impl Iterator<Item = &'a Event> + Clone) -> Vec<Carriage> {
    let came = |to: &Office| {
        events.clone().find_map(|event| match &event.fact {
            Fact::PapersReceived(received) if received.to == *to => Some(received.at),
            _ => None,
        })
    };
    let sent = events.clone().filter_map(|event| match &event.fact {
        Fact::PapersSent(sent) => Some((event, sent)),
        _ => None,
    });
    sent.map(|(event, sent)| Carriage {
        manifest: sent.manifest.clone(),
        from: sent.from.clone(),
        to: sent.to.clone(),
        sheets: sent.sheets,
        at: sent.at,
        officer: event.officer.clone(),
        received: came(&sent.to),
    })
    .collect()
}

impl Dossier {
    /// To whom its papers are to go from `site` and were not handed over yet: to another authority once it was sent on, and back
    /// once there is a result.
    pub fn to_hand_over(&self, site: &SiteCode) -> Option<Office> {
        let next = if self.site == *site { self.to_authority() } else { self.back_from_authority() };
        next.filter(|office| !self.carriages.iter().any(|carriage| carriage.to == *office))
    }

    fn to_authority(&self) -> Option<Office> {
        let authority = self.authority.as_ref()?;
        let stays = *authority == AuthorityId::of(Authority::Commune, &self.site);
        let goes = self.times(Step::Forward) > 0 && !self.status.is_ended() && !stays;
        goes.then(|| Office::Authority(authority.clone()))
    }

    fn back_from_authority(&self) -> Option<Office> {
        (self.status == Status::Finished).then(|| Office::Site(self.site.clone()))
    }

    /// Papers that were handed over and of which nobody said that they came.
    pub fn on_their_way(&self) -> impl Iterator<Item = &Carriage> {
        self.carriages.iter().filter(|carriage| carriage.received.is_none())
    }

    /// How many papers were handed in, as a first guess at the sheets to be counted.
    pub fn pieces(&self) -> u32 {
        let pieces = |paper: &crate::fact::PaperTaken| {
            u32::from(paper.original) + u32::from(paper.certified) + u32::from(paper.copies)
        };
        self.papers.iter().filter(|paper| paper.reused.is_none()).map(pieces).sum()
    }
}
