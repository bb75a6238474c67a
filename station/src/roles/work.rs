//! Dossiers after they were taken down: found, opened, and worked by the legal steps.

use super::id;
use crate::api::dossiers::{
    Choice, ConflictRow, DossierList, DossierPaper, DossierRow, DossierView, ReusedFrom, StepRow, WorkAsk,
};
use crate::api::{AcceptAsk, Accepted, Problem, Text};
use crate::core::{Station, lock};
use crate::slips::{self, forms};
use crate::{people, wording};
use intake::decide::{Answer, Input, Order};
use intake::dossier::{Detail, Dossier, Fault, Ground, PaperAsked, ReturnBy, Slip, Step, Taken};
use intake::event::{Event, Subject};
use intake::fact::Fact;
use intake::fee::Dong;
use intake::ids::{AgencyCode, DossierId};
use intake::moment::Moment;
use intake::reuse::digitised;
use jiff::civil::{Date, DateTime};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many dossiers a list shows.
const SHOWN: usize = 50;

impl Station {
    /// Dossiers by code, by name with or without its marks, by number or telephone; with no words, those that are open,
    /// the most urgent first. That somebody looked is written down.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `STORE-…`.
    pub fn counter_dossiers(&self, words: &str) -> Result<DossierList, Problem> {
        // A list shows names: that somebody looked at it is written down, with words and without.
        self.officer_does(Input::Search)?;
        let words = words.trim();
        let now = self.clock.now();
        // Before the search: whoever is read meanwhile may be missed by it.
        let still_reading = self.still_reading() as u32;
        let found = if words.is_empty() { self.open_dossiers() } else { self.find_dossiers(words) };
        let shown = self.most_urgent(&found);
        let rows = shown.iter().map(|dossier| self.dossier_row(dossier, now)).collect::<Result<_, _>>()?;
        Ok(DossierList { rows, found: found.len() as u32, still_reading })
    }

    fn open_dossiers(&self) -> Vec<DossierId> {
        let state = lock(&self.state);
        state.dossiers().filter(|dossier| !dossier.status.is_ended()).map(|dossier| dossier.id).collect()
    }

    /// As many as a list shows, the most urgent first. Of the many that a surname finds only those are copied.
    fn most_urgent(&self, found: &[DossierId]) -> Vec<Dossier> {
        let state = lock(&self.state);
        let mut found: Vec<&Dossier> = found.iter().filter_map(|id| state.dossier(*id)).collect();
        let urgency = |dossier: &&Dossier| (dossier.status.is_ended(), dossier.due.is_none(), dossier.due, dossier.id);
        if found.len() > SHOWN {
            found.select_nth_unstable_by_key(SHOWN, urgency);
            found.truncate(SHOWN);
        }
        found.sort_by_key(urgency);
        found.into_iter().cloned().collect()
    }

    fn dossier_row(&self, dossier: &Dossier, now: Moment) -> Result<DossierRow, Problem> {
        let procedure = self.here.catalogue.get(&dossier.procedure);
        let name = self.applicant_of(dossier)?.and_then(|personal| personal.identity).map(|identity| identity.name);
        Ok(DossierRow {
            dossier: dossier.id.to_string(),
            code: slips::paper_code(dossier),
            procedure: procedure.map_or_else(
                || Text::same(dossier.procedure.to_string()),
                |known| Text::both(&known.name_vi, known.name_en_or_vi()),
            ),
            procedure_code: dossier.procedure.to_string(),
            person: name.unwrap_or_default(),
            status: dossier.status.number().into(),
            status_text: wording::status(dossier.status.number()),
            due_at: dossier.due.map(|due| due.0),
            timeliness: dossier.timeliness(now).map(named),
            touched: self.here.promise_touched(dossier).map(|due| wording::due(Some(due))),
            in_conflict: !dossier.conflicts.is_empty(),
        })
    }

