//! A dossier (hồ sơ): how it folds from its events, along the legal steps.

use crate::due::Wait;
use crate::event::Event;
use crate::fact::{CodeGiven, DossierAccepted, DossierRegistered, DossierStepped, Fact, PaperTaken, SlipMade};
use crate::fee::Dong;
use crate::ids::{AgencyCode, Desk, DossierId, EventId, JobId, OfficerId, ProcedureCode, SiteCode, VisitId};
use crate::jurisdiction::AuthorityId;
use crate::moment::Moment;
use crate::payment::{Payments, ReceiptNo};
use serde::{Deserialize, Serialize};

mod amend;
mod carriage;
mod detail;
mod workflow;
pub use amend::{Amended, Amends};
pub use carriage::{Carriage, ManifestNo, Office};
pub use detail::{Detail, Fault, Ground, PaperAsked, ReturnBy};
pub use workflow::{Status, Step};

/// Where a dossier stands that another authority decides (trạng thái phi địa giới), with the numbers of a working system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abroad {
    /// Đang xử lý.
    Processing = 2,
    /// Đã trả kết quả.
    Returned = 3,
    /// Chờ đơn vị tiếp nhận.
    Awaited = 4,
}

/// How an office keeps its promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timeliness {
    /// The day has not come.
    Running,
    /// Trước hạn: done on a day before.
    Early,
    /// Đúng hạn.
    OnTime,
    /// Quá hạn.
    Overdue,
}

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

/// What a paper beside the receipt of the dossier is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormOf {
    /// A step (phiếu).
    Step(Step),
    /// Money (biên lai).
    Receipt(ReceiptNo),
    /// The receipt of the dossier, given anew after an amendment: which one, from 1.
    Reissue(u16),
}

/// A paper that a step or a payment prints: owed with it, written some time after.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Form {
    /// What it is for.
    pub of: FormOf,
    /// Its job.
    pub job: JobId,
    /// BLAKE3 of the file in hexadecimal, once it was written.
    pub made: Option<String>,
}

/// A step that was taken.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Taken {
    /// Which.
    pub step: Step,
    /// When.
    pub at: Moment,
    /// What it carried.
    pub detail: Option<Detail>,
    /// The event that says so: its sealed part holds what the officer wrote.
    pub event: EventId,
    /// Who did it.
    pub officer: Option<OfficerId>,
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
    /// To whom it is sent to be decided.
    pub agency: AgencyCode,
    /// The authority that decides, where it was found or told.
    pub authority: Option<AuthorityId>,
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
    /// When it was first taken down: the day of its code.
    pub received_at: Moment,
    /// When it was accepted; when it was taken down, before that.
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
    /// Steps taken, in order.
    pub history: Vec<Taken>,
    /// What was put right, in order.
    pub amended: Vec<Amended>,
    /// The event whose sealed part says who hands it in.
    pub about: EventId,
    /// The papers that its steps print.
    pub forms: Vec<Form>,
    /// The money that was taken for it.
    pub payments: Payments,
    /// Who must decide now, where it was sent on.
    pub forwarded_to: Option<AgencyCode>,
    /// Its papers on their way to another office, and back.
    pub carriages: Vec<Carriage>,
    /// Events that could not be followed: a second acceptance, an illegal step. A person settles them.
    pub conflicts: Vec<EventId>,
}

