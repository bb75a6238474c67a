//! Submit once, use many times: which papers of a procedure a person gave, or was granted, before.
//!
//! Papers are alike when the catalogue says that they are of one kind. What is offered was really kept, came with a dossier
//! that was taken in and not refused, and is still good, as far as that is known. Whether it is about the right people, the
//! officer judges: a birth certificate may be the other child's.

use crate::catalogue::{Catalogue, PaperKind, PaperNeeded, Procedure, Validity};
use crate::dossier::{Dossier, Status, Step};
use crate::event::Event;
use crate::fact::{Fact, PaperTaken};
use crate::ids::{AgencyCode, Desk, DossierId, ProcedureCode, SiteCode};
use crate::moment::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// An earlier dossier, as far as its open part tells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EarlierDossier {
    /// Which.
    pub dossier: DossierId,
    /// The code that it goes by.
    pub code: String,
    /// For which procedure.
    pub procedure: ProcedureCode,
    /// Who decides.
    pub agency: AgencyCode,
    /// Where it was taken in.
    pub site: SiteCode,
    /// When.
    pub at: Moment,
    /// Its national status.
    pub status: u8,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// When there was a result, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_at: Option<Moment>,
}

impl EarlierDossier {
    /// What the open part of a dossier tells.
    pub fn of(dossier: &Dossier) -> Self {
        Self {
            dossier: dossier.id,
            code: dossier.code.text(),
            procedure: dossier.procedure.clone(),
            agency: dossier.agency.clone(),
            site: dossier.site.clone(),
            at: dossier.accepted_at,
            status: dossier.status.number(),
            papers: dossier.papers.clone(),
            result_at: dossier.history.iter().rfind(|taken| taken.step == Step::Finish).map(|taken| taken.at),
        }
    }

    fn is(&self, any_of: &[Status]) -> bool {
        any_of.iter().any(|status| status.number() == self.status)
    }

    /// Whether its papers were taken in and nobody doubts them: not while some are asked for again, or before a dossier was
    /// accepted, or after it was refused, withdrawn or stopped.
    fn papers_stand(&self) -> bool {
        self.is(&[Status::Accepted, Status::Processing, Status::Finished, Status::Returned])
    }

    /// When its result was given.
    fn granted_at(&self) -> Option<Moment> {
        self.result_at.filter(|_| self.is(&[Status::Finished, Status::Returned]))
    }
}

/// Until when a paper is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// It does not lapse.
    Unlimited,
    /// This is its last day.
    Day(Date),
    /// Not after this day, and perhaps less long: when it was handed in is known, and not when it was made out.
    AtLatest(Date),
    /// Nobody here knows: the officer looks at the paper.
    Unknown,
}

impl Until {
    fn of(kind: &PaperKind, given: Date, is_result: bool) -> Self {
        match kind.validity.value() {
            Some(Validity::Unlimited) => Until::Unlimited,
            Some(Validity::Months { months }) => match given.checked_add(i64::from(*months).months()) {
                Ok(day) if is_result => Until::Day(day),
                Ok(day) => Until::AtLatest(day),
                Err(_) => Until::Unknown,
            },
            None => Until::Unknown,
        }
    }

    fn is_over(self, day: Date) -> bool {
        matches!(self, Until::Day(last) | Until::AtLatest(last) if last < day)
    }
}

/// A paper that need not be asked for again.
#[derive(Clone, PartialEq, Debug)]
pub struct Offer {
    /// Which of the procedure's papers it stands for.
    pub paper: String,
    /// The dossier with which it was handed in, or whose result it is.
    pub from: DossierId,
    /// That dossier's code.
    pub code: String,
    /// That dossier's procedure.
    pub procedure: ProcedureCode,
    /// Where it was taken in.
    pub site: SiteCode,
    /// When it was handed in or granted.
    pub at: Moment,
    /// Whether it is a result, and was not handed in.
    pub result: bool,
    /// Until when it is good.
    pub until: Until,
    /// Whether it is good no longer: shown, and not to be taken.
    pub expired: bool,
}

/// What earlier dossiers hold for a procedure on a day: in the order of its papers, and of each the best first (good before
/// expired, a result before what was handed in, the newest).
pub fn offers(procedure: &Procedure, catalogue: &Catalogue, earlier: &[EarlierDossier], day: Date) -> Vec<Offer> {
    let needed = procedure.papers.value().map_or(&[][..], Vec::as_slice);
    needed.iter().flat_map(|needed| offers_of(needed, catalogue, earlier, day)).collect()
}

/// Of each paper the best only.
pub fn best(mut offers: Vec<Offer>) -> Vec<Offer> {
    offers.dedup_by(|later, earlier| later.paper == earlier.paper);
    offers
}

