//! A dossier (hồ sơ): the ten national statuses, the legal steps between them, and how it folds from its events.

use crate::event::Event;
use crate::fact::PaperTaken;
use crate::fact::{CodeGiven, DossierAccepted, Fact};
use crate::fee::Dong;
use crate::ids::{AgencyCode, Desk, DossierId, EventId, JobId, ProcedureCode, SiteCode, VisitId};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};

/// The national portal's statuses, with the portal's numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 1 Mới đăng ký.
    Registered = 1,
    /// 2 Được tiếp nhận.
    Accepted = 2,
    /// 3 Không được tiếp nhận.
    NotAccepted = 3,
    /// 4 Đang xử lý.
    Processing = 4,
    /// 5 Yêu cầu bổ sung giấy tờ.
    SupplementAsked = 5,
    /// 6 Yêu cầu thực hiện nghĩa vụ tài chính.
    DutyAsked = 6,
    /// 7 Công dân yêu cầu rút hồ sơ.
    Withdrawn = 7,
    /// 8 Dừng xử lý.
    Stopped = 8,
    /// 9 Đã xử lý xong.
    Finished = 9,
    /// 10 Đã trả kết quả.
    Returned = 10,
}

impl Status {
    /// All ten, in the portal's order.
    pub const ALL: [Status; 10] = [
        Status::Registered,
        Status::Accepted,
        Status::NotAccepted,
        Status::Processing,
        Status::SupplementAsked,
        Status::DutyAsked,
        Status::Withdrawn,
        Status::Stopped,
        Status::Finished,
        Status::Returned,
    ];

    /// The portal's number, 1 to 10.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Where `step` leads from here; none where it is not legal.
    pub fn after(self, step: Step) -> Option<Status> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == step).map(|(_, _, to)| *to)
    }
}

/// A step of the one-stop workflow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Tiếp nhận.
    Accept,
    /// Từ chối tiếp nhận.
    Refuse,
    /// Chuyển xử lý.
    Process,
    /// Yêu cầu bổ sung, hoàn thiện.
    AskSupplement,
    /// Yêu cầu thực hiện nghĩa vụ tài chính.
    AskDuty,
    /// Công dân rút hồ sơ.
    Withdraw,
    /// Dừng xử lý.
    Stop,
    /// Có kết quả.
    Finish,
    /// Trả kết quả.
    Return,
}

impl Step {
    /// All steps.
    pub const ALL: [Step; 9] = [
        Step::Accept,
        Step::Refuse,
        Step::Process,
        Step::AskSupplement,
        Step::AskDuty,
        Step::Withdraw,
        Step::Stop,
        Step::Finish,
        Step::Return,
    ];
}

/// The workflow, whole: from, by, to. What is not here is not legal.
const TRANSITIONS: &[(Status, Step, Status)] = {
    use Status::*;
    use Step::*;
    &[
        (Registered, Accept, Accepted),
        (Registered, Refuse, NotAccepted),
        (Registered, AskSupplement, SupplementAsked),
        (Registered, AskDuty, DutyAsked),
        (Registered, Withdraw, Withdrawn),
        (Accepted, Process, Processing),
        (Accepted, AskSupplement, SupplementAsked),
        (Accepted, AskDuty, DutyAsked),
        (Accepted, Withdraw, Withdrawn),
        (Accepted, Stop, Stopped),
        (Accepted, Finish, Finished),
        (Processing, AskSupplement, SupplementAsked),
        (Processing, AskDuty, DutyAsked),
        (Processing, Withdraw, Withdrawn),
        (Processing, Stop, Stopped),
        (Processing, Finish, Finished),
        (SupplementAsked, Accept, Accepted),
        (SupplementAsked, Process, Processing),
        (SupplementAsked, Refuse, NotAccepted),
        (SupplementAsked, Withdraw, Withdrawn),
        (SupplementAsked, Stop, Stopped),
        (DutyAsked, Accept, Accepted),
        (DutyAsked, Process, Processing),
        (DutyAsked, Withdraw, Withdrawn),
        (DutyAsked, Stop, Stopped),
        (Finished, Return, Returned),
    ]
};

/// What is known of the printed receipt.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// None was asked for: an instant procedure.
    NotGiven,
    /// It is owed: the job is on disk.
    Owed(JobId),
    /// It was written; BLAKE3 of the file in hexadecimal.
    Made {
        /// Which job.
        job: JobId,
        /// The file's hash.
        hash: String,
    },
}

