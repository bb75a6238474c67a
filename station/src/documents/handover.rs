//! Who gave which dossiers, or which results, to whom (Biên bản bàn giao).

use std::fmt;

use super::DocumentFault;
use super::flow::{Flow, or_none};
use super::form::{Form, FormKind};
use super::heading::{Heading, code_beside, signatures, title};
use super::page::{A4, A4_WIDE, Sheet};
use super::table::{Head, Table};

/// One side of a hand-over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandoverSide {
    /// The unit.
    pub unit: String,
    /// The name of who gives or takes.
    pub person: String,
    /// Telephone.
    pub phone: String,
}

/// What both kinds of hand-over begin with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handover {
    /// Who makes the paper, and when things change hands.
    pub heading: Heading,
    /// Its number.
    pub number: String,
    /// What its QR code says; empty for none.
    pub qr_text: String,
    /// Who gives.
    pub from: HandoverSide,
    /// Who takes.
    pub to: HandoverSide,
    /// Remarks; may be empty.
    pub note: String,
}

/// A dossier that changes hands.
#[derive(Clone, PartialEq, Eq)]
pub struct HandoverRow {
    /// Its code.
    pub code: String,
    /// What it asks for.
    pub procedure_name: String,
    /// Whose it is.
    pub owner: String,
    /// Number of sheets (số tờ).
    pub pages: u32,
    /// The number of its bag.
    pub bag: String,
    /// Remarks.
    pub note: String,
}

impl fmt::Debug for HandoverRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandoverRow({})", self.code)
    }
}

/// A result that changes hands.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultRow {
    /// The dossier's code.
    pub code: String,
    /// What it asked for.
    pub procedure_name: String,
    /// What came of it.
    pub result: String,
    /// Whose it is.
    pub owner: String,
    /// Where they live.
    pub address: String,
    /// Whether a fee is still to be taken.
    pub fee: bool,
    /// Whether it goes out by post.
    pub post: bool,
    /// Remarks.
    pub note: String,
}

impl fmt::Debug for ResultRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResultRow({})", self.code)
    }
}

/// A hand-over of dossiers as PDF, A4. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn handover_pdf(handover: &Handover, rows: &[HandoverRow]) -> Result<Vec<u8>, DocumentFault> {
    let form = handover.heading.form(FormKind::Handover)?;
    let mut flow = begin(handover, form, A4)?;
    let heads = [
        Head::center(10.0, ("TT", "TT")),
        Head::left(41.0, ("Mã hồ sơ", "Dossier code")),
        Head::left(51.0, ("Nội dung", "Procedure")),
        Head::left(40.0, ("Chủ hồ sơ", "Dossier of")),
        Head::center(14.0, ("Số tờ", "Sheets")),
        Head::center(16.0, ("Túi số", "Bag")),
        Head::left(20.0, ("Ghi chú", "Remarks")),
    ];
    let mut table = Table::begin(&mut flow, heads)?;
    for (index, row) in rows.iter().enumerate() {
        let (number, pages) = (format!("{:02}", index + 1), row.pages.to_string());
        let cells = [&number, or_none(&row.code), &row.procedure_name, &row.owner, &pages, &row.bag, &row.note];
        table.row(&mut flow, cells)?;
    }
    table.end(&mut flow);
    let sheets: u64 = rows.iter().map(|row| u64::from(row.pages)).sum();
    let mut bags: Vec<&str> = rows.iter().map(|row| row.bag.trim()).filter(|bag| !bag.is_empty()).collect();
    bags.sort_unstable();
    bags.dedup();
    let in_bags = if bags.is_empty() { String::new() } else { format!(", {} túi", bags.len()) };
    let total = format!("{} hồ sơ, {sheets} tờ{in_bags}", rows.len());
    end(&mut flow, handover, &total)?;
    handover.heading.finish(flow, form, &handover.number)
}

/// A hand-over of results as PDF, A4 lying. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn results_handover_pdf(handover: &Handover, rows: &[ResultRow]) -> Result<Vec<u8>, DocumentFault> {
    let form = handover.heading.form(FormKind::ResultsHandover)?;
    let mut flow = begin(handover, form, A4_WIDE)?;
    let heads = [
        Head::center(10.0, ("TT", "TT")),
        Head::left(41.0, ("Mã hồ sơ", "Dossier code")),
        Head::left(56.0, ("Nội dung", "Procedure")),
        Head::left(40.0, ("Kết quả", "Result")),
        Head::left(40.0, ("Chủ hồ sơ", "Dossier of")),
        Head::left(46.0, ("Địa chỉ", "Address")),
        Head::center(11.0, ("Thu phí", "Fee")),
        Head::center(13.0, ("Bưu chính", "Post")),
        Head::left(22.0, ("Ghi chú", "Remarks")),
    ];
    let mut table = Table::begin(&mut flow, heads)?;
    let cross = |yes: bool| if yes { "X" } else { "" };
    for (index, row) in rows.iter().enumerate() {
        let number = format!("{:02}", index + 1);
        let (code, fee, post) = (or_none(&row.code), cross(row.fee), cross(row.post));
        let cells = [&number, code, &row.procedure_name, &row.result, &row.owner, &row.address, fee, post, &row.note];
        table.row(&mut flow, cells)?;
    }
    table.end(&mut flow);
    end(&mut flow, handover, &format!("{} kết quả", rows.len()))?;
    handover.heading.finish(flow, form, &handover.number)
}

fn begin(handover: &Handover, form: &Form, sheet: Sheet) -> Result<Flow, DocumentFault> {
    let mut flow = handover.heading.begin(sheet, format!("{} {} (tiếp theo)", form.title, handover.number))?;
    let number = format!("{}: {}", flow.label(("Số", "No.")), or_none(&handover.number));
    title(&mut flow, form, &[&number])?;
    if !handover.qr_text.is_empty() {
        code_beside(&mut flow, &handover.qr_text)?;
    }
    let at = flow.language.long_time(handover.heading.at);
    flow.field(("Thời gian bàn giao", "Handed over on"), &at)?;
    side(&mut flow, ("Bên giao", "From"), &handover.from)?;
    side(&mut flow, ("Bên nhận", "To"), &handover.to)?;
    flow.clear_beside();
    flow.gap(1.0);
    Ok(flow)
}

fn side(flow: &mut Flow, role: (&str, &str), side: &HandoverSide) -> Result<(), DocumentFault> {
    flow.strong_field(role, &side.unit)?;
    flow.field(("Người đại diện", "Represented by"), &side.person)?;
    flow.field(("Điện thoại", "Phone"), &side.phone)
}

fn end(flow: &mut Flow, handover: &Handover, total: &str) -> Result<(), DocumentFault> {
    flow.together(|flow| {
        flow.strong_field(("Tổng số", "Total"), total)?;
        if !handover.note.trim().is_empty() {
            flow.field(("Ghi chú", "Remarks"), &handover.note)?;
        }
        flow.say((
            "Hai bên đã kiểm đếm, đối chiếu và thống nhất nội dung bàn giao trên đây.",
            "Both sides counted and compared what is listed above, and agree.",
        ))?;
        let gives = (("BÊN GIAO", "Handed over by"), handover.from.person.as_str());
        signatures(flow, [gives, (("BÊN NHẬN", "Taken over by"), &handover.to.person)])
    })
}
