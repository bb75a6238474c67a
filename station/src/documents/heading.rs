//! What all forms have in common: the head with its units and the motto, the dossier with its code, signatures, the foot.

use std::fmt;

use intake::catalogue::FormSet;
use intake::moment::Moment;

use super::face::Weight::{Bold, Regular};
use super::flow::{Beside, Flow, HEAD, HEAD_STRONG, NOTE, STRONG, bottom_mm, full, or_none, wrapped};
use super::form::{Form, FormKind, Forms};
use super::language::{Language, Words, long_day};
use super::page::{Anchor, Column, Mark, Page, Sheet, Type};
use super::qr::{Modules, QUIET_MODULES};
use super::slip::{Party, SlipCode, SlipPaper, qr_text};
use super::table::{Head, RULE_MM, Table};
use super::{DocumentFault, pdf};

const TITLE: Type = Type::new(Bold, 12.0);
const CODE: Type = Type::new(Bold, 10.0);
const QR_EDGE_MM: f32 = 22.0;
const SIGNATURE_MM: f32 = 14.0;
/// The left unit's share of the head: 54 of an A5's 130 mm.
const LEFT_SHARE: f32 = 54.0 / 130.0;
/// Between two signatures.
const GUTTER_MM: f32 = 4.0;

/// Who makes a paper, when, and by whose forms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// The unit above, such as `UBND THÀNH PHỐ HÀ NỘI`.
    pub parent_unit: String,
    /// The unit that makes the paper.
    pub unit: String,
    /// The place before the date, such as `Hà Nội`.
    pub place: String,
    /// When it is made: its day is printed, and tells which form holds.
    pub at: Moment,
    /// Whose forms: those of the procedure.
    pub set: FormSet,
    /// Which languages it speaks.
    pub language: Language,
}

/// The dossier that a paper is about.
#[derive(Clone, PartialEq, Eq)]
pub struct AboutDossier {
    /// Its code.
    pub code: SlipCode,
    /// The few characters that tie papers to the record, for the QR code: those of the receipt.
    pub check: String,
    /// Whose it is (chủ hồ sơ).
    pub owner: Party,
    /// The procedure's name (nội dung yêu cầu giải quyết).
    pub procedure_name: String,
    /// The procedure's code.
    pub procedure_code: String,
}

impl fmt::Debug for AboutDossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AboutDossier({})", self.code.text())
    }
}

/// Who signs: the role in Vietnamese and English, and the name below. Where the role is empty, nobody does.
pub(super) type Signature<'a> = (Words<'a>, &'a str);

impl Heading {
    /// The form of that kind that holds for this paper.
    pub(super) fn form(&self, kind: FormKind) -> Result<&'static Form, DocumentFault> {
        Forms::embedded()?.on(kind, self.set, self.at.day())
    }

    /// Pages whose first one has this head.
    pub(super) fn begin(&self, sheet: Sheet, continued: String) -> Result<Flow, DocumentFault> {
        let mut flow = Flow::new(sheet, self.language, continued);
        letterhead(&mut flow, self)?;
        Ok(flow)
    }

    /// The document of these pages, each with its foot.
    pub(super) fn finish(&self, flow: Flow, form: &Form, name: &str) -> Result<Vec<u8>, DocumentFault> {
        let mut pages = flow.pages;
        foots(&mut pages, form)?;
        pdf::write(&pages, &format!("{} {name}", form.title), self.at)
    }
}

