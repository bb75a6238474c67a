//! The facts that a log can hold. A reader meets newer kinds without failing and keeps them as they came.

use crate::code::DossierCode;
use crate::dossier::{Amends, Detail, ManifestNo, Office, Step};
use crate::fee::Dong;
use crate::ids::{
    AgencyCode, Desk, DossierId, EventId, Incarnation, IntentId, JobId, ProcedureCode, SiteCode, StationId, VisitId,
};
use crate::jurisdiction::AuthorityId;
use crate::moment::Moment;
use crate::payment::{PaidBy, ReceiptNo};
use crate::queue::{PauseReason, Priority, TicketNumber, TransferTo};
use crate::told::Told;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What happened: the open part of an event.
        #[derive(Clone, PartialEq, Debug)]
        pub enum Fact {
            $($(#[$doc])* $name($name),)+
            /// A kind that this version does not know, or cannot read: kept as it came, folded when it is learnt.
            Unknown {
                /// The kind's name.
                kind: String,
                /// Its CBOR.
                body: Vec<u8>,
            },
        }

        impl Fact {
            /// The kind's name, as it stands in the log.
            pub fn kind(&self) -> &str {
                match self {
                    $(Fact::$name(_) => stringify!($name),)+
                    Fact::Unknown { kind, .. } => kind,
                }
            }

            /// The body as CBOR: a map with the fields' names, in the order of the definition.
            pub fn encode(&self) -> Vec<u8> {
                match self {
                    $(Fact::$name(body) => cbor(body),)+
                    Fact::Unknown { body, .. } => body.clone(),
                }
            }

            /// Reads a body; what cannot be read is kept as [`Fact::Unknown`].
            pub fn decode(kind: &str, body: &[u8]) -> Fact {
                let known = match kind {
                    $(stringify!($name) => ciborium::from_reader(body).ok().map(Fact::$name),)+
                    _ => None,
                };
                known.unwrap_or_else(|| Fact::Unknown { kind: kind.to_owned(), body: body.to_vec() })
            }
        }

        $(impl From<$name> for Fact {
            fn from(body: $name) -> Fact {
                Fact::$name(body)
            }
        })+
    };
}

impl Fact {
    /// The time by which its station reckoned, where the fact carries it.
    pub fn at(&self) -> Option<Moment> {
        match self {
            Fact::TicketIssued(fact) => Some(fact.at),
            Fact::CopyRequested(fact) => Some(fact.at),
            Fact::TicketCalled(fact) => Some(fact.at),
            Fact::TicketParked(fact) => Some(fact.at),
            Fact::TicketReturned(fact) => Some(fact.at),
            Fact::TicketTransferred(fact) => Some(fact.at),
            Fact::DeskPaused(fact) => Some(fact.at),
            Fact::DeskResumed(fact) => Some(fact.at),
            Fact::VisitClosed(fact) => Some(fact.at),
            Fact::DossierRegistered(fact) => Some(fact.at),
            Fact::DossierAccepted(fact) => Some(fact.at),
            Fact::DossierStepped(fact) => Some(fact.at),
            Fact::DossierAmended(fact) => Some(fact.at),
            Fact::FeeTaken(fact) => Some(fact.at),
            Fact::PapersSent(fact) => Some(fact.at),
            Fact::PapersReceived(fact) => Some(fact.at),
            _ => None,
        }
    }
}

/// CBOR of a value made of maps, lists, texts and numbers.
pub(crate) fn cbor(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    // Writing to a Vec cannot fail, and none of our types refuses to be serialised.
    ciborium::into_writer(value, &mut bytes).map_or_else(|_| Vec::new(), |()| bytes)
}

