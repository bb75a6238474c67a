//! What people do at kiosks and desks.

use super::cast::{AGENCY, FAR_AGENCY, FAR_SITE, SITE, someone};
use super::{Broken, Paper, World, random_uuid};
use crate::hub::HUBS;
use crate::line::{below, one_in};
use crate::node::{Done, Node};
use intake::catalogue::Authority;
use intake::decide::{AcceptDossier, AmendDossier, Answer, Input, Order, Reuse, next_to_call};
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted, PaperOutcome, PaperTaken};
use intake::ids::{AgencyCode, DossierId, IntentId, VisitId};
use intake::jurisdiction::AuthorityId;
use intake::person::{Contact, Personal};
use intake::queue::{TicketNumber, TransferTo};
use jiff::civil::Date;
use station::uplink::{Turn, next_turn};
use std::collections::BTreeSet;
use sync::hub::ClaimAnswer;

impl World {
    pub(super) fn take_number(&mut self, who: usize) -> Result<&'static str, Broken> {
        let intent = IntentId(random_uuid());
        let identity = one_in(2).then(|| Box::new(someone()));
        let procedure = "1.004873".into();
        let input = Input::TakeNumber { intent, procedure, identity, priority: None, language: "vi".into() };
        let now = self.now;
        let Ok(Ok(Done::Ticket { visit, job, effect })) = self.nodes[who].act(now, input, &[]) else {
            return Ok("no number");
        };
        let known = self.nodes[who].state.visit(visit).cloned().ok_or("a ticket that is not folded")?;
        self.note_number(&known.number, known.day, visit)?;
        // The paper moves only after the log has it.
        if self.nodes[who].store().effect_started(effect).is_err() {
            return Ok("number, power gone before paper");
        }
        let outcome = Node::printer_outcome();
        if outcome != PaperOutcome::NotPrinted {
            let event = self.nodes[who].ticket_event(visit).ok_or("a ticket without its event")?;
            let code = self.nodes[who].store().carry(event).ok();
            self.paper.push(Paper { number: known.number, day: known.day, visit, event, code });
        }
        let report = Input::PaperReported { visit, job, outcome, fault: None };
        match self.nodes[who].act(now, report, &[effect]) {
            Ok(Ok(_)) => Ok("number"),
            _ => Ok("number, power gone after paper"),
        }
    }

    pub(super) fn note_number(&mut self, number: &TicketNumber, day: Date, visit: VisitId) -> Result<(), Broken> {
        let place = (number.prefix.clone(), day, number.sequence);
        match self.numbers.insert(place, visit) {
            Some(other) if other != visit => Err(format!("number {number} of {day} was given to {other} and {visit}")),
            _ => Ok(()),
        }
    }

    /// Citizens come together, and every desk calls at once.
    pub(super) fn rush(&mut self, kiosk: usize) -> Result<&'static str, Broken> {
        for _ in 0..2 {
            self.take_number(kiosk)?;
        }
        self.sync(kiosk)?;
        for place in 0..HUBS {
            match below(3) {
                0 => drop(self.hub_pushes(place)?),
                1 => drop(self.hub_pulls(place)?),
                _ => drop(self.hub_looks(place)?),
            }
        }
        for who in 0..self.nodes.len() {
            if self.nodes[who].is_counter() && !self.nodes[who].hubs.is_empty() {
                self.advance(below(2_000) as i64);
                self.serve(who)?;
                self.sync(who)?;
                self.call_next(who)?;
            }
        }
        Ok("rush")
    }

    /// Calls as a counter does: by claim where a hub is heard, by its own fold where none is.
    pub(super) fn call_next(&mut self, who: usize) -> Result<&'static str, Broken> {
        let now = self.now;
        if !self.nodes[who].uplink().has_hub() {
            return Ok(match self.nodes[who].act(now, Input::CallNext, &[]) {
                Ok(Ok(Done::Other(Answer::Visit(visit)))) => {
                    self.claims.called(who, visit);
                    "call"
                }
                _ => "no call",
            });
        }
        let node = &self.nodes[who];
        let mut last = (None, None);
        let next = |taken: &BTreeSet<VisitId>| next_to_call(&node.state, &node.here, node.now(now), taken);
        let turn = next_turn(next, |visit| {
            last = node.claim(Some(visit));
            last.0.clone()
        });
        let visit = match turn {
            Ok(Turn::Of(visit)) => visit,
            Ok(Turn::NotYet(_)) => return Ok("the hub listens"),
            Ok(Turn::Nobody) | Err(_) => return Ok("no call"),
        };
        match self.nodes[who].act(now, Input::CallClaimed { visit }, &[]) {
            Ok(Ok(Done::Other(Answer::Visit(_)))) => {}
            _ => return Ok("no call, power gone or disk full"),
        }
        self.claims.called(who, visit);
        match last.1 {
            Some(right) => self.note_call(who, right).map(|()| "call by claim"),
            None => Ok("call, the hub gone"),
        }
    }

    pub(super) fn serve(&mut self, who: usize) -> Result<&'static str, Broken> {
        if self.nodes[who].present().is_none() {
            return Ok("nobody there");
        }
        if one_in(2) {
            return self.leave(who);
        }
        let now = self.now;
        let procedure = "1.004873";
        let found = self.nodes[who].here.catalogue.get(&procedure.into()).cloned().ok_or("the procedure")?;
        let papers = found.papers.value().ok_or("papers")?.iter().filter(|paper| !paper.only_if_applicable);
        let taken = |id: &String| PaperTaken { id: id.clone(), original: 1, certified: 0, copies: 0, reused: None };
        let ask = AcceptDossier {
            intent: IntentId(random_uuid()),
            draft: None,
            procedure: procedure.into(),
            // Some live in the other ward, which then decides.
            authority: one_in(3).then(|| AuthorityId::of(Authority::Commune, &FAR_SITE.into())),
            applicant: someone(),
            contact: Contact::default(),
            papers: papers.map(|paper| taken(&paper.id)).collect(),
            reuse: Reuse::default(),
            sets: 1,
            pages: Some(1),
            copies: Some(1),
            amount: None,
            fee_paid: true,
            slip: false,
            note: String::new(),
        };
        let before: BTreeSet<DossierId> = self.nodes[who].state.dossiers().map(|dossier| dossier.id).collect();
        match self.nodes[who].act(now, Input::Accept(Box::new(ask)), &[]) {
            Ok(Ok(_)) => {}
            Ok(Err(refused)) => return Err(format!("an intake in order was refused: {}", refused.code())),
            Err(_) => return Ok("no dossier, power gone or disk full"),
        }
        let new: Vec<(DossierId, CodeGiven)> = self.nodes[who]
            .state
            .dossiers()
            .filter(|dossier| !before.contains(&dossier.id))
            .map(|dossier| (dossier.id, dossier.code.clone()))
            .collect();
        for (id, code) in new {
            self.note_code(id, &code)?;
        }
        Ok("dossier")
    }

    /// An officer takes a dossier a step further, or puts right what stands on it, at whichever desk knows of it.
    pub(super) fn work_on(&mut self, who: usize) -> &'static str {
        let node = &self.nodes[who];
        let open: Vec<DossierId> =
            node.state.dossiers().filter(|known| !known.status.is_ended()).map(|known| known.id).collect();
        let Some(dossier) = open.get(below(open.len() as u64) as usize).copied() else { return "no dossier is open" };
        let input = match below(6) {
            0 => Input::Work { dossier, order: Order::Forward, note: String::new() },
            1 => Input::Work { dossier, order: Order::TakeOver, note: String::new() },
            2 => Input::Work { dossier, order: Order::Finish { number: None }, note: String::new() },
            3 => Input::Return { dossier },
            _ => self.amendment(who, dossier),
        };
        match self.nodes[who].act(self.now, input, &[]) {
            Ok(Ok(_)) => "a step of a dossier",
            Ok(Err(_)) => "no legal step",
            Err(_) => "no step, power gone or disk full",
        }
    }

    fn amendment(&self, who: usize, dossier: DossierId) -> Input {
        let known = self.nodes[who].state.dossier(dossier);
        let sites = [SITE, FAR_SITE];
        let site = sites[below(sites.len() as u64) as usize];
        Input::Amend(Box::new(AmendDossier {
            dossier,
            applicant: someone(),
            contact: Contact::default(),
            applicant_changed: one_in(2),
            papers: known.map(|known| known.papers.clone()).unwrap_or_default(),
            sets: 1 + below(3) as u16,
            authority: one_in(2).then(|| AuthorityId::of(Authority::Commune, &site.into())),
            reason: "Ghi sai.".into(),
        }))
    }

    /// The citizen leaves the desk: gone home, not come, away for a while, or sent back or on.
    fn leave(&mut self, who: usize) -> Result<&'static str, Broken> {
        let (now, visit) = (self.now, self.nodes[who].present().ok_or("nobody leaves")?);
        let (input, what) = match below(8) {
            0 | 1 => (Input::Miss, "no-show"),
            2 => (Input::Park, "parked"),
            3 => (Input::SendBack { visit: None }, "sent back"),
            4 => (Input::Transfer { to: TransferTo::Service("2.000815".into()) }, "sent on"),
            _ => (Input::Close, "close"),
        };
        if let Ok(Err(refused)) = self.nodes[who].act(now, input, &[]) {
            // Who was sent on before cannot be sent to where they are.
            return if what == "sent on" { Ok("not sent on") } else { Err(format!("{what}: {}", refused.code())) };
        }
        match what {
            "no-show" | "parked" => self.claims.awaited(visit),
            "sent back" | "sent on" => self.claims.let_go(who, visit),
            _ => {}
        }
        Ok(what)
    }

    /// A desk calls whom it waits for, as a counter does: by a new claim where a hub is heard.
    pub(super) fn take_back(&mut self, who: usize) -> Result<&'static str, Broken> {
        let node = &self.nodes[who];
        let (Some(visit), None) = (node.parked(), node.present()) else { return Ok("nobody to take back") };
        let (answer, right) = if node.uplink().has_hub() { node.claim(Some(visit)) } else { (None, None) };
        match answer {
            Some(ClaimAnswer::Taken { .. }) => return Ok("not taken back: elsewhere"),
            Some(ClaimAnswer::Wait { .. }) => return Ok("the hub listens"),
            _ => {}
        }
        match self.nodes[who].act(self.now, Input::TakeBack { visit }, &[]) {
            Ok(Ok(_)) => {}
            Ok(Err(refused)) => return Err(format!("not taken back: {}", refused.code())),
            Err(_) => return Ok("not taken back, power gone or disk full"),
        }
        self.claims.called(who, visit);
        self.claims.taken_back(who, visit, right.is_some());
        right.map_or(Ok(()), |right| self.note_call(who, right)).map(|()| "taken back")
    }

    /// A dossier for an authority that is not the station's, or at an agent, who belongs to none.
    pub(super) fn take_in_for_another(&mut self, who: usize) -> Result<&'static str, Broken> {
        let node = &mut self.nodes[who];
        let home = node.store().card().readable().into_iter().next().ok_or("a home")?;
        let agency: AgencyCode = if one_in(2) { AGENCY } else { FAR_AGENCY }.into();
        let (id, now) = (DossierId(random_uuid()), node.now(self.now));
        let code = CodeGiven::Temporary { code: format!("TẠM-{id}") };
        let accepted = DossierAccepted {
            intent: IntentId(random_uuid()),
            visit: VisitId(random_uuid()),
            procedure: "1.004873".into(),
            agency: agency.clone(),
            site: node.here.site.clone(),
            desk: node.here.desk.clone(),
            code: code.clone(),
            papers: vec![],
            sets: 1,
            at: now,
            due: None,
            calendar: "hanoi".into(),
            fee: None,
            fee_paid: false,
            slip: None,
            registered: false,
            authority: None,
        };
        let personal = Personal { identity: Some(someone()), ..Personal::default() };
        let mut scopes = vec![home, Scope::agency(&agency)];
        scopes.dedup();
        let draft = Draft { subject: Subject::Dossier(id), fact: accepted.into(), personal: Some(personal), scopes };
        let written = node.store().append(now, None, vec![draft], vec![], &[]);
        let Ok(events) = written else { return Ok("no dossier, power gone or disk full") };
        node.acknowledge(&events);
        node.fold(events);
        self.note_code(id, &code)?;
        Ok("dossier for another authority")
    }

    pub(super) fn note_code(&mut self, id: DossierId, code: &CodeGiven) -> Result<(), Broken> {
        match self.codes.insert(code.text(), id) {
            Some(other) if other != id => Err(format!("code {} was given to {other} and {id}", code.text())),
            _ => Ok(()),
        }
    }

    pub(super) fn admit_paper(&mut self, who: usize) -> Result<&'static str, Broken> {
        if self.paper.is_empty() {
            return Ok("no paper");
        }
        let which = below(self.paper.len() as u64) as usize;
        let (visit, Some(code)) = (self.paper[which].visit, self.paper[which].code.clone()) else {
            return Ok("paper without code");
        };
        let admitted = self.nodes[who].store().admit_carried(&code);
        let Ok(event) = admitted else { return Ok("paper not admitted") };
        self.nodes[who].fold(vec![event]);
        let now = self.now;
        if self.nodes[who].act(now, Input::Admit { visit }, &[]).is_ok() {
            self.claims.admitted(visit);
        }
        Ok("paper admitted")
    }

    pub(super) fn forget(&mut self, who: usize) -> Result<&'static str, Broken> {
        let node = &mut self.nodes[who];
        if !node.is_counter() || !one_in(3) {
            return Ok("nobody forgotten");
        }
        let Some(dossier) = node.state.dossiers().next().map(|dossier| dossier.id) else {
            return Ok("nobody forgotten");
        };
        let now = node.now(self.now);
        let written = node.store().forget(now, None, &Subject::Dossier(dossier), "theo yêu cầu");
        if let Ok(events) = written {
            node.acknowledge(&events);
            node.fold(events);
        }
        Ok("forgotten")
    }
}
