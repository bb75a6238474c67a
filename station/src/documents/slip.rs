//! The receipt (Giấy tiếp nhận hồ sơ và hẹn trả kết quả): its data, and the two ways to make it.

use std::fmt;

use intake::catalogue::FormSet;
use intake::fee::{Channel, Dong};
use intake::moment::Moment;
use unicode_normalization::UnicodeNormalization;

use super::form::FormKind;
use super::heading::{Heading, foots};
use super::language::Language;
use super::{DocumentFault, picture, slip_page};

/// A receipt's code begins its QR text with the format and its version.
const RECEIPT_PREFIX: &str = "MR1:";

/// The code that a receipt carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SlipCode {
    /// The official one.
    Official(String),
    /// One that stands for the official one until that is assigned.
    Temporary(String),
}

impl SlipCode {
    /// The code as text.
    pub fn text(&self) -> &str {
        match self {
            SlipCode::Official(code) | SlipCode::Temporary(code) => code,
        }
    }
}

/// Somebody on the receipt. What is not known stays empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Full name.
    pub name: String,
    /// The personal number, in full or masked: the caller decides.
    pub number: String,
    /// Where they live.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Email.
    pub email: String,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Party(…)")
    }
}

/// A paper that was handed in, with its counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlipPaper {
    /// Its name.
    pub name: String,
    /// Originals (bản chính).
    pub original: u16,
    /// Certified copies (bản chứng thực).
    pub certified: u16,
    /// Plain copies (bản photo).
    pub copies: u16,
}

/// A receipt that stands for an earlier one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reissue {
    /// Which one it is, from 1.
    pub number: u16,
    /// When the one that it stands for was given.
    pub replaces: Moment,
    /// When this one is given: the paper's own day.
    pub at: Moment,
}

/// What a receipt says, in Vietnamese as it is printed.
#[derive(Clone, PartialEq, Debug)]
pub struct SlipData {
    /// The unit above, such as `UBND THÀNH PHỐ HÀ NỘI`.
    pub parent_unit: String,
    /// The unit that gives the receipt.
    pub unit: String,
    /// The place before the date, such as `Hà Nội`.
    pub place: String,
    /// The dossier's code.
    pub code: SlipCode,
    /// A few characters that tie the paper to its record (such as the head of the record's hash), for the QR code.
    pub check: String,
    /// Where it was taken in (nơi tiếp nhận): site and desk.
    pub received_by: String,
    /// Who handed it in.
    pub applicant: Party,
    /// How it came in.
    pub channel: Channel,
    /// Whose dossier it is (chủ hồ sơ), where that is somebody else.
    pub owner: Option<Party>,
    /// The procedure's code.
    pub procedure_code: String,
    /// The procedure's name.
    pub procedure_name: String,
    /// What was handed in.
    pub papers: Vec<SlipPaper>,
    /// Number of sets (số bộ).
    pub sets: u16,
    /// The time limit as the rule puts it, such as `03 ngày làm việc`; none where it is not known.
    pub time_limit: Option<String>,
    /// Whether the procedure has its result at once, so that the paper is given only because it was asked for.
    pub instant: bool,
    /// When it was accepted.
    pub received_at: Moment,
    /// When the result is promised; none where nobody can say.
    pub due: Option<Moment>,
    /// The fee; none where it is not known.
    pub fee: Option<Dong>,
    /// Whether the fee was paid.
    pub fee_paid: bool,
    /// The table of working days with which the promise was reckoned.
    pub calendar: String,
    /// Where the dossier's state can be looked up.
    pub look_up: String,
    /// Whom to call.
    pub hotline: String,
    /// How the result comes to the citizen; none where that was not settled.
    pub result_by: Option<String>,
    /// The officer's name.
    pub officer: String,
    /// Whose forms: those of the procedure.
    pub form_set: FormSet,
    /// Which languages it speaks.
    pub language: Language,
    /// The earlier receipt that this one stands for, after a correction.
    pub reissue: Option<Reissue>,
}

impl SlipData {
    /// What the QR code says.
    pub fn qr_text(&self) -> String {
        qr_text(&self.code, &self.check)
    }

    pub(super) fn heading(&self) -> Heading {
        Heading {
            parent_unit: self.parent_unit.clone(),
            unit: self.unit.clone(),
            place: self.place.clone(),
            at: self.reissue.map_or(self.received_at, |again| again.at),
            set: self.form_set,
            language: self.language,
        }
    }
}

/// What the QR code of a dossier's paper says: `MR1:<code>:<check>`. Scanners guess the encoding of anything but ASCII, so a
/// temporary code stands there without its marks.
pub(super) fn qr_text(code: &SlipCode, check: &str) -> String {
    let code: String = code.text().nfd().filter(char::is_ascii).collect();
    format!("{RECEIPT_PREFIX}{code}:{check}")
}

/// The receipt as PDF, A5, with its text searchable. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn slip_pdf(data: &SlipData) -> Result<Vec<u8>, DocumentFault> {
    let heading = data.heading();
    let form = heading.form(FormKind::Receipt)?;
    heading.finish(slip_page::flow(data, &heading, form)?, form, data.code.text())
}

/// The receipt as PNG, 800 pixels wide, its pages below one another: for the counter's screen.
///
/// # Errors
/// [`DocumentFault`].
pub fn slip_png(data: &SlipData) -> Result<Vec<u8>, DocumentFault> {
    let heading = data.heading();
    let form = heading.form(FormKind::Receipt)?;
    let mut pages = slip_page::flow(data, &heading, form)?.pages;
    foots(&mut pages, form)?;
    picture::draw(&pages)
}