facts! {
    /// A citizen was given a number.
    TicketIssued,
    /// The printer told what became of a ticket's paper.
    PaperReported,
    /// A person told what became of a ticket's paper.
    PaperSettled,
    /// A second copy of a ticket was asked for.
    CopyRequested,
    /// A counter learnt of the ticket from its paper.
    TicketAdmitted,
    /// A number was called to a desk.
    TicketCalled,
    /// The site's hub gave a desk the right to call a number.
    TicketClaimed,
    /// A hub became the one that gives such rights at its site.
    HubAppointed,
    /// Nobody came when the number was called.
    TicketMissed,
    /// The citizen left the desk for a while, to fill in a form or fetch a copy, and comes back to it.
    TicketParked,
    /// The citizen went back to those who wait, in the place of their number.
    TicketReturned,
    /// The citizen waits for a desk that was named, or for another service.
    TicketTransferred,
    /// A desk calls nobody for a while.
    DeskPaused,
    /// A desk goes on.
    DeskResumed,
    /// The citizen wants one more thing in the same visit.
    ServiceAdded,
    /// The citizen left the desk.
    VisitClosed,
    /// An officer looked at a person's record.
    RecordViewed,
    /// An officer's account was set up by the centre.
    OfficerAppointed,
    /// An officer signed in at a desk.
    OfficerSignedIn,
    /// An officer signed out.
    OfficerSignedOut,
    /// A dossier was taken down and not accepted yet (mới đăng ký): it may be refused, or wait for papers.
    DossierRegistered,
    /// A dossier was accepted (Giấy tiếp nhận).
    DossierAccepted,
    /// A dossier with a temporary code got its official one.
    CodeAssigned,
    /// The receipt was written as a document.
    SlipMade,
    /// A scan of a paper was attached to a dossier.
    PaperAttached,
    /// A dossier moved from one status to another.
    DossierStepped,
    /// What stands on a dossier was put right (đính chính), or another authority decides.
    DossierAmended,
    /// Officers agreed on what had not fitted together.
    ConflictSettled,
    /// Money was taken for a dossier, and a receipt given.
    FeeTaken,
    /// A transfer that was announced has arrived.
    FeeConfirmed,
    /// Money was given back.
    FeeRefunded,
    /// The till of a desk was counted at the end of the day.
    TillClosed,
    /// A dossier's papers were handed over to another office (bàn giao).
    PapersSent,
    /// They came.
    PapersReceived,
    /// The centre leased a block of dossier numbers to a station.
    CodesLeased,
    /// A kiosk whose disk was put back left out the numbers that it may have given in the time that is missing.
    NumbersLeftOut,
    /// A station whose disk was put back gave up the numbers of which it cannot know whether it had used them.
    CodesGivenUp,
    /// The keys of a person's records were destroyed.
    GrantsDestroyed,
    /// A station's clock was found behind its own log.
    ClockFoundBehind,
    /// The centre published a setting.
    SettingPublished,
}

/// A citizen was given a number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketIssued {
    /// The button press that asked for it.
    pub intent: IntentId,
    /// The number.
    pub number: TicketNumber,
    /// The civil day on which it is good.
    pub day: Date,
    /// What the citizen came for.
    pub procedure: ProcedureCode,
    /// Why they go first, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The language of the ticket: `vi` or `en`.
    pub language: String,
    /// When.
    pub at: Moment,
    /// The print job of its paper.
    pub job: JobId,
}

/// What became of a piece of paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperOutcome {
    /// The printer said that it is out.
    Confirmed,
    /// All was sent, and the printer cannot say more.
    SentUnconfirmed,
    /// It is certain that none came out.
    NotPrinted,
    /// Nobody knows: a person must look.
    Unknown,
}

/// The printer told what became of a ticket's paper.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PaperReported {
    /// Which job.
    pub job: JobId,
    /// What became of it.
    pub outcome: PaperOutcome,
    /// The fault's code, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A person told what became of a ticket's paper.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PaperSettled {
    /// Whether the citizen holds it.
    pub came_out: bool,
}

/// A second copy of a ticket was asked for; it says that it is one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CopyRequested {
    /// The copy's print job.
    pub job: JobId,
    /// When.
    pub at: Moment,
}

/// A counter learnt of the ticket from its paper, so the paper exists.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketAdmitted {
    /// At which desk.
    pub desk: Desk,
}

/// A number was called to a desk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketCalled {
    /// To which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// The site's hub gave a desk the right to call a number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketClaimed {
    /// Which desk.
    pub desk: Desk,
    /// Under which epoch of the hub.
    pub epoch: u64,
    /// The desk's request: the same request again is the same right.
    pub request: IntentId,
    /// How often the citizen had left that desk before: the right ends when they leave it once more.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub turn: u32,
}

fn is_none_yet(turn: &u32) -> bool {
    *turn == 0
}

/// A hub became the one that gives rights to call at its site.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct HubAppointed {
    /// Which site.
    pub site: SiteCode,
    /// Its epoch; a higher one counts.
    pub epoch: u64,
}

/// Nobody came when the number was called.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketMissed {
    /// Which desk had called.
    pub desk: Desk,
}

/// The citizen left the desk for a while and comes back to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketParked {
    /// Which desk waits for them.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// The citizen went back to those who wait.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketReturned {
    /// Which desk let them go.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// The citizen waits for a desk that was named, or for another service.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketTransferred {
    /// Which desk let them go.
    pub desk: Desk,
    /// For what they wait now.
    pub to: TransferTo,
    /// When.
    pub at: Moment,
}

/// A desk calls nobody for a while.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeskPaused {
    /// Which desk.
    pub desk: Desk,
    /// Why.
    pub reason: PauseReason,
    /// When.
    pub at: Moment,
}

