//! Rules of paper: every ticket on paper is exactly one at the centre, every receipt tells what the centre knows.

use super::Evidence;
use super::book::Book;
use super::cbor::{bytes, integer, named, text};
use super::format::{Carried, Event, Id};
use super::verdict::{Kind, Verdict};
use ciborium::Value;
use std::collections::BTreeMap;

/// Tickets: paper against events, and what is known of each paper.
pub fn tickets(evidence: &Evidence, events: &BTreeMap<Id, Event>, verdict: &mut Verdict) {
    let mut papers_of: BTreeMap<Id, Vec<&str>> = BTreeMap::new();
    for paper in &evidence.papers {
        match on_paper(&paper.qr_texts, &evidence.centre) {
            Err(_) if paper.is_torn() => {}
            Err(fault) => verdict.add(Kind::Unreadable, format_args!("paper {}: {fault}", paper.name)),
            Ok(carried) => match events.get(&carried.event.id) {
                None => {
                    verdict.add(Kind::Lost, format_args!("paper {}: the centre does not know this ticket", paper.name))
                }
                Some(event) if event.bytes != carried.event.bytes => {
                    verdict.add(Kind::Differs, format_args!("paper {}: the centre knows another ticket", paper.name));
                }
                Some(event) => papers_of.entry(event.id).or_default().push(&paper.name),
            },
        }
    }
    let issued = events.values().filter(|event| event.kind == "TicketIssued");
    for ticket in issued {
        verdict.tickets += 1;
        let papers = papers_of.get(&ticket.id).map_or(&[][..], Vec::as_slice);
        paper_is_known(ticket, papers, events, verdict);
    }
    numbers(events, verdict);
}

fn on_paper(qr_texts: &[String], centre: &Book) -> crate::fault::Outcome<Carried> {
    let none = || crate::fault::Fault::new("QR code", "none can be read");
    let carried = Carried::read(qr_texts.first().ok_or_else(none)?)?;
    let unknown = || crate::fault::Fault::new("signature", "of a station that the centre does not know");
    carried.check(centre.keys.get(&carried.event.station).ok_or_else(unknown)?)?;
    Ok(carried)
}

/// Between how many and how many papers the events of a visit allow.
fn paper_is_known(ticket: &Event, papers: &[&str], events: &BTreeMap<Id, Event>, verdict: &mut Verdict) {
    let visit: Vec<&Event> = events.values().filter(|event| event.subject == ticket.subject).collect();
    let jobs = visit.iter().filter(|event| matches!(event.kind.as_str(), "TicketIssued" | "CopyRequested"));
    let settled = visit.iter().any(|event| matches!(event.kind.as_str(), "PaperSettled" | "TicketAdmitted"));
    let (mut least, mut most) = (0, 0);
    for job in jobs.filter_map(|event| named(&event.body, "job")) {
        let reports =
            visit.iter().filter(|event| event.kind == "PaperReported" && named(&event.body, "job") == Some(job));
        let outcome = reports.filter_map(|event| named(&event.body, "outcome").and_then(Value::as_text)).next_back();
        match outcome {
            Some("confirmed" | "sent_unconfirmed") => (least, most) = (least + 1, most + 1),
            Some("not_printed") => {}
            Some("unknown") => most += 1,
            _ if settled => most += 1,
            _ => verdict.add(Kind::Lost, format_args!("ticket {}: nothing is known of its paper", number(ticket))),
        }
    }
    let count = papers.len();
    if count < least {
        verdict.add(Kind::Lost, format_args!("ticket {}: {least} papers came out, {count} are there", number(ticket)));
    }
    if count > most {
        let what =
            format_args!("ticket {}: at most {most} papers came out, there are {}", number(ticket), papers.join(", "));
        verdict.add(Kind::Doubled, what);
    }
}

/// No number twice in a site and day, no button press with two tickets.
fn numbers(events: &BTreeMap<Id, Event>, verdict: &mut Verdict) {
    let mut seen = BTreeMap::new();
    for event in events.values().filter(|event| event.kind == "TicketIssued") {
        let day = named(&event.body, "day").and_then(Value::as_text).unwrap_or_default();
        let key = (event.scopes.first(), day.to_owned(), number(event));
        if seen.insert(key, event.id).is_some() {
            verdict.add(Kind::Doubled, format_args!("number {} was given twice on {day}", number(event)));
        }
    }
    once(events, "TicketIssued", "intent", verdict);
    once(events, "DossierAccepted", "intent", verdict);
}

fn once(events: &BTreeMap<Id, Event>, kind: &str, field: &str, verdict: &mut Verdict) {
    let mut seen = BTreeMap::new();
    for event in events.values().filter(|event| event.kind == kind) {
        let value = named(&event.body, field).and_then(|value| bytes(value).ok());
        if let Some(value) = value
            && seen.insert(value.to_vec(), event.id).is_some()
        {
            verdict.add(Kind::Doubled, format_args!("one {field} has two {kind}"));
        }
    }
}