fn letterhead(flow: &mut Flow, heading: &Heading) -> Result<(), DocumentFault> {
    let full = flow.full();
    let left = Column { width_mm: full.width_mm * LEFT_SHARE, ..full };
    let gap_mm = left.width_mm + 2.0;
    let right = Column { x_mm: full.x_mm + gap_mm, width_mm: full.width_mm - gap_mm };
    let top_mm = flow.y_mm;
    let page = flow.page();
    let y_mm = page.head(&heading.parent_unit, HEAD, left, top_mm)?;
    let left_mm = page.head(&heading.unit, HEAD_STRONG, left, y_mm)?;
    short_rule(page, left, left_mm, 20.0);
    let y_mm = page.place("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD_STRONG, right, top_mm, Anchor::Center)?;
    let right_mm = page.place("Độc lập - Tự do - Hạnh phúc", HEAD_STRONG, right, y_mm, Anchor::Center)?;
    short_rule(page, right, right_mm, 34.0);
    let dated = format!("{}, {}", heading.place, long_day(heading.at));
    let y_mm = page.place(&dated, HEAD, right, right_mm + 1.5, Anchor::Center)?;
    flow.y_mm = y_mm.max(left_mm + 1.5) + 2.5;
    Ok(())
}

fn short_rule(page: &mut Page, column: Column, y_mm: f32, width_mm: f32) {
    let x_mm = column.x_mm + (column.width_mm - width_mm) / 2.0;
    page.rule(Column { x_mm, width_mm }, y_mm + 0.4, RULE_MM);
}

/// The form's title, and below it lines such as the code.
pub(super) fn title(flow: &mut Flow, form: &Form, below: &[&str]) -> Result<(), DocumentFault> {
    let (full, english) = (flow.full(), flow.language.is_english());
    let mut y_mm = flow.y_mm;
    let page = flow.page();
    y_mm = page.head(&form.title, TITLE, full, y_mm)?;
    if english {
        y_mm = page.head(&form.title_en, HEAD, full, y_mm)?;
    }
    for text in below {
        y_mm = page.head(text, CODE, full, y_mm)?;
    }
    flow.y_mm = y_mm + 1.5;
    Ok(())
}

/// The line with a dossier's code, as it stands below a title.
pub(super) fn code_line(language: Language, code: &SlipCode) -> String {
    format!("{}: {}", language.label(("Mã hồ sơ", "Dossier code")), code.text())
}

/// What begins the pages behind a dossier's first one.
pub(super) fn continued(code: &SlipCode) -> String {
    format!("Mã hồ sơ: {} (tiếp theo)", code.text())
}

/// The code stands right of the fields, with its quiet zone free of text.
pub(super) fn code_beside(flow: &mut Flow, text: &str) -> Result<(), DocumentFault> {
    let (full, modules) = (flow.full(), Modules::of(text)?);
    let quiet_mm = quiet_mm(QR_EDGE_MM, &modules);
    let (x_mm, y_mm) = (full.x_mm + full.width_mm - QR_EDGE_MM, flow.y_mm + 1.0);
    flow.page().marks.push(Mark::Qr { x_mm, y_mm, edge_mm: QR_EDGE_MM, modules });
    flow.beside =
        Some(Beside { width_mm: full.width_mm - QR_EDGE_MM - quiet_mm, until_mm: y_mm + QR_EDGE_MM + quiet_mm });
    Ok(())
}

/// How wide the quiet zone of a code is.
pub(super) fn quiet_mm(edge_mm: f32, modules: &Modules) -> f32 {
    edge_mm * QUIET_MODULES as f32 / modules.edge() as f32
}

/// The title with the code, and beside the code what the dossier is about.
pub(super) fn about(flow: &mut Flow, form: &Form, dossier: &AboutDossier) -> Result<(), DocumentFault> {
    let code = code_line(flow.language, &dossier.code);
    title(flow, form, &[&code])?;
    code_beside(flow, &qr_text(&dossier.code, &dossier.check))?;
    owner(flow, dossier)?;
    flow.clear_beside();
    Ok(())
}

/// Whose dossier it is and what it asks for.
pub(super) fn owner(flow: &mut Flow, dossier: &AboutDossier) -> Result<(), DocumentFault> {
    flow.strong_field(("Chủ hồ sơ", "Dossier of"), &dossier.owner.name)?;
    procedure(flow, &dossier.procedure_name, &dossier.procedure_code)?;
    party(flow, &dossier.owner)
}

/// What is asked for.
pub(super) fn procedure(flow: &mut Flow, name: &str, code: &str) -> Result<(), DocumentFault> {
    let label = format!("{}:", flow.label(("Nội dung yêu cầu giải quyết", "Procedure")));
    let code = format!("({} {code})", flow.label(("mã thủ tục", "code")));
    flow.line(&[(Regular, &label), (Bold, or_none(name)), (Regular, &code)])
}

/// Somebody's number, address, telephone and email.
pub(super) fn party(flow: &mut Flow, party: &Party) -> Result<(), DocumentFault> {
    flow.field(("Số căn cước/hộ chiếu", "Identity card or passport no."), &party.number)?;
    flow.field(("Địa chỉ", "Address"), &party.address)?;
    let phone = flow.label(("Điện thoại", "Phone"));
    let text = format!("{phone}: {}; email: {}", or_none(&party.phone), or_none(&party.email));
    flow.line(&[(Regular, &text)])
}

/// A dossier's papers with their counts.
pub(super) fn papers(flow: &mut Flow, papers: &[SlipPaper]) -> Result<(), DocumentFault> {
    if papers.is_empty() {
        return flow.field(("Thành phần hồ sơ nộp", "Papers"), "không có giấy tờ");
    }
    let label = format!("{}:", flow.label(("Thành phần hồ sơ nộp gồm", "Papers handed in")));
    flow.line(&[(Regular, &label)])?;
    let heads = [
        Head::center(8.0, ("TT", "TT")),
        Head::left(77.0, ("Thành phần hồ sơ", "Paper")),
        Head::center(14.0, ("Bản chính", "original")),
        Head::center(17.0, ("Bản chứng thực", "certified")),
        Head::center(14.0, ("Bản photo", "copies")),
    ];
    let mut table = Table::begin(flow, heads)?;
    for (index, paper) in papers.iter().enumerate() {
        let count = |count: u16| if count == 0 { String::new() } else { format!("{count:02}") };
        let counts = [paper.original, paper.certified, paper.copies].map(count);
        let [original, certified, copies] = counts.each_ref().map(String::as_str);
        table.row(flow, [&(index + 1).to_string(), &paper.name, original, certified, copies])?;
    }
    table.end(flow);
    Ok(())
}

/// Where people sign, side by side.
pub(super) fn signatures<const N: usize>(flow: &mut Flow, sides: [Signature<'_>; N]) -> Result<(), DocumentFault> {
    let (full, language) = (flow.full(), flow.language);
    let (each_mm, width_mm) = (full.width_mm / N as f32, full.width_mm / N as f32 - GUTTER_MM);
    let hint = format!("({})", language.label(("Ký và ghi rõ họ tên", "signature, full name")));
    let mut lines = 0;
    for ((role, _), name) in sides {
        let name_lines = wrapped(Bold, name, STRONG.size_pt, width_mm)?.len();
        lines = lines.max(name_lines + wrapped(Bold, role, STRONG.size_pt, width_mm)?.len());
    }
    flow.room(SIGNATURE_MM + (lines + 3) as f32 * STRONG.line_mm())?;
    let (top_mm, page) = (flow.y_mm + 1.5, flow.page());
    let mut below_mm = top_mm;
    for (at, ((vi, en), name)) in sides.into_iter().enumerate().filter(|(_, ((vi, _), _))| !vi.is_empty()) {
        let column = Column { x_mm: full.x_mm + at as f32 * each_mm + GUTTER_MM / 2.0, width_mm };
        let mut y_mm = page.head(vi, STRONG, column, top_mm)?;
        if language.is_english() {
            y_mm = page.head(en, HEAD, column, y_mm)?;
        }
        let y_mm = page.head(&hint, HEAD, column, y_mm)?;
        below_mm = below_mm.max(page.head(name, STRONG, column, y_mm + SIGNATURE_MM)?);
    }
    flow.y_mm = below_mm;
    Ok(())
}

/// At the foot of each page: which form it is, and which page.
pub(super) fn foots(pages: &mut [Page], form: &Form) -> Result<(), DocumentFault> {
    let (count, text) = (pages.len(), form.foot());
    let number_mm = NOTE.weight.face()?.width_mm(&format!("Trang {count}/{count}"), NOTE.size_pt) + 1.0;
    for (index, page) in pages.iter_mut().enumerate() {
        let (full, bottom_mm) = (full(page.sheet), bottom_mm(page.sheet));
        let wide = Column { width_mm: full.width_mm - number_mm, ..full };
        let narrow = Column { x_mm: full.x_mm + wide.width_mm, width_mm: number_mm };
        page.rule(full, bottom_mm + 2.0, RULE_MM);
        page.place(&text, NOTE, wide, bottom_mm + 2.8, Anchor::Left)?;
        page.place(&format!("Trang {}/{count}", index + 1), NOTE, narrow, bottom_mm + 2.8, Anchor::Right)?;
    }
    Ok(())
}
