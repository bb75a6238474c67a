//! Faults of the parts below, as problems with a code that a person can be told.

use crate::api::{Problem, Text};
use intake::decide::Refused;
use sync::store::{ReceiveFault, StoreFault};
use sync::{CentreFault, Refusal, Untrusted};

/// The one catalogue of codes: meaning, what the citizen is told, what the officer does.
pub const CATALOGUE: &str = include_str!("../../fixtures/problems.json");

/// What the officer is told of a problem, its values filled in; the bare code where the catalogue does not know it.
pub fn for_officer(problem: &Problem) -> Text {
    let catalogue: serde_json::Value = serde_json::from_str(CATALOGUE).unwrap_or_default();
    let sentence = |language: &str| {
        let text = catalogue[&problem.code]["officer"][language].as_str().unwrap_or_default();
        let fill = |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{name}}}"), value);
        let filled = problem.params.iter().fold(text.to_owned(), fill);
        if filled.is_empty() { problem.to_string() } else { filled }
    };
    Text::both(sentence("vi"), sentence("en"))
}

/// A store's fault.
pub fn of_store(fault: StoreFault) -> Problem {
    tracing::error!(code = fault.code(), %fault, "store");
    let code = match &fault {
        StoreFault::NewerVersion { .. } => "STORE-NEWER-VERSION",
        StoreFault::DiskFull => "DISK-FULL",
        StoreFault::InUse => "STATION-SECOND-INSTANCE",
        StoreFault::NotEnrolled => "STATION-NOT-ENROLLED",
        StoreFault::KeyMissing | StoreFault::KeyWrong => "STORE-KEY-MISSING",
        StoreFault::Damaged(_) => "STORE-DAMAGED",
        _ => "STATION-FAULT",
    };
    Problem::new(code).with("why", fault)
}

/// A decision's refusal.
pub fn of_refusal(refused: Refused) -> Problem {
    let problem = Problem::new(refused.code());
    match refused {
        Refused::ProcedureUnknown(code) => problem.with("procedure", code),
        Refused::PapersMissing(paper) | Refused::NotOffered(paper) => problem.with("paper", paper),
        Refused::ApplicantIncomplete(field) => problem.with("field", field),
        Refused::TicketOld(day) => problem.with("day", day.strftime("%d/%m/%Y")),
        Refused::DeskTaken(number) => problem.with("number", number),
        Refused::DeskNotStaffed(desk) => problem.with("desk", desk),
        Refused::Code(fault) => problem.with("file", "station.toml").with("why", fault),
        Refused::DayNotFit(due) => problem.with("due", due.civil().strftime("%H:%M %d/%m/%Y")),
        Refused::AuthorityNotFit(authority) => problem.with("authority", authority),
        Refused::StepNotLegal
        | Refused::AuthorityNotTold
        | Refused::NothingAmended
        | Refused::TicketServed
        | Refused::DeskPaused
        | Refused::PapersAskedBefore
        | Refused::NothingAsked
        | Refused::ReappointedBefore
        | Refused::ReasonMissing
        | Refused::ConsentMissing
        | Refused::NothingHandedOver => problem,
    }
}

/// What a scanned ticket was refused for.
pub fn of_received(fault: ReceiveFault) -> Problem {
    match fault {
        ReceiveFault::Store(fault) => of_store(fault),
        ReceiveFault::Refused(refusal) => of_paper(&refusal),
    }
}

fn of_paper(refusal: &Refusal) -> Problem {
    let code = match refusal {
        Refusal::UnknownStation { .. } | Refusal::BadSignature | Refusal::NotYourScope { .. } => "TICKET-NOT-OURS",
        _ => "TICKET-UNREADABLE",
    };
    Problem::new(code).with("why", refusal)
}

/// Why the centre did not do what was asked.
pub fn of_centre(fault: &CentreFault) -> Problem {
    match fault {
        CentreFault::Unreachable(_) | CentreFault::Busy { .. } => Problem::new("NET-CENTRE-DOWN"),
        CentreFault::Untrusted(untrusted) => of_untrusted(*untrusted),
        CentreFault::Refused(refusal) => Problem::new("NET-CENTRE-REFUSED").with("why", refusal),
    }
}

/// Why the other end of the line is not taken for the centre.
fn of_untrusted(untrusted: Untrusted) -> Problem {
    Problem::new(match untrusted {
        Untrusted::Foreign => "CENTRE-FOREIGN",
        Untrusted::Expired => "CENTRE-CERT-EXPIRED",
        Untrusted::WrongName => "CENTRE-CERT-NAME",
        Untrusted::NoFingerprint => "CENTRE-NO-FINGERPRINT",
    })
}