/// A ticket's number as it stands on paper.
pub fn number(ticket: &Event) -> String {
    let number = named(&ticket.body, "number");
    let prefix = number.and_then(|number| named(number, "prefix")?.as_text()).unwrap_or("?");
    let sequence = number.and_then(|number| integer::<u32>(named(number, "sequence")?).ok()).unwrap_or(0);
    format!("{prefix}{sequence:03}")
}

/// A dossier, as its events tell.
struct Dossier<'a> {
    accepted: &'a Event,
    /// The code on the citizen's paper.
    code: String,
    /// The official code that came later.
    official: Option<String>,
}

/// Dossiers: codes, and the receipts that were given for them.
pub fn dossiers(evidence: &Evidence, events: &BTreeMap<Id, Event>, verdict: &mut Verdict) {
    let of_kind = |kind: &'static str| events.values().filter(move |event| event.kind == kind);
    let dossiers: Vec<Dossier> = of_kind("DossierAccepted")
        .map(|accepted| {
            let later = of_kind("CodeAssigned").find(|event| event.subject == accepted.subject);
            let official = later.and_then(|event| named(&event.body, "code")?.as_text().map(str::to_owned));
            Dossier { accepted, code: code_given(accepted), official }
        })
        .collect();
    verdict.dossiers += dossiers.len();
    codes(&dossiers, verdict);
    for dossier in &dossiers {
        receipt_of(dossier, evidence, events, verdict);
    }
    for receipt in &evidence.receipts {
        if !dossiers.iter().any(|dossier| receipt.tells(&dossier.code)) {
            verdict.add(Kind::Lost, format_args!("receipt {}: the centre does not know its dossier", receipt.name));
        }
    }
}

fn code_given(accepted: &Event) -> String {
    let given = named(&accepted.body, "code");
    let inner = given.and_then(|given| named(given, "official").or_else(|| named(given, "temporary")));
    inner.and_then(|inner| named(inner, "code")?.as_text()).unwrap_or_default().to_owned()
}

fn codes(dossiers: &[Dossier], verdict: &mut Verdict) {
    let mut seen = BTreeMap::new();
    let (mut subjects, all) = (BTreeMap::new(), dossiers.iter());
    for dossier in all {
        if dossier.code.is_empty() {
            verdict.add(Kind::Unreadable, format_args!("{} has no code", dossier.accepted.subject));
        }
        for code in [Some(&dossier.code), dossier.official.as_ref()].into_iter().flatten() {
            if let Some(other) = seen.insert(code.clone(), &dossier.accepted.subject) {
                let what = format_args!("code {code} names {other} and {}", dossier.accepted.subject);
                verdict.add(Kind::Doubled, what);
            }
        }
        if subjects.insert(&dossier.accepted.subject, ()).is_some() {
            verdict.add(Kind::Doubled, format_args!("{} was accepted twice", dossier.accepted.subject));
        }
    }
}

fn receipt_of(dossier: &Dossier, evidence: &Evidence, events: &BTreeMap<Id, Event>, verdict: &mut Verdict) {
    let code = &dossier.code;
    let receipts: Vec<_> = evidence.receipts.iter().filter(|receipt| receipt.tells(code)).collect();
    let promised = named(&dossier.accepted.body, "slip").is_some();
    match (promised, receipts.as_slice()) {
        (false, []) => {}
        (false, _) => verdict.add(Kind::Doubled, format_args!("dossier {code}: a receipt that nobody asked for")),
        (true, []) => verdict.add(Kind::Lost, format_args!("dossier {code}: its receipt is not there")),
        (true, [receipt]) => {
            // The papers of steps are told of in the same way, each under its own job.
            let job = named(&dossier.accepted.body, "slip");
            let made = events.values().find(|event| {
                event.kind == "SlipMade"
                    && event.subject == dossier.accepted.subject
                    && named(&event.body, "job") == job
            });
            let hash = made.and_then(|event| named(&event.body, "hash").and_then(|hash| text(hash).ok()));
            if hash != Some(receipt.hash.as_str()) {
                verdict
                    .add(Kind::Differs, format_args!("receipt {}: not the file that the log tells of", receipt.name));
            }
            let due = named(&dossier.accepted.body, "due").and_then(|due| integer::<i64>(due).ok());
            if let Err(fault) = receipt.promises(due) {
                verdict.add(Kind::Differs, format_args!("receipt {}: {fault}", receipt.name));
            }
            if !receipt.qr_texts.iter().any(|text| text.contains(code.as_str())) {
                verdict.add(Kind::Differs, format_args!("receipt {}: its QR code does not hold {code}", receipt.name));
            }
        }
        (true, several) => {
            verdict.add(Kind::Doubled, format_args!("dossier {code}: {} receipts", several.len()));
        }
    }
}
