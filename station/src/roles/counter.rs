//! The counter: the next citizen by one key, an intake without a mouse, and honest words about devices and the network.

use super::{id, rows};
use crate::api::queue::ServiceSeen;
use crate::api::{
    AcceptAsk, Accepted, Applicant, CounterView, Current, OfficerTile, Person, Problem, ProcedureTile, Quote, TicketRow,
};
use crate::core::{Station, lock};
use crate::{carried, finder, link, people, slips, wording};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use intake::decide::{AcceptDossier, Answer, Input};
use intake::dossier::{Dossier, Slip, Step};
use intake::due::due;
use intake::event::Subject;
use intake::fact::{CodeGiven, PaperTaken};
use intake::fee::{Channel, Dong, FeeAsk};
use intake::ids::{DossierId, OfficerId, ProcedureCode, VisitId};
use intake::person::{Contact, Evidence, Identity};
use intake::queue::Visit;

impl Station {
    /// The accounts that can sign in here.
    ///
    /// # Errors
    /// `STORE-…`.
    pub fn counter_officers(&self) -> Result<Vec<OfficerTile>, Problem> {
        let officers: Vec<_> = lock(&self.state).officers().cloned().collect();
        let here = officers.into_iter().filter(|officer| officer.site == self.here.site);
        Ok(here
            .map(|officer| OfficerTile {
                name: people::officer_name(self, &officer.id),
                id: officer.id.to_string(),
                desk: officer.desk.map(|desk| desk.to_string()).unwrap_or_default(),
            })
            .collect())
    }

    /// Signs an officer in by PIN, with or without a network.
    ///
    /// # Errors
    /// `SIGN-IN-WRONG`, `SIGN-IN-WAIT` with the seconds to wait.
    pub fn counter_sign_in(&self, officer: &str, pin: &str) -> Result<(), Problem> {
        let officer = OfficerId::new(officer);
        if let Some(wait_ms) = lock(&self.session).wait_ms(self.clock.now()) {
            return Err(Problem::new("SIGN-IN-WAIT").with("seconds", (wait_ms + 999) / 1000));
        }
        let account = people::account(self, &officer)?;
        if !account.is_some_and(|account| people::pin_is_right(&account, pin)) {
            lock(&self.session).wrong_pin(self.clock.now());
            return Err(Problem::new("SIGN-IN-WRONG"));
        }
        self.act(Some(&officer), Input::SignIn { officer: officer.clone() })?;
        lock(&self.session).right_pin(officer);
        self.notices.tell();
        Ok(())
    }

    /// Signs the officer out.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED` when nobody is signed in.
    pub fn counter_sign_out(&self) -> Result<(), Problem> {
        let officer = self.officer()?;
        self.act(Some(&officer), Input::SignOut { officer: officer.clone() })?;
        let mut session = lock(&self.session);
        session.officer = None;
        session.leave();
        Ok(())
    }

    pub(crate) fn officer(&self) -> Result<OfficerId, Problem> {
        lock(&self.session).officer.clone().ok_or_else(|| Problem::new("SIGN-IN-NEEDED"))
    }

    pub(crate) fn officer_does(&self, input: Input) -> Result<Answer, Problem> {
        let officer = self.officer()?;
        self.act(Some(&officer), input)
    }

    /// The counter, at a glance. Before an officer signs in it shows devices and the link, and no queue.
    ///
    /// # Errors
    /// `STORE-…`.
    pub fn counter_view(&self) -> Result<CounterView, Problem> {
        let now = self.clock.now();
        let officer = lock(&self.session).officer.clone();
        let is_signed_in = officer.is_some();
        let (queue, to_settle) = if is_signed_in { self.queues() } else { (vec![], vec![]) };
        let mut problems = self.own_problems();
        problems.extend(self.outbox_problems());
        problems.extend(lock(&self.session).scan_problem.clone());
        let sync = link::view(self)?;
        if is_signed_in && sync.codes_left == 0 {
            problems.push(Problem::new("CODES-NONE-LEFT"));
        }
        Ok(CounterView {
            current: if is_signed_in { self.current()? } else { None },
            officer: officer.map(|officer| self.tile_of(&officer)),
            desk: self.here.desk.to_string(),
            now: now.0,
            queue,
            to_settle,
            parked: if is_signed_in { self.parked() } else { vec![] },
            paused: self.paused(),
            desks: if is_signed_in { self.other_desks() } else { vec![] },
            devices: self.devices.views(now),
            chip: self.chip_view(),
            sync,
            problems,
        })
    }

    fn tile_of(&self, officer: &OfficerId) -> OfficerTile {
        OfficerTile {
            id: officer.to_string(),
            name: people::officer_name(self, officer),
            desk: self.here.desk.to_string(),
        }
    }

