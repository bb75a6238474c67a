//! The kiosk: a number in a few touches, and nothing of the citizen left behind.

use super::{id, rows};
use crate::api::{
    CardSeen, DeviceKind, FieldTile, KioskView, Problem, ProcedureTile, PublicState, TakeNumber, TicketShown,
};
use crate::core::{Station, lock};
use crate::documents::qr_svg;
use crate::{carried, finder, people, problem, wording};
use intake::decide::{Answer, Input};
use intake::event::Subject;
use intake::ids::{ProcedureCode, VisitId};
use intake::person::Identity;
use sync::http::HttpCentre;
use sync::protocol::Centre;

impl Station {
    /// The kiosk, at a glance.
    ///
    /// # Errors
    /// None today; a view that cannot be made would be `STATION-FAULT`.
    pub fn kiosk_view(&self) -> Result<KioskView, Problem> {
        let (today, now) = (self.today(), self.clock.now());
        let (card, card_problem) = {
            let mut session = lock(&self.session);
            let card = session.card(now).map(|card| self.card_seen(card));
            (card, session.scan_problem.clone())
        };
        let waiting = lock(&self.state).waiting(today, &self.here.rules).len() as u32;
        Ok(KioskView {
            open: true,
            card,
            card_problem,
            printer: self.devices.view_of(DeviceKind::TicketPrinter, now),
            scanner: self.devices.view_of(DeviceKind::CardScanner, now),
            waiting,
            problems: self.own_problems(),
        })
    }

    fn card_seen(&self, card: &Identity) -> CardSeen {
        let year = card.birth_year();
        let age_years = year.map(|year| self.clock.now().day().year() - year);
        let elderly = age_years.is_some_and(|age| age >= self.here.rules.priority_age_years);
        CardSeen {
            name: card.name.clone(),
            masked_number: card.masked_number(),
            birth_year: year.map(|year| year.to_string()).unwrap_or_default(),
            priority: elderly.then(|| "elderly".to_owned()),
            warnings: card.warnings.clone(),
        }
    }

    /// The fields that have procedures for which this kiosk gives numbers.
    ///
    /// # Errors
    /// None today.
    pub fn kiosk_fields(&self) -> Result<Vec<FieldTile>, Problem> {
        let catalogue = &self.here.catalogue;
        let fields = catalogue.fields().iter();
        let counted = fields.map(|field| (field, catalogue.in_field(&field.id).filter(|known| known.kiosk).count()));
        Ok(counted.filter(|(_, count)| *count > 0).map(|(field, count)| wording::field(field, count)).collect())
    }

    /// The procedures of a field, or those that fit what the citizen wrote, the likeliest first; with neither, all.
    ///
    /// # Errors
    /// None today.
    pub fn kiosk_procedures(&self, field: Option<&str>, words: Option<&str>) -> Result<Vec<ProcedureTile>, Problem> {
        let now = self.clock.now();
        let found = finder::procedures(&self.here.catalogue, words.unwrap_or(""));
        let shown = found.into_iter().filter(|known| known.kiosk && field.is_none_or(|field| known.field == field));
        Ok(shown.map(|known| wording::tile(known, now)).collect())
    }

    /// Gives a number and prints its ticket.
    ///
    /// # Errors
    /// `PROCEDURE-UNKNOWN`, `DISK-FULL`, `STORE-…`. What becomes of the paper is in the ticket.
    pub fn kiosk_take_number(&self, ask: TakeNumber) -> Result<TicketShown, Problem> {
        let identity = ask.use_card.then(|| lock(&self.session).card(self.clock.now()).cloned()).flatten();
        let input = Input::TakeNumber {
            intent: id(&ask.intent)?,
            procedure: ProcedureCode::new(ask.procedure),
            identity: identity.map(Box::new),
            priority: ask.priority.as_deref().and_then(wording::priority_named),
            language: if ask.language == "en" { "en".into() } else { "vi".into() },
        };
        match self.act(None, input)? {
            Answer::Visit(visit) | Answer::Already(Subject::Visit(visit)) => self.ticket(visit),
            _ => Err(Problem::new("STATION-FAULT")),
        }
    }