    pub(super) fn applicant_of(&self, dossier: &Dossier) -> Result<Option<intake::person::Personal>, Problem> {
        match slips::accepted(self, dossier.id) {
            Some((event, _)) => people::personal(self, event),
            None => Ok(None),
        }
    }

    /// A whole dossier. That somebody looked at it is written down first.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `STEP-NOT-LEGAL` for one that is not here, `STORE-…`.
    pub fn counter_dossier(&self, dossier: &str) -> Result<DossierView, Problem> {
        let dossier: DossierId = id(dossier)?;
        self.officer_does(Input::Open { dossier })?;
        self.dossier_view(dossier)
    }

    pub(super) fn dossier_view(&self, dossier: DossierId) -> Result<DossierView, Problem> {
        let known = slips::known(self, dossier)?;
        let now = self.clock.now();
        let personal = self.applicant_of(&known)?.unwrap_or_default();
        let history = self.history_rows(&known)?;
        let conflicts = known.conflicts.iter().filter_map(|event| self.conflict_row(&known, *event).transpose());
        let needed = self.here.catalogue.get(&known.procedure).and_then(|found| found.papers.value());
        let choice = |paper: &intake::catalogue::PaperNeeded| Choice {
            id: paper.id.clone(),
            text: Text::both(&paper.name_vi, &paper.name_en),
        };
        Ok(DossierView {
            row: self.dossier_row(&known, now)?,
            number: personal.identity.as_ref().map(|identity| identity.masked_number()).unwrap_or_default(),
            phone: personal.contact.map(|contact| contact.phone).unwrap_or_default(),
            received_at: known.received_at.0,
            due_text: wording::due(known.due),
            timeliness_text: known.timeliness(now).map(wording::timeliness),
            authority: known.authority.as_ref().map(|id| self.authority_choice(id)),
            authority_heard: known.authority.as_ref().is_some_and(|id| self.hears(id)),
            abroad: known.abroad().map(wording::abroad),
            carriages: self.carriages_seen(&known),
            sets: known.sets,
            amendable: !known.status.is_ended(),
            fee: wording::fee(known.fee),
            papers: known.papers.iter().map(|paper| self.dossier_paper(&known, paper)).collect(),
            needed: needed.into_iter().flatten().map(choice).collect(),
            payments: self.payment_rows(&known),
            owed: super::till::owed(&known),
            history,
            conflicts: conflicts.collect::<Result<_, _>>()?,
            accepted: known.times(Step::Accept) > 0,
            legal: legal(&known, &self.here.agency),
            faults: Fault::ALL.map(|fault| Choice { id: named(fault), text: wording::fault(fault) }).into(),
            grounds: Ground::ALL.map(|ground| Choice { id: named(ground), text: wording::ground(ground) }).into(),
            receipt_file: matches!(known.slip, Slip::Made { .. })
                .then(|| slips::path(self, &known).display().to_string()),
        })
    }

    fn dossier_paper(&self, dossier: &Dossier, paper: &intake::fact::PaperTaken) -> DossierPaper {
        let digitised = digitised(paper, lock(&self.state).history(&Subject::Dossier(dossier.id)));
        let reused = paper.reused.as_ref();
        DossierPaper {
            id: paper.id.clone(),
            name: forms::paper_name(self, dossier, &paper.id),
            original: paper.original,
            certified: paper.certified,
            copies: paper.copies,
            digitised: digitised as u8,
            digitised_text: wording::digitised(digitised),
            reused: reused.map(|reused| ReusedFrom { from: reused.from.to_string(), code: reused.code.clone() }),
        }
    }

    /// Steps and amendments, in the order in which they were made.
    fn history_rows(&self, known: &Dossier) -> Result<Vec<StepRow>, Problem> {
        let steps = known.history.iter().map(|taken| self.step_row(known, taken));
        let amended = known.amended.iter().map(|amended| self.amended_row(known, amended));
        let mut rows = steps.chain(amended).collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_key(|row| row.at);
        Ok(rows)
    }