/// A desk goes on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeskResumed {
    /// Which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// The citizen wants one more thing in the same visit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ServiceAdded {
    /// At which desk.
    pub desk: Desk,
    /// What.
    pub procedure: ProcedureCode,
}

/// The citizen left the desk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VisitClosed {
    /// Which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// An officer looked at a person's record.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RecordViewed {
    /// At which desk.
    pub desk: Desk,
    /// Why: `serving`, `scan`, `earlier` (what the person handed in before), `search`, `register` (the
    /// book of the site's dossiers), `hand_over` or `dossier`.
    pub reason: String,
}

/// An officer's account; name and PIN hash are in the sealed part.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OfficerAppointed {
    /// Where they work.
    pub site: SiteCode,
    /// What they may do: `counter`.
    pub roles: Vec<String>,
}

/// An officer signed in at a desk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OfficerSignedIn {
    /// Which desk.
    pub desk: Desk,
}

/// An officer signed out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OfficerSignedOut {
    /// Which desk.
    pub desk: Desk,
}

/// A paper that was taken in (thành phần hồ sơ).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PaperTaken {
    /// Which of the procedure's papers.
    pub id: String,
    /// Originals.
    pub original: u16,
    /// Certified copies.
    pub certified: u16,
    /// Plain copies.
    pub copies: u16,
    /// Where it was taken over from, where it was not asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused: Option<Reused>,
}

/// A paper that was taken over from an earlier dossier. Nothing is taken over without consent, so the consent is part of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reused {
    /// From which dossier.
    pub from: DossierId,
    /// The code that it went by then.
    pub code: String,
    /// Whether it was that dossier's result, and not handed in with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub result: bool,
    /// How the citizen agreed.
    pub consent: Consent,
}

/// How a citizen agreed that what they gave before is used again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// They were asked at the desk and said yes; the event says who asked and when.
    SaidAtDesk,
}

/// The number under which a dossier goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeGiven {
    /// An official code, drawn from a lease.
    Official {
        /// The code.
        code: DossierCode,
        /// Its number within the agency and day.
        sequence: u32,
    },
    /// No lease was left: a code that does not look official, until an official one is assigned.
    Temporary {
        /// The code.
        code: String,
    },
}

impl CodeGiven {
    /// The code as text.
    pub fn text(&self) -> String {
        match self {
            CodeGiven::Official { code, .. } => code.to_string(),
            CodeGiven::Temporary { code } => code.clone(),
        }
    }
}

/// A dossier was taken down and not accepted yet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DossierRegistered {
    /// The button press that asked for it.
    pub intent: IntentId,
    /// In which visit.
    pub visit: VisitId,
    /// For which procedure.
    pub procedure: ProcedureCode,
    /// Who decides.
    pub agency: AgencyCode,
    /// Where it was taken down.
    pub site: SiteCode,
    /// At which desk.
    pub desk: Desk,
    /// Its number, which it keeps when it is accepted.
    pub code: CodeGiven,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// Number of sets (số bộ).
    pub sets: u16,
    /// When.
    pub at: Moment,
    /// The authority that decides, where it was found or told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
}

/// A dossier was accepted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DossierAccepted {
    /// The button press that asked for it.
    pub intent: IntentId,
    /// In which visit.
    pub visit: VisitId,
    /// For which procedure.
    pub procedure: ProcedureCode,
    /// Who decides.
    pub agency: AgencyCode,
    /// Where it was taken in.
    pub site: SiteCode,
    /// At which desk.
    pub desk: Desk,
    /// Its number.
    pub code: CodeGiven,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// Number of sets (số bộ).
    pub sets: u16,
    /// When.
    pub at: Moment,
    /// When the result is promised; none where the procedure has no such day.
    pub due: Option<Moment>,
    /// Which table of working days the promise was reckoned with.
    pub calendar: String,
    /// The fee, where it is known.
    pub fee: Option<Dong>,
    /// Whether it was paid.
    pub fee_paid: bool,
    /// The job of the printed receipt, where one is given.
    pub slip: Option<JobId>,
    /// Whether it had been taken down before, under the same number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub registered: bool,
    /// The authority that decides, where it was found or told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
}

/// A dossier with a temporary code got its official one; both name it for ever.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CodeAssigned {
    /// The official code.
    pub code: DossierCode,
    /// Its number within the agency and day.
    pub sequence: u32,
}

/// The receipt was written as a document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SlipMade {
    /// Which job.
    pub job: JobId,
    /// BLAKE3 of the file, in hexadecimal.
    pub hash: String,
    /// The file's size in bytes.
    pub size: u64,
}