/// A dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Dossier {
    /// Its id.
    pub id: DossierId,
    /// The visit in which it was taken in.
    pub visit: VisitId,
    /// For which procedure.
    pub procedure: ProcedureCode,
    /// Who decides.
    pub agency: AgencyCode,
    /// Where it was taken in.
    pub site: SiteCode,
    /// At which desk.
    pub desk: Desk,
    /// Its national status.
    pub status: Status,
    /// The code that it goes by now.
    pub code: CodeGiven,
    /// The temporary code that is on the citizen's paper, where there was one: it names the dossier for ever.
    pub alias: Option<String>,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// Number of sets.
    pub sets: u16,
    /// When it was accepted.
    pub accepted_at: Moment,
    /// When the result is promised.
    pub due: Option<Moment>,
    /// Which table of working days the promise was reckoned with.
    pub calendar: String,
    /// The fee, where it is known.
    pub fee: Option<Dong>,
    /// Whether it was paid.
    pub fee_paid: bool,
    /// The printed receipt.
    pub slip: Slip,
    /// Steps taken, with their times.
    pub history: Vec<(Step, Moment)>,
    /// Events that could not be followed: a second acceptance, an illegal step. A person settles them.
    pub conflicts: Vec<EventId>,
}

impl Dossier {
    /// Folds a dossier from its events in canonical order; none before it was accepted.
    pub fn fold<'a>(id: DossierId, events: impl Iterator<Item = &'a Event> + Clone) -> Option<Dossier> {
        let (first, mut dossier) = events.clone().find_map(|event| match &event.fact {
            Fact::DossierAccepted(accepted) => Some((event.id, Self::begin(id, accepted))),
            _ => None,
        })?;
        for event in events.filter(|event| event.id != first) {
            dossier.apply(event);
        }
        Some(dossier)
    }

    fn begin(id: DossierId, accepted: &DossierAccepted) -> Dossier {
        Dossier {
            id,
            visit: accepted.visit,
            procedure: accepted.procedure.clone(),
            agency: accepted.agency.clone(),
            site: accepted.site.clone(),
            desk: accepted.desk.clone(),
            status: Status::Accepted,
            code: accepted.code.clone(),
            alias: None,
            papers: accepted.papers.clone(),
            sets: accepted.sets,
            accepted_at: accepted.at,
            due: accepted.due,
            calendar: accepted.calendar.clone(),
            fee: accepted.fee,
            fee_paid: accepted.fee_paid,
            slip: accepted.slip.map_or(Slip::NotGiven, Slip::Owed),
            history: vec![(Step::Accept, accepted.at)],
            conflicts: vec![],
        }
    }

    fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::DossierAccepted(_) => self.conflicts.push(event.id),
            Fact::CodeAssigned(assigned) if self.alias.is_none() => {
                if let CodeGiven::Temporary { code } = &self.code {
                    self.alias = Some(code.clone());
                    self.code = CodeGiven::Official { code: assigned.code.clone(), sequence: assigned.sequence };
                }
            }
            Fact::SlipMade(made) => self.slip = Slip::Made { job: made.job, hash: made.hash.clone() },
            Fact::DossierStepped(stepped) => match self.status.after(stepped.step) {
                Some(status) => {
                    self.status = status;
                    self.history.push((stepped.step, stepped.at));
                }
                None => self.conflicts.push(event.id),
            },
            _ => {}
        }
    }

    /// Whether the dossier goes by this code, official or temporary.
    pub fn goes_by(&self, code: &str) -> bool {
        self.code.text() == code || self.alias.as_deref() == Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portal_knows_ten_statuses_by_number() {
        let numbers: Vec<u8> = Status::ALL.iter().map(|status| status.number()).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<u8>>());
    }

    #[test]
    fn nothing_leads_out_of_an_ended_dossier() {
        for ended in [Status::NotAccepted, Status::Withdrawn, Status::Stopped, Status::Returned] {
            assert!(Step::ALL.iter().all(|step| ended.after(*step).is_none()), "{ended:?}");
        }
    }

    #[test]
    fn every_status_but_the_first_can_be_reached_from_it() {
        let mut reached = vec![Status::Registered];
        let mut index = 0;
        while let Some(from) = reached.get(index).copied() {
            index += 1;
            for to in Step::ALL.iter().filter_map(|step| from.after(*step)) {
                if !reached.contains(&to) {
                    reached.push(to);
                }
            }
        }
        assert_eq!(reached.len(), Status::ALL.len());
    }

    #[test]
    fn a_result_is_returned_once_and_only_when_it_is_there() {
        assert_eq!(Status::Accepted.after(Step::Return), None);
        assert_eq!(Status::Finished.after(Step::Return), Some(Status::Returned));
        assert_eq!(Status::Returned.after(Step::Return), None);
    }
}