    fn step_row(&self, dossier: &Dossier, taken: &Taken) -> Result<StepRow, Problem> {
        let form = dossier.forms.iter().find(|form| forms::taken_for(dossier, form).is_some_and(|it| it == taken));
        let file = form.filter(|form| form.made.is_some()).map(|form| slips::form_path(self, dossier, form));
        let note = match &taken.detail {
            None if taken.step == Step::Accept => None,
            _ => people::personal(self, taken.event)?.and_then(|personal| personal.note),
        };
        Ok(StepRow {
            at: taken.at.0,
            what: wording::taken(taken),
            officer: self.officer_named(taken.officer.as_ref()),
            note: note.unwrap_or_default(),
            file: file.map(|path| path.display().to_string()),
        })
    }

    fn conflict_row(&self, dossier: &Dossier, event: intake::ids::EventId) -> Result<Option<ConflictRow>, Problem> {
        let found = {
            let state = lock(&self.state);
            state.history(&Subject::Dossier(dossier.id)).iter().find(|known| known.id == event).cloned()
        };
        let Some(found) = found else { return Ok(None) };
        let note = people::personal(self, event)?.and_then(|personal| personal.note);
        Ok(Some(ConflictRow {
            event: event.to_string(),
            at: found.at.wall().0,
            what: said_in_vain(&found),
            officer: self.officer_named(found.officer.as_ref()),
            note: note.unwrap_or_default(),
        }))
    }

    fn officer_named(&self, officer: Option<&intake::ids::OfficerId>) -> String {
        officer.map(|officer| people::officer_name(self, officer)).unwrap_or_default()
    }

    /// Takes a dossier down without accepting it: papers are lacking, or it is to be refused.
    ///
    /// # Errors
    /// `APPLICANT-INCOMPLETE`, `CONSENT-MISSING`, `REUSE-NOT-OFFERED`, `PROCEDURE-UNKNOWN`, `STEP-NOT-LEGAL`, `SIGN-IN-NEEDED`,
    /// `DISK-FULL`.
    pub fn counter_register(&self, ask: AcceptAsk) -> Result<Accepted, Problem> {
        let input = Input::Register(Box::new(self.accept_dossier(ask)?));
        self.accepted_by(input)
    }

    /// Does what an officer orders for a dossier.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL`, `PAPERS-ASKED-BEFORE`, `PAPERS-NONE-NAMED`, `PROMISE-MOVED-BEFORE`, `PROMISE-DAY-NOT-FIT`,
    /// `REASON-MISSING`, `TIME-UNREADABLE`, `SIGN-IN-NEEDED`, `DISK-FULL`.
    pub fn counter_work(&self, dossier: &str, ask: WorkAsk, note: &str) -> Result<DossierView, Problem> {
        let dossier: DossierId = id(dossier)?;
        let order = order(ask)?;
        match self.officer_does(Input::Work { dossier, order, note: intake::words::nfc(note) })? {
            Answer::Dossier(dossier) => self.dossier_view(dossier),
            _ => Err(Problem::new("STATION-FAULT")),
        }
    }

    /// Writes down what officers agreed on a step that could not be followed.
    ///
    /// # Errors
    /// `STEP-NOT-LEGAL` where it is settled already, `REASON-MISSING`, `SIGN-IN-NEEDED`.
    pub fn counter_settle(&self, dossier: &str, event: &str, note: &str) -> Result<DossierView, Problem> {
        let (dossier, event) = (id(dossier)?, id(event)?);
        self.officer_does(Input::Settle { dossier, event, note: intake::words::nfc(note) })?;
        self.dossier_view(dossier)
    }

    /// Writes the control slip of a dossier as it stands, and says where the file is.
    ///
    /// # Errors
    /// `SIGN-IN-NEEDED`, `STEP-NOT-LEGAL`, `DISK-FULL`.
    pub fn counter_control_slip(&self, dossier: &str) -> Result<String, Problem> {
        let dossier: DossierId = id(dossier)?;
        self.officer_does(Input::Open { dossier })?;
        let path = slips::write_control(self, dossier, self.clock.now())?;
        Ok(path.display().to_string())
    }
}