impl Dossier {
    /// Folds a dossier from its events in canonical order; none before it was taken down or accepted.
    pub fn fold<'a>(id: DossierId, events: impl Iterator<Item = &'a Event> + Clone) -> Option<Dossier> {
        let told = amend::told_before(events.clone());
        if told.is_empty() {
            return Self::fold_all(id, events);
        }
        let mut all: Vec<&Event> = told.iter().collect();
        for event in events {
            all.push(event);
        }
        all.sort_by_key(|event| event.order());
        Self::fold_all(id, all.into_iter())
    }

    fn fold_all<'a>(id: DossierId, events: impl Iterator<Item = &'a Event> + Clone) -> Option<Dossier> {
        let (first, mut dossier) = events.clone().find_map(|event| match &event.fact {
            Fact::DossierAccepted(accepted) => Some((event.id, Self::begin(id, event, accepted))),
            Fact::DossierRegistered(registered) => Some((event.id, Self::taken_down(id, event.id, registered))),
            _ => None,
        })?;
        for event in events.clone().filter(|event| event.id != first) {
            dossier.apply(event);
        }
        dossier.carriages = carriage::carriages(events.clone());
        // Whatever the clocks of those who agreed say: what they settled is settled.
        let settles = |event: &EventId| {
            let of_it =
                |known: &Event| matches!(&known.fact, Fact::ConflictSettled(settled) if settled.event == *event);
            events.clone().any(of_it)
        };
        dossier.conflicts.retain(|event| !settles(event));
        Some(dossier)
    }

    fn taken_down(id: DossierId, event: EventId, registered: &DossierRegistered) -> Dossier {
        Dossier {
            id,
            visit: registered.visit,
            procedure: registered.procedure.clone(),
            agency: registered.agency.clone(),
            authority: registered.authority.clone(),
            site: registered.site.clone(),
            desk: registered.desk.clone(),
            status: Status::Registered,
            code: registered.code.clone(),
            alias: None,
            papers: registered.papers.clone(),
            sets: registered.sets,
            received_at: registered.at,
            accepted_at: registered.at,
            due: None,
            calendar: String::new(),
            fee: None,
            fee_paid: false,
            slip: Slip::NotGiven,
            history: vec![],
            amended: vec![],
            about: event,
            forms: vec![],
            payments: Payments::default(),
            forwarded_to: None,
            carriages: vec![],
            conflicts: vec![],
        }
    }

    fn begin(id: DossierId, event: &Event, accepted: &DossierAccepted) -> Dossier {
        let registered = DossierRegistered {
            intent: accepted.intent,
            visit: accepted.visit,
            procedure: accepted.procedure.clone(),
            agency: accepted.agency.clone(),
            site: accepted.site.clone(),
            desk: accepted.desk.clone(),
            code: accepted.code.clone(),
            papers: vec![],
            sets: accepted.sets,
            at: accepted.at,
            authority: accepted.authority.clone(),
        };
        let mut dossier = Self::taken_down(id, event.id, &registered);
        dossier.accept(event, accepted);
        dossier
    }

    fn accept(&mut self, event: &Event, accepted: &DossierAccepted) {
        self.status = Status::Accepted;
        self.about = event.id;
        self.agency.clone_from(&accepted.agency);
        self.authority.clone_from(&accepted.authority);
        self.papers.clone_from(&accepted.papers);
        self.sets = accepted.sets;
        self.accepted_at = accepted.at;
        self.due = accepted.due;
        self.calendar.clone_from(&accepted.calendar);
        self.fee = accepted.fee;
        self.fee_paid = accepted.fee_paid;
        self.slip = accepted.slip.map_or(Slip::NotGiven, Slip::Owed);
        let (event, officer) = (event.id, event.officer.clone());
        self.history.push(Taken { step: Step::Accept, at: accepted.at, detail: None, event, officer });
    }

    fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::DossierAccepted(accepted) if self.may_be_accepted() => self.accept(event, accepted),
            Fact::DossierAccepted(_) | Fact::DossierRegistered(_) => self.conflicts.push(event.id),
            Fact::CodeAssigned(assigned) if self.alias.is_none() => {
                if let CodeGiven::Temporary { code } = &self.code {
                    self.alias = Some(code.clone());
                    self.code = CodeGiven::Official { code: assigned.code.clone(), sequence: assigned.sequence };
                }
            }
            Fact::FeeTaken(taken) => {
                self.forms.push(Form { of: FormOf::Receipt(taken.receipt.clone()), job: taken.job, made: None });
                self.payments.apply(event);
            }
            Fact::FeeConfirmed(_) | Fact::FeeRefunded(_) => self.payments.apply(event),
            Fact::SlipMade(made) => self.written(made),
            Fact::DossierAmended(amended) => self.amend(event, amended),
            Fact::DossierStepped(stepped) => match self.status.after(stepped.step) {
                Some(status) if self.allows(stepped) => self.take(status, stepped, event),
                _ => self.conflicts.push(event.id),
            },
            _ => {}
        }
    }

    /// Whether it was only taken down so far.
    fn may_be_accepted(&self) -> bool {
        self.times(Step::Accept) == 0 && self.status.after(Step::Accept).is_some()
    }

    fn written(&mut self, made: &SlipMade) {
        match self.forms.iter_mut().find(|form| form.job == made.job) {
            Some(form) => form.made = Some(made.hash.clone()),
            None => self.slip = Slip::Made { job: made.job, hash: made.hash.clone() },
        }
    }

    /// What the table alone does not say. Two officers who could not hear each other may both have promised anew: the
    /// first counts, and the other is shown.
    fn allows(&self, stepped: &DossierStepped) -> bool {
        match &stepped.detail {
            Some(Detail::Reappointed { was, .. }) => self.due == Some(*was),
            // Sent to whom it stood with before somebody put the authority right.
            Some(Detail::Forwarded { to, authority: Some(_), .. }) => *to == self.agency,
            _ => true,
        }
    }

    fn take(&mut self, status: Status, stepped: &DossierStepped, event: &Event) {
        self.status = status;
        match &stepped.detail {
            Some(Detail::Forwarded { to, authority, .. }) => {
                self.forwarded_to = Some(to.clone());
                self.authority = authority.clone().or(self.authority.take());
            }
            Some(Detail::PapersBrought { papers, due, calendar }) => {
                self.papers.retain(|known| !papers.iter().any(|paper| paper.id == known.id));
                self.papers.extend(papers.iter().cloned());
                self.due = *due;
                self.calendar.clone_from(calendar);
            }
            Some(Detail::Reappointed { due, .. }) => self.due = Some(*due),
            _ => {}
        }
        self.forms.extend(stepped.form.map(|job| Form { of: FormOf::Step(stepped.step), job, made: None }));
        self.history.push(Taken {
            step: stepped.step,
            at: stepped.at,
            detail: stepped.detail.clone(),
            event: event.id,
            officer: event.officer.clone(),
        });
    }

    /// How often a step was taken.
    pub fn times(&self, step: Step) -> usize {
        self.history.iter().filter(|taken| taken.step == step).count()
    }

    /// The times in which the citizen was awaited, as far as they are over.
    pub fn waits(&self) -> Vec<Wait> {
        let asked = |taken: &&Taken| taken.step == Step::AskSupplement;
        let over = |(at, taken): (usize, &Taken)| {
            let next = self.history[at + 1..].first()?;
            asked(&taken).then_some(Wait { asked: taken.at, brought: next.at })
        };
        self.history.iter().enumerate().filter_map(over).collect()
    }

    /// The status in which it goes on after the citizen was awaited: where it stood before.
    pub fn resumes_as(&self) -> Step {
        if self.times(Step::Process) > 0 { Step::Process } else { Step::Accept }
    }

    /// Where a dossier that another authority decides stands (phi địa giới); none where it was not sent on.
    pub fn abroad(&self) -> Option<Abroad> {
        self.forwarded_to.as_ref()?;
        if self.authority.as_ref().is_some_and(|authority| authority.unit() == Some(&self.site)) {
            return None;
        }
        Some(match self.status {
            Status::Accepted => Abroad::Awaited,
            Status::Returned => Abroad::Returned,
            _ => Abroad::Processing,
        })
    }

    /// How the office keeps its promise, as of `now`; none where no day was promised.
    pub fn timeliness(&self, now: Moment) -> Option<Timeliness> {
        let due = self.due?;
        let done = self.history.iter().find(|taken| taken.step == Step::Finish).map(|taken| taken.at);
        Some(match done {
            Some(at) if at.day() < due.day() => Timeliness::Early,
            Some(at) if at <= due => Timeliness::OnTime,
            None if self.status.is_ended() => return None,
            None if now <= due => Timeliness::Running,
            Some(_) | None => Timeliness::Overdue,
        })
    }

    /// Whether the dossier goes by this code, official or temporary.
    pub fn goes_by(&self, code: &str) -> bool {
        self.code.text() == code || self.alias.as_deref() == Some(code)
    }
}