    /// A ticket as it stands now.
    ///
    /// # Errors
    /// `TICKET-UNKNOWN`, `INPUT-REFUSED`.
    pub fn kiosk_ticket(&self, visit: &str) -> Result<TicketShown, Problem> {
        self.ticket(id(visit)?)
    }

    fn ticket(&self, visit: VisitId) -> Result<TicketShown, Problem> {
        let unknown = || Problem::new("TICKET-UNKNOWN");
        let (known, wait, event) = {
            let state = lock(&self.state);
            let known = state.visit(visit).ok_or_else(unknown)?.clone();
            let wait = wording::wait(&state, &self.here, &known);
            (known, wait, carried::issued_in(&state, visit).ok_or_else(unknown)?)
        };
        let qr_text = carried::carried_text(self, event).unwrap_or_default();
        let number = known.number.to_string();
        let problem = known.paper_fault.as_deref().map(|code| Problem::new(code).with("number", &number));
        Ok(TicketShown {
            visit: visit.to_string(),
            procedure: rows::tile(self, &known.procedure),
            ahead: wait.ahead,
            wait_minutes: wait.minutes,
            zone: self.config.station.zone.text(),
            issued_at: known.issued_at.0,
            paper: rows::paper(known.paper),
            problem,
            qr_svg: qr_svg(&qr_text).unwrap_or_default(),
            number,
        })
    }

    /// The citizen left: nothing of them stays.
    ///
    /// # Errors
    /// None today.
    pub fn kiosk_leave(&self) -> Result<(), Problem> {
        lock(&self.session).leave();
        self.notices.tell();
        Ok(())
    }

    /// What the public may know of a dossier; asks the centre.
    ///
    /// # Errors
    /// `NET-CENTRE-DOWN` when it does not answer, `DOSSIER-NOT-FOUND`.
    pub fn kiosk_look_up(&self, code: &str) -> Result<PublicState, Problem> {
        let down = || Problem::new("NET-CENTRE-DOWN");
        let centre = self.config.centre.as_ref().ok_or_else(down)?;
        let clock = self.clock.clone();
        let authority = lock(&self.store).centre_authority().map_err(problem::of_store)?;
        let client = HttpCentre::new(&centre.url, Box::new(move || clock.now())).trusting(authority.as_deref());
        let typed = code.trim().to_uppercase();
        let found = client.public_state(&typed).map_err(|fault| problem::of_centre(&fault))?;
        let state = found.ok_or_else(|| Problem::new("DOSSIER-NOT-FOUND").with("code", &typed))?;
        Ok(PublicState {
            code: state.code,
            status: state.status.into(),
            status_text: wording::status(state.status),
            as_of: state.as_of.0,
        })
    }

    /// A card was held before the scanner. At a counter it tells who stands there, where the ticket did not.
    pub(crate) fn card_scanned(&self, card: Identity) {
        let at_desk = lock(&self.state).visits().find(|visit| visit.is_at(&self.here.desk)).map(|visit| visit.id);
        let mut session = lock(&self.session);
        if let (Some(visit), Some(_)) = (at_desk, &session.officer) {
            session.person = Some((visit, people::person(&card)));
        }
        session.card_read(card, self.clock.now());
    }

    /// Problems of the station itself, for whoever looks at it.
    pub(crate) fn own_problems(&self) -> Vec<Problem> {
        let behind =
            self.clock_behind_ms().map(|behind_ms| Problem::new("CLOCK-SET-BACK").with("minutes", behind_ms / 60_000));
        let hub = self.link.hub_problem();
        let told = self.clock_problems().into_iter().chain(self.limit_problems());
        behind
            .into_iter()
            .chain(told)
            .chain(hub)
            .chain(self.link.owed_problem())
            .chain(self.devices.service_problems())
            .collect()
    }
}