    pub(crate) fn present(&self) -> Option<Visit> {
        lock(&self.state).visits().find(|visit| visit.is_at(&self.here.desk)).cloned()
    }

    fn current(&self) -> Result<Option<Current>, Problem> {
        let Some(visit) = self.present() else { return Ok(None) };
        let accepted = |dossier: &&Dossier| dossier.times(Step::Accept) > 0;
        let dossiers: Vec<Dossier> = lock(&self.state).dossiers_of(visit.id).filter(accepted).cloned().collect();
        let is_done = |procedure: &ProcedureCode| dossiers.iter().any(|dossier| dossier.procedure == *procedure);
        let services = visit
            .services
            .iter()
            .map(|procedure| ServiceSeen { procedure: rows::tile(self, procedure), done: is_done(procedure) });
        let services = services.collect();
        let accepted = dossiers.iter().map(|dossier| self.accepted(dossier, false)).collect::<Result<_, _>>()?;
        let opened = lock(&self.session).person.clone().filter(|(of, _)| *of == visit.id);
        Ok(Some(Current {
            row: rows::ticket(self, &visit),
            called_at: visit.calls.last().map_or(0, |call| call.at.0),
            times_called: visit.calls.iter().filter(|call| call.desk == self.here.desk).count() as u32,
            person: opened.map(|(_, person)| person),
            accepted,
            services,
        }))
    }

    fn accepted(&self, dossier: &Dossier, with_picture: bool) -> Result<Accepted, Problem> {
        let made = matches!(dossier.slip, Slip::Made { .. });
        let picture = (made && with_picture).then(|| slips::picture(self, dossier)).transpose()?;
        Ok(Accepted {
            dossier: dossier.id.to_string(),
            code: dossier.code.text(),
            code_official: matches!(dossier.code, CodeGiven::Official { .. }),
            due_at: dossier.due.map(|at| at.0),
            due_text: wording::due(dossier.due),
            fee: wording::fee(dossier.fee),
            receipt_file: made.then(|| slips::path(self, dossier).display().to_string()),
            receipt_png: picture.map(|png| format!("data:image/png;base64,{}", STANDARD.encode(png))),
            status: dossier.status.number().into(),
            status_text: wording::status(dossier.status.number()),
        })
    }

    /// Opens the record of the person at the desk; the look is written down first. None where no card was read.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when nobody is there, `SIGN-IN-NEEDED`, `STORE-…`.
    pub fn counter_open_person(&self) -> Result<Option<Person>, Problem> {
        let Answer::Visit(visit) = self.officer_does(Input::View)? else { return Ok(None) };
        let sealed = carried::issued_in(&lock(&self.state), visit);
        let sealed = sealed.map(|event| people::personal(self, event)).transpose()?.flatten();
        let person = sealed.and_then(|personal| personal.identity).map(|identity| people::person(&identity));
        lock(&self.session).person = person.clone().map(|person| (visit, person));
        self.notices.tell();
        Ok(person)
    }

    /// The procedures found by words; all where there are none.
    ///
    /// # Errors
    /// None today.
    pub fn counter_procedures(&self, words: &str) -> Result<Vec<ProcedureTile>, Problem> {
        let now = self.clock.now();
        Ok(finder::procedures(&self.here.catalogue, words).into_iter().map(|known| wording::tile(known, now)).collect())
    }

    /// What a dossier accepted now would cost, and when it would be done.
    ///
    /// # Errors
    /// `PROCEDURE-UNKNOWN`.
    pub fn counter_quote(&self, procedure: &str, pages: Option<u32>, copies: Option<u32>) -> Result<Quote, Problem> {
        let code = ProcedureCode::new(procedure);
        let known = self.here.catalogue.get(&code);
        let known = known.ok_or_else(|| Problem::new("PROCEDURE-UNKNOWN").with("procedure", procedure))?;
        let now = self.clock.now();
        let limit = known.time_limit.value();
        let calendar = self.here.calendar_of(known, &self.here.agency);
        let promise = limit.and_then(|limit| due(*limit, now, calendar));
        let ask = FeeAsk { day: now.day(), channel: Channel::Direct, case: None, pages, copies };
        Ok(Quote {
            due_at: promise.as_ref().map(|promise| promise.at.0),
            due_text: wording::due(promise.as_ref().map(|promise| promise.at)),
            fee: wording::fee_of(known, ask),
            reasoning: promise.as_ref().map(wording::reasoning).unwrap_or_default(),
        })
    }

