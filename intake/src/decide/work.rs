//! What an officer does with a dossier after it was taken down: asks for papers, refuses, sends on, decides, returns.

use super::{AcceptDossier, Answer, Deciding, Decision, Effect, Refused};
use crate::dossier::{Detail, Dossier, Ground, PaperAsked, ReturnBy, Status, Step};
use crate::due::{Wait, due_after};
use crate::event::{Draft, Scope, Subject};
use crate::fact::{CodeGiven, ConflictSettled, DossierRegistered, DossierStepped, PaperTaken};
use crate::fee::Dong;
use crate::ids::{AgencyCode, DossierId, EventId, JobId};
use crate::moment::Moment;
use crate::person::Personal;
use jiff::civil::Date;

/// What is to be done with a dossier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Ask for papers, all of them at once (Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ).
    AskPapers {
        /// Which.
        papers: Vec<PaperAsked>,
        /// By when, where a day is set.
        bring_by: Option<Date>,
    },
    /// The papers came, and the dossier goes on.
    PapersBrought {
        /// Which.
        papers: Vec<PaperTaken>,
    },
    /// Refuse to take it in (Phiếu từ chối tiếp nhận).
    Refuse {
        /// Why.
        ground: Ground,
    },
    /// Send it to the authority that decides. Where that is another than it stands, the dossier is amended first.
    Forward,
    /// Take it over to decide on it.
    TakeOver,
    /// Ask for a payment.
    AskDuty {
        /// How much.
        amount: Dong,
    },
    /// What was asked for is paid, and the dossier goes on.
    DutyMet,
    /// The citizen takes it back.
    Withdraw,
    /// End the work on it without a result (từ chối giải quyết).
    Stop {
        /// Why.
        ground: Ground,
    },
    /// There is a result.
    Finish {
        /// The number on it.
        number: Option<String>,
    },
    /// The result goes to the citizen.
    Return {
        /// How.
        by: ReturnBy,
    },
    /// Apologise and promise another day (Phiếu xin lỗi và hẹn lại ngày trả kết quả).
    Reappoint {
        /// The new promise.
        due: Moment,
        /// Why.
        ground: Ground,
    },
}

impl Order {
    /// The step of the workflow that it takes.
    pub fn step(&self, dossier: &Dossier) -> Step {
        match self {
            Order::AskPapers { .. } => Step::AskSupplement,
            Order::PapersBrought { .. } | Order::DutyMet => dossier.resumes_as(),
            Order::Refuse { .. } => Step::Refuse,
            Order::Forward => Step::Forward,
            Order::TakeOver => Step::Process,
            Order::AskDuty { .. } => Step::AskDuty,
            Order::Withdraw => Step::Withdraw,
            Order::Stop { .. } => Step::Stop,
            Order::Finish { .. } => Step::Finish,
            Order::Return { .. } => Step::Return,
            Order::Reappoint { .. } => Step::Reappoint,
        }
    }

    /// Whether the table of steps allows it now at a desk of `agency`; what it must carry is looked at when it is given.
    pub fn is_legal(&self, dossier: &Dossier, agency: &AgencyCode) -> bool {
        let theirs = dossier.agency == *agency || !self.decides();
        theirs && self.fits(dossier) && dossier.status.after(self.step(dossier)).is_some()
    }

    /// Whether only the authority that decides may do it; all else any desk does for the citizen.
    fn decides(&self) -> bool {
        matches!(self, Order::TakeOver | Order::AskDuty { .. } | Order::Stop { .. } | Order::Finish { .. })
    }

    /// Whether the dossier waits for just this, where the step alone does not tell.
    fn fits(&self, known: &Dossier) -> bool {
        match self {
            // A draft is complete only by being accepted, which promises a day and prints a receipt.
            order if order.resumes() && known.times(Step::Accept) == 0 => false,
            Order::PapersBrought { .. } => known.status == Status::SupplementAsked,
            Order::DutyMet => known.status == Status::DutyAsked,
            Order::TakeOver => known.status == Status::Accepted,
            _ => true,
        }
    }

    /// Whether a paper goes to the citizen with it.
    fn prints(&self) -> bool {
        matches!(self, Order::AskPapers { .. } | Order::Refuse { .. } | Order::Stop { .. } | Order::Reappoint { .. })
    }

    /// Whether it must be said why, in words.
    fn needs_reason(&self) -> bool {
        matches!(self, Order::Refuse { .. } | Order::Stop { .. } | Order::Reappoint { .. })
    }

