//! The book (Sổ theo dõi hồ sơ): the dossiers of a span of days, numbered from 01 without a gap.

use std::fmt;

use intake::moment::Moment;
use jiff::civil::Date;

use super::DocumentFault;
use super::flow::{Flow, or_none};
use super::form::FormKind;
use super::heading::{Heading, signatures, title};
use super::language::short_time;
use super::page::A4_WIDE;
use super::table::{Head, Table};

/// A dossier's line in the book.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterRow {
    /// Its code.
    pub code: String,
    /// The procedure's name.
    pub procedure_name: String,
    /// Number of sets (số bộ).
    pub sets: u16,
    /// Person or organisation.
    pub owner: String,
    /// Where they live, or have their seat.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// The agency in charge (cơ quan chủ trì).
    pub agency: String,
    /// When it was received.
    pub received_at: Moment,
    /// When the result is promised; none where nobody can say.
    pub due: Option<Moment>,
    /// When the result was given; none as long as it was not.
    pub returned_at: Option<Moment>,
    /// How the result comes to the citizen.
    pub result_by: String,
    /// Who signed for the result.
    pub signed_by: String,
    /// Remarks.
    pub note: String,
}

impl fmt::Debug for RegisterRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegisterRow({})", self.code)
    }
}

/// What a book holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisterData {
    /// Who keeps it; the day of printing.
    pub heading: Heading,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// The dossiers in the order in which they came.
    pub rows: Vec<RegisterRow>,
    /// Who keeps the book.
    pub keeper: String,
    /// The office of who confirms it, such as `GIÁM ĐỐC`.
    pub head_role: String,
    /// The name of who confirms it.
    pub head: String,
}

/// A book that was drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Book {
    /// Its PDF.
    pub pdf: Vec<u8>,
    /// On how many pages it stands.
    pub pages: usize,
}

/// The book as PDF, A4 lying, in time that grows with its rows. The same data gives the same bytes.
///
/// # Errors
/// [`DocumentFault`].
pub fn register_pdf(data: &RegisterData) -> Result<Book, DocumentFault> {
    let form = data.heading.form(FormKind::Register)?;
    let mut flow = data.heading.begin(A4_WIDE, String::new())?;
    let span = span(&flow, data);
    title(&mut flow, form, &[&span])?;
    rows(&mut flow, &data.rows)?;
    flow.together(|flow| {
        let count = data.rows.len();
        let all = if count == 0 { "0".to_owned() } else { format!("{count} (01 - {})", number(count - 1)) };
        flow.strong_field(("Tổng số hồ sơ", "Dossiers"), &all)?;
        let keeper = (("NGƯỜI GIỮ SỔ", "Keeper of the book"), data.keeper.as_str());
        signatures(flow, [keeper, ((&data.head_role, "Head of the unit"), &data.head)])
    })?;
    let pages = flow.pages.len();
    Ok(Book { pdf: data.heading.finish(flow, form, &span)?, pages })
}

/// From which day to which; a single day by itself.
fn span(flow: &Flow, data: &RegisterData) -> String {
    let day = |day: Date| day.strftime("%d/%m/%Y").to_string();
    let (from, until) = (day(data.from), day(data.until));
    if from == until {
        return format!("{} {from}", flow.label(("Ngày", "On")));
    }
    format!("{} {from} {} {until}", flow.label(("Từ ngày", "From")), flow.label(("đến ngày", "to")))
}

fn rows(flow: &mut Flow, rows: &[RegisterRow]) -> Result<(), DocumentFault> {
    let heads = [
        Head::center(10.0, ("TT", "TT")),
        Head::left(36.0, ("Mã hồ sơ", "Code")),
        Head::left(34.0, ("Tên thủ tục hành chính", "Procedure")),
        Head::center(9.0, ("Số bộ", "Sets")),
        Head::left(28.0, ("Tên tổ chức, cá nhân", "Name")),
        Head::left(34.0, ("Địa chỉ, điện thoại", "Address, phone")),
        Head::left(23.0, ("Cơ quan chủ trì", "Agency")),
        Head::center(18.0, ("Ngày nhận", "Received")),
        Head::center(18.0, ("Ngày hẹn trả", "Due")),
        Head::center(18.0, ("Ngày trả", "Given")),
        Head::left(17.0, ("Phương thức nhận kết quả", "By")),
        Head::left(14.0, ("Ký nhận", "Signed")),
        Head::left(20.0, ("Ghi chú", "Remarks")),
    ];
    let mut table = Table::dense(flow, heads)?;
    let time = |at: Option<Moment>| at.map(short_time).unwrap_or_default();
    for (index, row) in rows.iter().enumerate() {
        let cells = [
            &number(index),
            or_none(&row.code),
            &row.procedure_name,
            &format!("{:02}", row.sets),
            &row.owner,
            &format!("{}\n{}", row.address, row.phone),
            &row.agency,
            &short_time(row.received_at),
            &time(row.due),
            &time(row.returned_at),
            &row.result_by,
            &row.signed_by,
            &row.note,
        ];
        table.row(flow, cells)?;
    }
    table.end(flow);
    Ok(())
}

/// The number of a line: `01`, `02`, … `100`.
fn number(index: usize) -> String {
    format!("{:02}", index + 1)
}