/// The names of the orders whose step is legal now.
fn legal(known: &Dossier, agency: &AgencyCode) -> Vec<String> {
    let orders = [
        ("ask_papers", Order::AskPapers { papers: vec![], bring_by: None }),
        ("papers_brought", Order::PapersBrought { papers: vec![] }),
        ("refuse", Order::Refuse { ground: Ground::Other }),
        ("forward", Order::Forward),
        ("take_over", Order::TakeOver),
        ("ask_duty", Order::AskDuty { amount: Dong(0) }),
        ("duty_met", Order::DutyMet),
        ("withdraw", Order::Withdraw),
        ("stop", Order::Stop { ground: Ground::Other }),
        ("finish", Order::Finish { number: None }),
        ("return", Order::Return { by: ReturnBy::Desk }),
        ("reappoint", Order::Reappoint { due: Moment(0), ground: Ground::Other }),
    ];
    let names = orders.into_iter().filter(|(_, order)| order.is_legal(known, agency));
    names.map(|(name, _)| name.to_owned()).collect()
}

fn order(ask: WorkAsk) -> Result<Order, Problem> {
    Ok(match ask {
        WorkAsk::AskPapers { papers, bring_by } => {
            let papers = papers.into_iter().map(|asked| {
                let id = intake::words::nfc(asked.id.trim());
                Ok(PaperAsked { id, fault: read(&asked.fault)? })
            });
            Order::AskPapers { papers: papers.collect::<Result<_, Problem>>()?, bring_by: day(&bring_by)? }
        }
        WorkAsk::PapersBrought { papers } => {
            Order::PapersBrought { papers: papers.into_iter().map(super::counter::taken).collect() }
        }
        WorkAsk::Refuse { ground } => Order::Refuse { ground: read(&ground)? },
        WorkAsk::Forward => Order::Forward,
        WorkAsk::TakeOver => Order::TakeOver,
        WorkAsk::AskDuty { amount } => Order::AskDuty { amount: Dong(amount.into()) },
        WorkAsk::DutyMet => Order::DutyMet,
        WorkAsk::Withdraw => Order::Withdraw,
        WorkAsk::Stop { ground } => Order::Stop { ground: read(&ground)? },
        WorkAsk::Finish { number } => {
            let number = intake::words::nfc(number.trim());
            Order::Finish { number: (!number.is_empty()).then_some(number) }
        }
        WorkAsk::Return { by } => Order::Return { by: read(&by)? },
        WorkAsk::Reappoint { due, ground } => Order::Reappoint { due: moment(&due)?, ground: read(&ground)? },
    })
}

/// A name in data, as what it names.
pub(super) fn read<T: DeserializeOwned>(name: &str) -> Result<T, Problem> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(|_| Problem::new("STEP-NOT-LEGAL"))
}

/// What is named, by its name in data.
pub(super) fn named(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) fn day(text: &str) -> Result<Option<Date>, Problem> {
    let fault = |why| Problem::new("TIME-UNREADABLE").with("time", text).with("why", why);
    if text.trim().is_empty() { Ok(None) } else { text.trim().parse().map(Some).map_err(fault) }
}

fn moment(text: &str) -> Result<Moment, Problem> {
    let fault = |why| Problem::new("TIME-UNREADABLE").with("time", text).with("why", why);
    text.trim().parse::<DateTime>().map(Moment::from_civil).map_err(fault)
}

/// What an event says that could not be followed.
fn said_in_vain(event: &Event) -> Text {
    match &event.fact {
        Fact::DossierStepped(stepped) => wording::taken(&Taken {
            step: stepped.step,
            at: stepped.at,
            detail: stepped.detail.clone().filter(|detail| !matches!(detail, Detail::Forwarded { .. })),
            event: event.id,
            officer: event.officer.clone(),
        }),
        Fact::DossierAmended(amended) => wording::amended(&amended.amends),
        fact => wording::happened(fact.kind()),
    }
}