    /// Accepts a dossier and, where one is due or asked for, writes its receipt.
    ///
    /// # Errors
    /// `APPLICANT-INCOMPLETE`, `PAPERS-MISSING`, `CONSENT-MISSING`, `REUSE-NOT-OFFERED`, `PROCEDURE-UNKNOWN`, `AUTHORITY-NOT-FIT`,
    /// `STEP-NOT-LEGAL`, `SIGN-IN-NEEDED`, `DISK-FULL`; `DOSSIER-OPEN-ALREADY` until the officer says that it is another one.
    pub fn counter_accept(&self, ask: AcceptAsk) -> Result<Accepted, Problem> {
        let again = ask.again;
        let ask = self.accept_dossier(ask)?;
        if !again {
            self.no_duplicate(&ask)?;
        }
        self.accepted_by(Input::Accept(Box::new(ask)))
    }

    /// What the page asks, as the domain knows it; refused where the citizen is no longer at the desk.
    pub(crate) fn accept_dossier(&self, ask: AcceptAsk) -> Result<AcceptDossier, Problem> {
        let visit: VisitId = id(&ask.visit)?;
        let here = self.present().is_some_and(|present| present.id == visit);
        if !here {
            return Err(Problem::new("STEP-NOT-LEGAL"));
        }
        let reuse = self.reuse(visit, &ask)?;
        Ok(AcceptDossier {
            intent: id(&ask.intent)?,
            draft: ask.draft.as_deref().map(id).transpose()?,
            procedure: ProcedureCode::new(&ask.procedure),
            authority: super::amend::authority_of(ask.authority.as_deref())?,
            applicant: self.applicant(visit, &ask.applicant),
            contact: Contact { phone: ask.applicant.phone, email: ask.applicant.email },
            papers: ask.papers.into_iter().map(taken).collect(),
            reuse,
            sets: ask.sets,
            pages: ask.pages,
            copies: ask.copies,
            amount: ask.amount.map(|amount| Dong(amount.into())),
            fee_paid: ask.fee_paid,
            slip: ask.slip,
            note: ask.note,
        })
    }

    pub(crate) fn accepted_by(&self, input: Input) -> Result<Accepted, Problem> {
        match self.officer_does(input)? {
            Answer::Dossier(dossier) | Answer::Already(Subject::Dossier(dossier)) => {
                let known = lock(&self.state).dossier(dossier).cloned();
                self.accepted(&known.ok_or_else(|| Problem::new("STATION-FAULT"))?, true)
            }
            _ => Err(Problem::new("STATION-FAULT")),
        }
    }

    /// Who hands the dossier in: what the card says where it still says so, else what was typed.
    fn applicant(&self, visit: VisitId, typed: &Applicant) -> Identity {
        let opened = lock(&self.session).person.clone().filter(|(of, _)| *of == visit).map(|(_, person)| person);
        let from_card = opened.filter(|person| person.name == typed.name && person.number == typed.number);
        Identity {
            number: typed.number.trim().to_owned(),
            old_number: from_card.as_ref().and_then(|person| person.old_number.clone()),
            name: intake::words::nfc(typed.name.trim()),
            birth: typed.birth.trim().to_owned(),
            sex: typed.sex.clone(),
            residence: intake::words::nfc(typed.residence.trim()),
            issued: None,
            extra: vec![],
            evidence: from_card.as_ref().map_or(Evidence::Typed, people::evidence_of),
            warnings: from_card.map(|person| person.warnings).unwrap_or_default(),
        }
    }

    /// Hands a result over.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` when there is no result yet, `SIGN-IN-NEEDED`.
    pub fn counter_return(&self, dossier: &str) -> Result<(), Problem> {
        let dossier: DossierId = id(dossier)?;
        self.officer_does(Input::Return { dossier }).map(drop)
    }

    /// An officer tells whether a ticket's paper came out.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL`, `SIGN-IN-NEEDED`.
    pub fn counter_settle_paper(&self, visit: &str, came_out: bool) -> Result<(), Problem> {
        let visit: VisitId = id(visit)?;
        self.officer_does(Input::SettlePaper { visit, came_out }).map(drop)
    }

    /// Asks the ticket's kiosk for another copy.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` while it is still being printed or was called, `SIGN-IN-NEEDED`.
    pub fn counter_reprint(&self, visit: &str) -> Result<(), Problem> {
        let visit: VisitId = id(visit)?;
        self.officer_does(Input::CopyTicket { visit }).map(drop)
    }

    /// Admits a citizen from the text of a ticket's QR code.
    ///
    /// # Errors
    /// `TICKET-UNREADABLE`, `TICKET-NOT-OURS`, `TICKET-OLD`, `TICKET-ALREADY-ADMITTED`, `SIGN-IN-NEEDED`.
    pub fn counter_admit(&self, text: &str) -> Result<TicketRow, Problem> {
        self.officer()?;
        let visit = carried::admit(self, text.trim())?;
        self.officer_does(Input::Admit { visit })?;
        self.row(visit)
    }
}

pub(super) fn taken(tick: crate::api::PaperTick) -> PaperTaken {
    PaperTaken { id: tick.id, original: tick.original, certified: tick.certified, copies: tick.copies, reused: None }
}
