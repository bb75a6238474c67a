//! What somebody or something asks of a station.

use super::{AmendDossier, Money, Order};
use crate::dossier::Office;
use crate::fact::{Consent, PaperOutcome, PaperTaken};
use crate::fee::Dong;
use crate::ids::{DossierId, EventId, IntentId, JobId, OfficerId, ProcedureCode, VisitId};
use crate::jurisdiction::AuthorityId;
use crate::person::{Contact, Identity};
use crate::queue::{PauseReason, Priority, TransferTo};
use crate::reuse::EarlierDossier;

/// What somebody or something asks of a station.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// A citizen asks for a number.
    TakeNumber {
        /// The button press.
        intent: IntentId,
        /// What they came for.
        procedure: ProcedureCode,
        /// Who the card says they are, where one was read.
        identity: Option<Box<Identity>>,
        /// Why they go first, where they said so.
        priority: Option<Priority>,
        /// `vi` or `en`.
        language: String,
    },
    /// A printer told what became of a paper.
    PaperReported {
        /// Whose ticket.
        visit: VisitId,
        /// Which job.
        job: JobId,
        /// What became of it.
        outcome: PaperOutcome,
        /// The fault's code.
        fault: Option<String>,
    },
    /// An officer told what became of a paper.
    SettlePaper {
        /// Whose ticket.
        visit: VisitId,
        /// Whether the citizen holds it.
        came_out: bool,
    },
    /// An officer or citizen asks for a copy of a ticket.
    CopyTicket {
        /// Whose ticket.
        visit: VisitId,
    },
    /// A counter scanned a ticket that it knows (from the network, or from the paper itself).
    Admit {
        /// Whose ticket.
        visit: VisitId,
    },
    /// An officer signs in; the PIN was checked.
    SignIn {
        /// Who.
        officer: OfficerId,
    },
    /// An officer signs out.
    SignOut {
        /// Who.
        officer: OfficerId,
    },
    /// The officer calls the next number.
    CallNext,
    /// The officer calls this number, to which the hub gave the desk the right.
    CallClaimed {
        /// Which visit.
        visit: VisitId,
    },
    /// The officer calls the number at the desk again.
    Recall,
    /// Nobody came.
    Miss,
    /// The citizen leaves the desk for a while, and it waits for them.
    Park,
    /// The officer calls whom the desk waits for.
    TakeBack {
        /// Which visit.
        visit: VisitId,
    },
    /// The citizen goes back to those who wait.
    SendBack {
        /// Which visit, of those for which the desk waits; none: who is at the desk.
        visit: Option<VisitId>,
    },
    /// The citizen at the desk is sent on.
    Transfer {
        /// For what they wait then.
        to: TransferTo,
    },
    /// The citizen at the desk wants one more thing.
    AddService {
        /// What.
        procedure: ProcedureCode,
    },
    /// The desk calls nobody until it goes on.
    Pause {
        /// Why.
        reason: PauseReason,
    },
    /// The desk goes on.
    Resume,
    /// The citizen leaves the desk.
    Close,
    /// The officer looks at the person's record.
    View,
    /// The officer looks for what the person handed in before.
    LookUpEarlier,
    /// The officer searches this station's dossiers.
    Search,
    /// The officer reads the book of the site's dossiers (Sổ theo dõi hồ sơ).
    ReadBook,
    /// The officer opens a dossier.
    Open {
        /// Which.
        dossier: DossierId,
    },
    /// The officer accepts a dossier.
    Accept(Box<AcceptDossier>),
    /// An officer puts right what stands on a dossier.
    Amend(Box<AmendDossier>),
    /// A receipt was written.
    SlipMade {
        /// For which dossier.
        dossier: DossierId,
        /// Which job.
        job: JobId,
        /// BLAKE3 of the file, in hexadecimal.
        hash: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The officer hands the result over.
    Return {
        /// Of which dossier.
        dossier: DossierId,
    },
    /// The officer takes a dossier down without accepting it: it is to be refused, or lacks papers.
    Register(Box<AcceptDossier>),
    /// An officer works on a dossier.
    Work {
        /// Which dossier.
        dossier: DossierId,
        /// What is to be done.
        order: Order,
        /// What the officer writes to it: it is sealed.
        note: String,
    },
    /// Officers agreed on what had not fitted together.
    Settle {
        /// In which dossier.
        dossier: DossierId,
        /// The event that could not be followed.
        event: EventId,
        /// What they agreed: it is sealed.
        note: String,
    },
    /// Money is taken, confirmed or given back.
    Money {
        /// For which dossier.
        dossier: DossierId,
        /// What is to be done.
        money: Money,
        /// Why, where it is given back: it is sealed.
        note: String,
    },
    /// The officer hands papers over to another office.
    HandOver {
        /// To whom.
        to: Office,
        /// The papers of which dossiers, with the sheets that were counted of each.
        dossiers: Vec<(DossierId, u32)>,
    },
    /// The officer reads a record of a hand-over again.
    ReadHandOver,
    /// Papers that another office handed over came.
    ReceivePapers {
        /// Those of which dossiers.
        dossiers: Vec<DossierId>,
    },
    /// The officer counts the till.
    CloseTill {
        /// What was counted.
        counted: Dong,
    },
    /// A disk that was put back: a kiosk may have given numbers in the time that is missing.
    LeaveOutNumbers,
    /// A disk that was put back has heard all that the centre holds: numbers of before may be used already.
    GiveUpCodes,
    /// A lease arrived: give official codes to dossiers that wait for one.
    AssignCodes,
}

/// What an officer accepts.
#[derive(Clone, PartialEq, Debug)]
pub struct AcceptDossier {
    /// The button press.
    pub intent: IntentId,
    /// The dossier that was taken down before and is now complete.
    pub draft: Option<DossierId>,
    /// For which procedure.
    pub procedure: ProcedureCode,
    /// The authority that decides, where the officer told; else it is found.
    pub authority: Option<AuthorityId>,
    /// Who hands it in.
    pub applicant: Identity,
    /// How to reach them.
    pub contact: Contact,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// What is taken over from earlier dossiers and not asked for again.
    pub reuse: Reuse,
    /// Number of sets.
    pub sets: u16,
    /// Pages of one copy, where the fee is by the page.
    pub pages: Option<u32>,
    /// Number of copies, where the fee is by the copy.
    pub copies: Option<u32>,
    /// What the officer takes where no source gives the fee.
    pub amount: Option<Dong>,
    /// Whether the fee was paid.
    pub fee_paid: bool,
    /// Whether the citizen asks for a receipt where none is due.
    pub slip: bool,
    /// A remark.
    pub note: String,
}

/// What an officer takes over from earlier dossiers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reuse {
    /// Which papers, each with the dossier that it comes from.
    pub papers: Vec<(String, DossierId)>,
    /// What was told of the applicant's earlier dossiers at this visit: nothing else is taken over.
    pub told: Vec<EarlierDossier>,
    /// How the citizen agreed; none, and nothing is taken over.
    pub consent: Option<Consent>,
}