    /// Whether the citizen was awaited until now.
    fn resumes(&self) -> bool {
        matches!(self, Order::PapersBrought { .. } | Order::DutyMet)
    }
}

impl Deciding<'_> {
    /// Takes a dossier down without accepting it.
    pub(super) fn register(&mut self, ask: AcceptDossier) -> Result<Decision, Refused> {
        if let Some(subject) = self.state.outcome_of(ask.intent) {
            return Ok(Decision::nothing(Answer::Already(subject.clone())));
        }
        let visit = self.present_id()?;
        let procedure = self.here.catalogue.get(&ask.procedure);
        let procedure = procedure.ok_or_else(|| Refused::ProcedureUnknown(ask.procedure.clone()))?;
        super::counter::complete(&ask.applicant)?;
        let (authority, agency) = self.decides(ask.authority.as_ref(), procedure, &ask.applicant.residence)?;
        let papers = self.papers(procedure, &ask)?;
        let code = self.next_code()?;
        let dossier = DossierId(self.id());
        let registered = DossierRegistered {
            intent: ask.intent,
            visit,
            procedure: ask.procedure,
            agency: agency.clone(),
            site: self.here.site.clone(),
            desk: self.here.desk.clone(),
            code,
            papers,
            sets: ask.sets,
            at: self.now,
            authority,
        };
        let mut draft = self.at_both(dossier, &agency, registered);
        draft.personal = Some(super::counter::about_applicant(ask.applicant, ask.contact, ask.note));
        Ok(Decision::of(vec![draft], Answer::Dossier(dossier)))
    }

    /// The draft that is now to be accepted: its id and the number that it has.
    pub(super) fn draft(&self, id: DossierId, ask: &AcceptDossier) -> Result<(DossierId, CodeGiven), Refused> {
        let known = self.known(id)?;
        let fits = known.procedure == ask.procedure
            && known.times(Step::Accept) == 0
            && known.status.after(Step::Accept).is_some();
        if fits { Ok((id, known.code.clone())) } else { Err(Refused::StepNotLegal) }
    }

    /// Takes one step with a dossier.
    pub(super) fn work(&mut self, id: DossierId, order: Order, note: String) -> Result<Decision, Refused> {
        let known = self.known(id)?.clone();
        let note = note.trim().to_owned();
        self.check(&known, &order, &note)?;
        let step = order.step(&known);
        if !order.is_legal(&known, &self.here.agency) {
            return Err(Refused::StepNotLegal);
        }
        let form = order.prints().then(|| JobId(self.id()));
        let detail = self.detail(&known, order)?;
        let stepped = DossierStepped { step, at: self.now, detail, form };
        let mut draft: Draft = self.on(&known, stepped);
        draft.personal = (!note.is_empty()).then(|| Personal { note: Some(note), ..Personal::default() });
        let decision = Decision::of(vec![draft], Answer::Dossier(id));
        Ok(match form {
            Some(job) => decision.with(Effect::MakeSlip { job, dossier: id }),
            None => decision,
        })
    }

    /// Writes down what officers agreed on a step that could not be followed.
    pub(super) fn settle(&mut self, id: DossierId, event: EventId, note: String) -> Result<Decision, Refused> {
        let known = self.known(id)?;
        if !known.conflicts.contains(&event) {
            return Err(Refused::StepNotLegal);
        }
        if note.trim().is_empty() {
            return Err(Refused::ReasonMissing);
        }
        let mut draft = self.on(known, ConflictSettled { event });
        // Whoever holds what could not be followed hears of it, also one to whom it was handed on in vain.
        let history = self.state.history(&Subject::Dossier(id)).iter();
        let told = history.filter(|known| known.id == event).flat_map(|known| known.scopes.clone());
        for scope in told.filter(Scope::is_agency).collect::<Vec<_>>() {
            if !draft.scopes.contains(&scope) {
                draft.scopes.push(scope);
            }
        }
        draft.personal = Some(Personal { note: Some(note.trim().to_owned()), ..Personal::default() });
        Ok(Decision::of(vec![draft], Answer::Dossier(id)))
    }

    /// What the table of steps does not say.
    fn check(&self, known: &Dossier, order: &Order, note: &str) -> Result<(), Refused> {
        let rules = self.here.workflow.on(self.now.day());
        let times = |step| u32::try_from(known.times(step)).unwrap_or(u32::MAX);
        if order.needs_reason() && note.is_empty() {
            return Err(Refused::ReasonMissing);
        }
        match order {
            Order::AskPapers { papers, .. } if papers.is_empty() => Err(Refused::NothingAsked),
            Order::AskPapers { .. } if times(Step::AskSupplement) >= rules.supplements_at_most => {
                Err(Refused::PapersAskedBefore)
            }
            Order::Reappoint { .. } if times(Step::Reappoint) >= rules.reappointments_at_most => {
                Err(Refused::ReappointedBefore)
            }
            Order::Reappoint { due, .. } => self.day_fits(known, *due),
            Order::Forward if known.authority.is_none() => Err(Refused::AuthorityNotTold),
            Order::PapersBrought { papers } if papers.is_empty() => Err(Refused::NothingAsked),
            _ => Ok(()),
        }
    }

    /// A new promise lies after the old one and in the future, within working time or at its very end.
    fn day_fits(&self, known: &Dossier, due: Moment) -> Result<(), Refused> {
        let was = known.due.ok_or(Refused::StepNotLegal)?;
        let calendar = self.calendar_of_dossier(known);
        let working = calendar.is_working(due) || calendar.is_working(due.plus_ms(-60_000));
        if due > was && due > self.now && working { Ok(()) } else { Err(Refused::DayNotFit(due)) }
    }

    fn calendar_of_dossier(&self, known: &Dossier) -> &crate::calendar::Calendar {
        let authority = self.here.catalogue.get(&known.procedure).and_then(|found| found.authority.value().copied());
        self.here.calendars.of(authority, Some(&known.agency)).calendar
    }

    fn detail(&self, known: &Dossier, order: Order) -> Result<Option<Detail>, Refused> {
        Ok(Some(match order {
            Order::AskPapers { papers, bring_by } => Detail::PapersAsked { papers, bring_by },
            Order::PapersBrought { papers } => {
                let calendar = self.calendar_of_dossier(known);
                let due = self.due_after_wait(known, calendar);
                Detail::PapersBrought { papers, due, calendar: calendar.version().to_owned() }
            }
            Order::Refuse { ground } | Order::Stop { ground } => Detail::Refused { ground },
            Order::Forward => Detail::Forwarded {
                to: known.agency.clone(),
                authority: known.authority.clone(),
                not_later_than: self.forward_by(known)?,
            },
            Order::AskDuty { amount } => Detail::DutyAsked { amount },
            Order::Finish { number } => Detail::Result { number },
            Order::Return { by } => Detail::Returned { by },
            Order::Reappoint { due, ground } => {
                Detail::Reappointed { was: known.due.ok_or(Refused::StepNotLegal)?, due, ground }
            }
            Order::TakeOver | Order::DutyMet | Order::Withdraw => return Ok(None),
        }))
    }

    /// The promise once the papers are there; an unknown limit stays unknown.
    fn due_after_wait(&self, known: &Dossier, calendar: &crate::calendar::Calendar) -> Option<Moment> {
        let limit = *self.here.catalogue.get(&known.procedure)?.time_limit.value()?;
        let asked = known.history.last()?.at;
        let mut waits = known.waits();
        waits.push(Wait { asked, brought: self.now.max(asked) });
        let clock = self.here.workflow.on(self.now.day()).supplement_clock;
        due_after(limit, known.accepted_at, &waits, clock, calendar).map(|due| due.at)
    }

    /// When a dossier that was taken in must be with the authority that decides: by closing of the same day, or, taken in
    /// after the hour that the rules set, at the next opening.
    fn forward_by(&self, known: &Dossier) -> Result<Moment, Refused> {
        let rules = self.here.workflow.on(known.accepted_at.day());
        let calendar = self.calendar_of_dossier(known);
        let start = calendar.next_working(known.accepted_at).ok_or(Refused::StepNotLegal)?;
        let same_day = start == known.accepted_at && known.accepted_at.civil().time() <= rules.forward_until;
        let by = if same_day {
            calendar.closing(start.day())
        } else if start == known.accepted_at {
            let next = calendar.next_working_day(start.day());
            next.and_then(|day| {
                calendar.next_working(Moment::from_civil(day.to_datetime(jiff::civil::Time::midnight())))
            })
        } else {
            Some(start)
        };
        by.ok_or(Refused::StepNotLegal)
    }
}
