//! Why something cannot be done.

use crate::code::CodeFault;
use crate::ids::{Desk, ProcedureCode};
use crate::jurisdiction::AuthorityId;
use crate::moment::Moment;
use crate::queue::TicketNumber;

/// Why something cannot be done: each has a code with a sentence for the citizen and one for the officer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// No such procedure in the catalogue.
    #[error("no procedure {0}")]
    ProcedureUnknown(ProcedureCode),
    /// No such visit or dossier here, or not in a state for it.
    #[error("this step is not legal now")]
    StepNotLegal,
    /// A paper that must be there is not.
    #[error("paper {0} is missing")]
    PapersMissing(String),
    /// Who hands the dossier in is not known well enough.
    #[error("the applicant's {0} is missing")]
    ApplicantIncomplete(&'static str),
    /// The ticket is of another day.
    #[error("the ticket is of {0}")]
    TicketOld(jiff::civil::Date),
    /// The ticket was served already.
    #[error("the ticket was served already")]
    TicketServed,
    /// The station's label or agency is not fit for a dossier code.
    #[error(transparent)]
    Code(#[from] CodeFault),
    /// Somebody stands at the desk.
    #[error("{0} is at the desk")]
    DeskTaken(TicketNumber),
    /// The desk is paused.
    #[error("the desk is paused")]
    DeskPaused,
    /// Nobody is signed in at the desk to which somebody is to be sent.
    #[error("nobody is at desk {0}")]
    DeskNotStaffed(Desk),
    /// Papers are asked for once, everything in one request.
    #[error("papers were asked for before")]
    PapersAskedBefore,
    /// A request for papers that names none.
    #[error("no paper is named")]
    NothingAsked,
    /// A promise may be moved so often only.
    #[error("the promise was moved before")]
    ReappointedBefore,
    /// The new day is not after the old one, or no time at which the office works.
    #[error("{0} cannot be promised")]
    DayNotFit(Moment),
    /// A refusal, a stop, an apology or an amendment needs a reason in words.
    #[error("the reason is missing")]
    ReasonMissing,
    /// The city has no such authority, or it does not decide on this procedure.
    #[error("{0} does not decide on this")]
    AuthorityNotFit(AuthorityId),
    /// It is not told who decides.
    #[error("it is not told who decides")]
    AuthorityNotTold,
    /// An amendment that changes nothing.
    #[error("nothing was changed")]
    NothingAmended,
    /// Nobody asked the citizen whether what they gave before may be used again.
    #[error("the consent is missing")]
    ConsentMissing,
    /// A paper that no earlier dossier offers for this procedure today, or that was handed in as well.
    #[error("paper {0} cannot be taken over")]
    NotOffered(String),
    /// A hand-over of nothing.
    #[error("nothing is handed over")]
    NothingHandedOver,
}

impl Refused {
    /// The code in the catalogue of problems.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::ProcedureUnknown(_) => "PROCEDURE-UNKNOWN",
            Refused::StepNotLegal => "STEP-NOT-LEGAL",
            Refused::PapersMissing(_) => "PAPERS-MISSING",
            Refused::ApplicantIncomplete(_) => "APPLICANT-INCOMPLETE",
            Refused::TicketOld(_) => "TICKET-OLD",
            Refused::TicketServed => "TICKET-ALREADY-ADMITTED",
            Refused::Code(_) => "CONFIG-FAULT",
            Refused::DeskTaken(_) => "DESK-TAKEN",
            Refused::DeskPaused => "DESK-PAUSED",
            Refused::DeskNotStaffed(_) => "DESK-NOT-STAFFED",
            Refused::PapersAskedBefore => "PAPERS-ASKED-BEFORE",
            Refused::NothingAsked => "PAPERS-NONE-NAMED",
            Refused::ReappointedBefore => "PROMISE-MOVED-BEFORE",
            Refused::DayNotFit(_) => "PROMISE-DAY-NOT-FIT",
            Refused::ReasonMissing => "REASON-MISSING",
            Refused::AuthorityNotFit(_) => "AUTHORITY-NOT-FIT",
            Refused::AuthorityNotTold => "AUTHORITY-NOT-TOLD",
            Refused::NothingAmended => "NOTHING-AMENDED",
            Refused::ConsentMissing => "CONSENT-MISSING",
            Refused::NotOffered(_) => "REUSE-NOT-OFFERED",
            Refused::NothingHandedOver => "HAND-OVER-EMPTY",
        }
    }
}
