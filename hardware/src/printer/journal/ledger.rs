//! What the journal's records together say about each job, and what may be done with it. Pure.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::record::{Damage, KeptJob, PaperHash, Reading};
use crate::printer::device::LastSlip;
use crate::printer::report::{JobId, KnownBy, Outcome};

/// Jobs that are kept.
pub const KEPT_JOBS: usize = 1000;
/// How long an ended job is kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is to be done when a job is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be printed: it is new, or surely made no paper before.
    Print,
    /// It was printed before, with this account; no paper moves.
    Printed(KeptJob),
    /// It began before and nobody knows its end: no paper moves until a person has looked.
    InDoubt(KeptJob),
    /// It is known with other paper, or names itself as its original.
    Changed,
}

/// Every job by its name.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    jobs: HashMap<JobId, KeptJob>,
    damaged: Vec<Damage>,
}

impl Ledger {
    /// From a journal that was read.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        let mut ledger = Self { jobs: HashMap::new(), damaged: reading.damage };
        reading.jobs.into_iter().for_each(|job| ledger.note(job));
        ledger
    }

    /// Takes in the newest record of a job. One that was damaged leaves what was known of it, but for its end.
    pub fn note(&mut self, job: KeptJob) {
        match self.jobs.get_mut(&job.job) {
            Some(known) if job.paper.is_none() => known.end = None,
            _ => drop(self.jobs.insert(job.job, job)),
        }
    }

    /// What is kept of a job.
    #[must_use]
    pub fn job(&self, job: JobId) -> Option<&KeptJob> {
        self.jobs.get(&job)
    }

    /// All jobs, the oldest first.
    #[must_use]
    pub fn jobs(&self) -> Vec<&KeptJob> {
        let mut jobs: Vec<_> = self.jobs.values().collect();
        jobs.sort_by_key(|job| (job.begun_at, job.job));
        jobs
    }

    /// Lines that were damaged.
    #[must_use]
    pub fn damaged(&self) -> &[Damage] {
        &self.damaged
    }

    /// What is to be done when a job is asked for with this paper. A job that made no paper binds its name to none.
    #[must_use]
    pub fn decide(&self, job: JobId, paper: &PaperHash, copy_of: Option<JobId>) -> Decision {
        let Some(kept) = self.jobs.get(&job) else {
            return if copy_of == Some(job) { Decision::Changed } else { Decision::Print };
        };
        if kept.end.is_some_and(|end| end.outcome == Outcome::NotPrinted) {
            return Decision::Print;
        }
        if kept.paper.as_ref().is_some_and(|known| known != paper) {
            return Decision::Changed;
        }
        if kept.in_doubt() { Decision::InDoubt(kept.clone()) } else { Decision::Printed(kept.clone()) }
    }

    /// How the last slip of a printer ended, by its own word. What a person saw says nothing about what the printer still holds.
    #[must_use]
    pub fn last_slip(&self, printer: &str) -> LastSlip {
        let last = self.jobs.values().filter(|job| job.printer == printer).max_by_key(|job| job.begun_at);
        let whole = |job: &KeptJob| {
            job.end.is_some_and(|end| {
                end.known_by != KnownBy::Person && matches!(end.outcome, Outcome::Confirmed | Outcome::SentUnconfirmed)
            })
        };
        match last {
            _ if !self.damaged.is_empty() => LastSlip::MaybeTorn,
            Some(job) if whole(job) => LastSlip::Whole,
            Some(_) => LastSlip::MaybeTorn,
            None => LastSlip::Unsure,
        }
    }

    /// What is worth keeping: the newest jobs, those in doubt before all others and however old they are.
    #[must_use]
    pub fn kept(&self, now: Timestamp) -> Vec<&KeptJob> {
        let young = |job: &&KeptJob| now.duration_since(job.begun_at) <= KEPT_FOR;
        let mut jobs: Vec<_> = self.jobs().into_iter().filter(|job| job.in_doubt() || young(job)).collect();
        let mut excess = jobs.len().saturating_sub(KEPT_JOBS);
        for doubtful in [false, true] {
            jobs.retain(|job| {
                let goes = excess > 0 && job.in_doubt() == doubtful;
                excess -= usize::from(goes);
                !goes
            });
        }
        jobs
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::JobEnd;
    use super::*;
    use crate::paper::Paper;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn paper(dots: u16) -> PaperHash {
        PaperHash::of(&Paper::new().space(dots), None)
    }

    fn job(number: u128, second: i64, end: Option<(Outcome, KnownBy)>) -> KeptJob {
        let end = end.map(|(outcome, known_by)| JobEnd { outcome, fault: None, known_by, at: at(second) });
        let (paper, printer) = (Some(paper(1)), "tcp:p:1".to_owned());
        KeptJob { job: JobId(number), paper, copy_of: None, bytes: 9, printer, begun_at: at(second), end }
    }

    fn ledger(jobs: impl IntoIterator<Item = KeptJob>) -> Ledger {
        Ledger::new(Reading { jobs: jobs.into_iter().collect(), ..Reading::default() })
    }

    #[test]
    fn what_may_be_printed_depends_on_what_became_of_it() {
        let asked = |end| {
            let known = job(1, 0, end);
            let decision = ledger([known.clone()]).decide(JobId(1), &paper(1), None);
            (decision, known)
        };
        let (decision, known) = asked(Some((Outcome::Confirmed, KnownBy::ProcessId)));
        assert_eq!(decision, Decision::Printed(known));
        let (decision, known) = asked(Some((Outcome::SentUnconfirmed, KnownBy::StatusAfter)));
        assert_eq!(decision, Decision::Printed(known));
        let (decision, known) = asked(Some((Outcome::Unknown { bytes_sent: 3 }, KnownBy::Nothing)));
        assert_eq!(decision, Decision::InDoubt(known));
        let (decision, known) = asked(None);
        assert_eq!(decision, Decision::InDoubt(known));
        assert_eq!(asked(Some((Outcome::NotPrinted, KnownBy::Nothing))).0, Decision::Print);
        assert_eq!(ledger([]).decide(JobId(1), &paper(1), None), Decision::Print);
    }

    #[test]
    fn other_paper_under_a_used_name_is_refused() {
        let asked = |end| ledger([job(1, 0, end)]).decide(JobId(1), &paper(2), None);
        assert_eq!(asked(Some((Outcome::Confirmed, KnownBy::ProcessId))), Decision::Changed);
        assert_eq!(asked(None), Decision::Changed);
        assert_eq!(asked(Some((Outcome::NotPrinted, KnownBy::Nothing))), Decision::Print);
        assert_eq!(ledger([]).decide(JobId(1), &paper(1), Some(JobId(1))), Decision::Changed);
    }

    #[test]
    fn the_last_job_of_a_printer_tells_how_its_slip_ended() {
        let whole = Some((Outcome::Confirmed, KnownBy::ProcessId));
        let last = |jobs: Vec<KeptJob>| ledger(jobs).last_slip("tcp:p:1");
        assert_eq!(last(vec![]), LastSlip::Unsure);
        assert_eq!(last(vec![job(1, 0, None), job(2, 5, whole)]), LastSlip::Whole);
        // A person settles the older job later: the newest still counts.
        assert_eq!(
            last(vec![job(2, 5, whole), job(1, 0, Some((Outcome::NotPrinted, KnownBy::Person)))]),
            LastSlip::Whole
        );
        assert_eq!(last(vec![job(1, 0, whole), job(2, 5, None)]), LastSlip::MaybeTorn);
        assert_eq!(last(vec![job(2, 5, Some((Outcome::Confirmed, KnownBy::Person)))]), LastSlip::MaybeTorn);
        assert_eq!(ledger([job(1, 0, None)]).last_slip("tcp:other:1"), LastSlip::Unsure);
    }

    #[test]
    fn what_is_kept_is_bounded_and_doubts_go_last() {
        let whole = Some((Outcome::Confirmed, KnownBy::ProcessId));
        let many = (0..1500).map(|n| job(n, n as i64, if n < 10 { None } else { whole }));
        let ledger = ledger(many);
        let kept = ledger.kept(at(1500));
        assert_eq!(kept.len(), KEPT_JOBS);
        assert_eq!(kept.iter().filter(|job| job.in_doubt()).count(), 10);
        assert_eq!(kept.last().unwrap().job, JobId(1499));
        let later = at(1500).checked_add(KEPT_FOR).unwrap();
        assert_eq!(ledger.kept(later).len(), 10);
        let doubts = self::ledger((0..1500).map(|n| job(n, n as i64, None)));
        assert_eq!(doubts.kept(at(1500)).len(), KEPT_JOBS);
    }
}