fn offers_of(needed: &PaperNeeded, catalogue: &Catalogue, earlier: &[EarlierDossier], day: Date) -> Vec<Offer> {
    let Some(kind) = needed.kind.as_deref().and_then(|kind| catalogue.kind(kind)) else { return vec![] };
    let offer = |dossier: &EarlierDossier, at: Moment, result: bool| {
        let until = Until::of(kind, at.day(), result);
        Offer {
            paper: needed.id.clone(),
            from: dossier.dossier,
            code: dossier.code.clone(),
            procedure: dossier.procedure.clone(),
            site: dossier.site.clone(),
            at,
            result,
            until,
            expired: until.is_over(day),
        }
    };
    let of_dossier = |dossier: &EarlierDossier| {
        let procedure = catalogue.get(&dossier.procedure)?;
        let granted = dossier.granted_at().filter(|_| procedure.result.as_deref() == Some(&kind.id));
        let kept = (dossier.papers_stand() && keeps(dossier, procedure, kind, needed)).then_some(dossier.at);
        granted.map(|at| offer(dossier, at, true)).or_else(|| kept.map(|at| offer(dossier, at, false)))
    };
    let mut found: Vec<Offer> = earlier.iter().filter_map(of_dossier).filter(|offer| offer.at.day() <= day).collect();
    found.sort_by_key(|offer| (offer.expired, !offer.result, Reverse(offer.at), offer.from));
    found
}

/// Whether a dossier keeps a paper of a kind that is worth what is needed.
fn keeps(dossier: &EarlierDossier, procedure: &Procedure, kind: &PaperKind, needed: &PaperNeeded) -> bool {
    let known = procedure.papers.value().map_or(&[][..], Vec::as_slice);
    let of_kind = |taken: &&PaperTaken| {
        let paper = known.iter().find(|paper| paper.id == taken.id);
        paper.is_some_and(|paper| paper.kind.as_ref() == Some(&kind.id) && !paper.only_presented)
    };
    let worth_needed = worth(needed.original, needed.certified, needed.copies).max(Worth::Copy);
    // What was itself taken over is kept by the dossier that it came from, which is asked as well.
    let kept = dossier.papers.iter().filter(of_kind).filter(|taken| taken.reused.is_none());
    kept.map(|taken| worth(taken.original, taken.certified, taken.copies)).any(|kept| kept >= worth_needed)
}

/// What a paper is worth: a copy does not stand for an original.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Nothing,
    Copy,
    Certified,
    Original,
}

fn worth(original: u16, certified: u16, copies: u16) -> Worth {
    match (original, certified, copies) {
        (0, 0, 0) => Worth::Nothing,
        (0, 0, _) => Worth::Copy,
        (0, ..) => Worth::Certified,
        _ => Worth::Original,
    }
}

/// How far a paper is digitised (trạng thái số hóa), with the portal's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digitised {
    /// 0 Chưa số hóa.
    Not = 0,
    /// 1 Được số hóa.
    New = 1,
    /// 2 Tái sử dụng.
    Reused = 2,
    /// 3 Tái sử dụng từ kết quả thủ tục hành chính khác.
    ReusedFromResult = 3,
}

/// How far a paper of a dossier is digitised, by the dossier's events.
pub fn digitised(paper: &PaperTaken, history: &[Event]) -> Digitised {
    let scanned = |event: &Event| matches!(&event.fact, Fact::PaperAttached(scan) if scan.paper == paper.id);
    match &paper.reused {
        Some(reused) if reused.result => Digitised::ReusedFromResult,
        Some(_) => Digitised::Reused,
        None if history.iter().any(scanned) => Digitised::New,
        None => Digitised::Not,
    }
}

/// How many papers were not asked for again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share {
    /// Papers that were taken over.
    pub reused: u32,
    /// All papers of the dossiers, those included.
    pub papers: u32,
}

/// The share of papers that a desk did not ask for again, among the dossiers that it accepted on a day.
pub fn share<'a>(dossiers: impl Iterator<Item = &'a Dossier>, site: &SiteCode, desk: &Desk, day: Date) -> Share {
    let ours = |dossier: &&Dossier| {
        let here = dossier.site == *site && dossier.desk == *desk;
        here && dossier.accepted_at.day() == day && dossier.times(Step::Accept) > 0
    };
    dossiers.filter(ours).flat_map(|dossier| &dossier.papers).fold(Share::default(), |share, paper| Share {
        reused: share.reused + u32::from(paper.reused.is_some()),
        papers: share.papers + 1,
    })
}
