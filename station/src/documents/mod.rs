//! What citizens carry home: the ticket's page, the receipt as PDF and as a picture, and QR codes.
//!
//! A page is laid out once, as marks in millimetres (`page`); the PDF and the picture draw the same marks. Every document
//! is a pure function of its data: made again after a crash, it has the same bytes.

mod face;
mod flow;
mod form;
mod page;
mod pdf;
mod picture;
mod qr;
mod slip;
mod slip_page;
mod subset;
mod ticket;

pub use form::{Form, Forms};
pub use qr::{CarriedFault, carried_to_text, qr_png, qr_svg, text_to_carried};
pub use slip::{Party, SlipCode, SlipData, SlipPaper, slip_pdf, slip_png};
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
    /// No form holds on that day.
    #[error("no receipt form holds on {0}")]
    NoForm(Date),
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
