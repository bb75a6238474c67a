//! Paper: the ticket's page, the forms of the one-stop procedure as PDF (docs/forms.md), and QR codes.
//!
//! A page is laid out once, as marks in millimetres (`page`); the PDF and the picture draw the same marks. Every document
//! is a pure function of its data: made again after a crash, it has the same bytes.

mod apology;
mod control;
mod face;
mod fee_receipt;
mod flow;
mod form;
mod handover;
mod heading;
mod language;
mod page;
mod pdf;
mod picture;
mod qr;
mod refusal;
mod register;
mod slip;
mod slip_page;
mod subset;
mod supplement;
mod table;
mod ticket;

pub use apology::{ApologyData, apology_pdf};
pub use control::{ControlData, ControlStep, StepOutcome, control_pdf};
pub use fee_receipt::{FeeCopy, FeeKind, FeeReceiptData, Payment, fee_receipt_pdf};
pub use form::{Form, FormKind, Forms};
pub use handover::{Handover, HandoverRow, HandoverSide, ResultRow, handover_pdf, results_handover_pdf};
pub use heading::{AboutDossier, Heading};
pub use language::Language;
pub use qr::{CarriedFault, carried_to_text, qr_png, qr_svg, text_to_carried};
pub use refusal::{RefusalData, Refused, refusal_pdf};
pub use register::{Book, RegisterData, RegisterRow, register_pdf};
pub use slip::{Party, Reissue, SlipCode, SlipData, SlipPaper, slip_pdf, slip_png};
pub use supplement::{SupplementData, SupplementPaper, supplement_pdf};
pub use ticket::{TicketSlip, ticket_paper};

use jiff::civil::Date;

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentFault {
    /// A font file in the program is not what it should be.
    #[error("the font cannot be read: {0}")]
    Font(&'static str),
    /// The table of forms cannot be read.
    #[error("the table of forms: {0}")]
    Forms(String),
    /// No form of that kind holds on that day.
    #[error("no form for a {kind} holds on {day}")]
    NoForm {
        /// What paper.
        kind: FormKind,
        /// The day of the paper.
        day: Date,
    },
    /// No QR code holds that much text.
    #[error("a text of {length} bytes does not fit a QR code")]
    QrTooLong {
        /// The text's length in bytes.
        length: usize,
    },
    /// A picture cannot be written.
    #[error("the picture cannot be written: {0}")]
    Picture(String),
    /// A PDF cannot be written.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
}