/// A scan of a paper was attached. What it shows is personal and stands in the blob, sealed under the subject's key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PaperAttached {
    /// Which of the procedure's papers.
    pub paper: String,
    /// BLAKE3 of the sealed bytes, in hexadecimal: the blob's name.
    pub blob: String,
    /// Its sealed size in bytes.
    pub size_bytes: u64,
    /// How many pages it shows.
    pub pages: u16,
    /// What it is once it is opened, such as `image/jpeg`.
    pub media_type: String,
}

/// A dossier moved from one status to another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DossierStepped {
    /// Which step was taken.
    pub step: Step,
    /// When.
    pub at: Moment,
    /// What it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// The job of the paper that it prints, where it prints one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<JobId>,
}

/// What stands on a dossier was put right, or another authority decides. The sealed part says who hands it in, and why it was
/// amended. What is not among `amends` stays as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DossierAmended {
    /// The event that it puts right: the acceptance, or the amendment before this one.
    pub of: EventId,
    /// What was put right.
    pub amends: Vec<Amends>,
    /// What was handed in.
    pub papers: Vec<PaperTaken>,
    /// Number of sets.
    pub sets: u16,
    /// To whom it is sent to be decided.
    pub agency: AgencyCode,
    /// The authority that decides.
    pub authority: Option<AuthorityId>,
    /// When it was amended.
    pub at: Moment,
    /// The job of the receipt that is given anew, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip: Option<JobId>,
    /// What was written of the dossier before, where it goes to an authority that has not heard of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Told>,
}

/// Officers agreed on what had not fitted together; how, stands in the sealed part.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ConflictSettled {
    /// The event that could not be followed.
    pub event: EventId,
}

/// Money was taken for a dossier.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FeeTaken {
    /// The receipt's number.
    pub receipt: ReceiptNo,
    /// How much.
    pub amount: Dong,
    /// How it came in.
    pub by: PaidBy,
    /// At which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
    /// The job of the printed receipt.
    pub job: JobId,
}

/// A transfer that was announced has arrived.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FeeConfirmed {
    /// Of which receipt.
    pub receipt: ReceiptNo,
    /// When it was found to be there.
    pub at: Moment,
}

/// Money was given back; why stands in the sealed part.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FeeRefunded {
    /// Of which receipt.
    pub receipt: ReceiptNo,
    /// At which desk.
    pub desk: Desk,
    /// When.
    pub at: Moment,
}

/// A dossier's papers were handed over: to the authority that decides, or with the result back to where it was taken in. The
/// dossiers of one record are those that name its number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PapersSent {
    /// The record on which they stand.
    pub manifest: ManifestNo,
    /// From where.
    pub from: SiteCode,
    /// To whom.
    pub to: Office,
    /// How many sheets were counted.
    pub sheets: u32,
    /// When.
    pub at: Moment,
}

/// A dossier's papers came.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PapersReceived {
    /// To whom they were sent.
    pub to: Office,
    /// When.
    pub at: Moment,
}

/// The till of a desk was counted at the end of the day.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TillClosed {
    /// Which desk.
    pub desk: Desk,
    /// Of which day.
    pub day: Date,
    /// How many receipts were given.
    pub receipts: u32,
    /// The cash that should be there.
    pub expected: Dong,
    /// The cash that was counted.
    pub counted: Dong,
    /// Transfers that arrived.
    pub transfers: Dong,
    /// Transfers that have not.
    pub announced: Dong,
    /// When it was counted.
    pub at: Moment,
}

/// The centre leased a block of an agency's numbers of one day to one station.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CodesLeased {
    /// Whose numbers.
    pub agency: AgencyCode,
    /// Of which day.
    pub day: Date,
    /// The first number.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// To whom.
    pub to: StationId,
}

/// A kiosk whose disk was put back left out the numbers that it may have given in the time that is missing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NumbersLeftOut {
    /// The kiosk's letters.
    pub prefix: String,
    /// Of which day.
    pub day: Date,
    /// Up to and with this number.
    pub through: u32,
    /// In which life of the disk: once each.
    pub life: Incarnation,
}

/// A station whose disk was put back gave up the numbers of which it cannot know whether it had used them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CodesGivenUp {
    /// Whose numbers.
    pub agency: AgencyCode,
    /// Of which day.
    pub day: Date,
    /// The numbers.
    pub sequences: Vec<u32>,
}

/// The keys of a person's records were destroyed; the chain stays whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GrantsDestroyed {
    /// Whose records: the text of a subject.
    pub subject: String,
    /// By whose order.
    pub order: String,
}

/// A station's clock was found behind its own log.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ClockFoundBehind {
    /// By how much, in milliseconds.
    pub behind_ms: i64,
}

/// The centre published a setting.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SettingPublished {
    /// Its version.
    pub version: String,
    /// From when it counts.
    pub from: Moment,
    /// The setting itself, as text.
    pub body: String,
}
