//! The receipt's layout.

use intake::fee::Channel;
use intake::moment::Moment;

use super::DocumentFault;
use super::face::Weight::{Bold, Regular};
use super::form::Form;
use super::page::{Anchor, Column, HEIGHT_MM, Mark, Page, Span, Type, WIDTH_MM, lines};
use super::qr::{Modules, QUIET_MODULES};
use super::slip::{Party, SlipCode, SlipData, SlipPaper};

const MARGIN_MM: f32 = 9.0;
const BOTTOM_MM: f32 = HEIGHT_MM - 14.0;
const FULL: Column = Column { x_mm: MARGIN_MM, width_mm: WIDTH_MM - 2.0 * MARGIN_MM };
const LEFT_HEAD: Column = Column { x_mm: MARGIN_MM, width_mm: 54.0 };
const RIGHT_HEAD: Column = Column { x_mm: MARGIN_MM + 56.0, width_mm: FULL.width_mm - 56.0 };
const LEFT_HALF: Column = Column { x_mm: MARGIN_MM, width_mm: FULL.width_mm / 2.0 };
const RIGHT_HALF: Column = Column { x_mm: MARGIN_MM + FULL.width_mm / 2.0, width_mm: FULL.width_mm / 2.0 };

const BODY: Type = Type::new(Regular, 8.5);
const STRONG: Type = Type::new(Bold, 8.5);
const HEAD: Type = Type::new(Regular, 8.0);
const HEAD_STRONG: Type = Type::new(Bold, 8.0);
const TITLE: Type = Type::new(Bold, 12.0);
const NOTE: Type = Type::new(Regular, 6.5);

const QR_EDGE_MM: f32 = 22.0;
const RULE_MM: f32 = 0.2;
const SIGNATURE_MM: f32 = 14.0;
const CELL_PAD_MM: f32 = 0.7;

const UNKNOWN: &str = "hỏi cán bộ";
const NONE: &str = "–";

/// The receipt's pages.
pub(super) fn pages(data: &SlipData, form: &Form) -> Result<Vec<Page>, DocumentFault> {
    let mut flow = Flow { pages: vec![Page::default()], y_mm: MARGIN_MM, data, beside: None };
    head(&mut flow)?;
    title(&mut flow, form)?;
    fields(&mut flow, form)?;
    papers(&mut flow)?;
    promise(&mut flow)?;
    signatures(&mut flow)?;
    footers(&mut flow.pages, form)?;
    Ok(flow.pages)
}

fn head(flow: &mut Flow<'_>) -> Result<(), DocumentFault> {
    let (data, top_mm) = (flow.data, flow.y_mm);
    let page = flow.page();
    let y_mm = page.place(&data.parent_unit, HEAD, LEFT_HEAD, top_mm, Anchor::Center)?;
    let left_mm = page.place(&data.unit, HEAD_STRONG, LEFT_HEAD, y_mm, Anchor::Center)?;
    short_rule(page, LEFT_HEAD, left_mm, 20.0);
    let y_mm = page.place("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD_STRONG, RIGHT_HEAD, top_mm, Anchor::Center)?;
    let right_mm = page.place("Độc lập - Tự do - Hạnh phúc", HEAD_STRONG, RIGHT_HEAD, y_mm, Anchor::Center)?;
    short_rule(page, RIGHT_HEAD, right_mm, 34.0);
    let dated = format!("{}, {}", data.place, long_day(data.received_at));
    let y_mm = page.place(&dated, HEAD, RIGHT_HEAD, right_mm + 1.5, Anchor::Center)?;
    flow.y_mm = y_mm.max(left_mm + 1.5) + 1.5;
    Ok(())
}

fn title(flow: &mut Flow<'_>, form: &Form) -> Result<(), DocumentFault> {
    let y_mm = flow.y_mm;
    let code = format!("Mã hồ sơ: {}", flow.data.code.text());
    let page = flow.page();
    let y_mm = page.place(&form.title, TITLE, FULL, y_mm, Anchor::Center)?;
    flow.y_mm = page.place(&code, Type::new(Bold, 10.0), FULL, y_mm, Anchor::Center)? + 1.0;
    Ok(())
}

fn fields(flow: &mut Flow<'_>, form: &Form) -> Result<(), DocumentFault> {
    qr(flow)?;
    let data = flow.data;
    if let SlipCode::Temporary(_) = data.code {
        flow.line(&[
            (Bold, "Mã tạm thời. "),
            (Regular, "Mã hồ sơ chính thức sẽ được cấp sau và báo cho quý vị; giấy này vẫn có giá trị và vẫn tra cứu được bằng mã tạm thời."),
        ])?;
    }
    if data.instant {
        flow.line(&[(Regular, &form.instant_note)])?;
    }
    flow.field("Nơi tiếp nhận", &data.received_by)?;
    flow.line(&[(Regular, "Người nộp hồ sơ:"), (Bold, or_none(&data.applicant.name)), (Regular, channel(data.channel))])?;
    party(flow, &data.applicant)?;
    if let Some(owner) = &data.owner {
        flow.line(&[(Regular, "Chủ hồ sơ:"), (Bold, or_none(&owner.name))])?;
        party(flow, owner)?;
    }
    let code = format!("(mã thủ tục {})", data.procedure_code);
    flow.line(&[(Regular, "Nội dung yêu cầu giải quyết:"), (Bold, &data.procedure_name), (Regular, &code)])?;
    flow.clear_beside();
    Ok(())
}

/// The code stands right of the fields, with its quiet zone free of text.
fn qr(flow: &mut Flow<'_>) -> Result<(), DocumentFault> {
    let modules = Modules::of(&flow.data.qr_text())?;
    #[expect(clippy::cast_precision_loss, reason = "a code has at most 177 modules an edge")]
    let quiet_mm = QR_EDGE_MM * QUIET_MODULES as f32 / modules.edge() as f32;
    let (x_mm, y_mm) = (FULL.x_mm + FULL.width_mm - QR_EDGE_MM, flow.y_mm + 1.0);
    flow.page().marks.push(Mark::Qr { x_mm, y_mm, edge_mm: QR_EDGE_MM, modules });
    flow.beside = Some(Beside { width_mm: FULL.width_mm - QR_EDGE_MM - quiet_mm, until_mm: y_mm + QR_EDGE_MM + quiet_mm });
    Ok(())
}

fn party(flow: &mut Flow<'_>, party: &Party) -> Result<(), DocumentFault> {
    flow.field("Số căn cước/hộ chiếu", &party.number)?;
    flow.field("Địa chỉ", &party.address)?;
    let reach = [
        (Regular, "Điện thoại:"),
        (Regular, or_none(&party.phone)),
        (Regular, "    Email:"),
        (Regular, or_none(&party.email)),
    ];
    flow.line(&reach)
}

fn papers(flow: &mut Flow<'_>) -> Result<(), DocumentFault> {
    let data = flow.data;
    if data.papers.is_empty() {
        return flow.field("Thành phần hồ sơ nộp", "không có giấy tờ");
    }
    flow.line(&[(Regular, "Thành phần hồ sơ nộp gồm:")])?;
    let head = Cells::of(["TT", "Thành phần hồ sơ", "Bản chính", "Bản chứng thực", "Bản photo"].map(str::to_owned), Bold)?;
    flow.room(head.height_mm() * 3.0);
    head.draw(flow)?;
    for (index, paper) in data.papers.iter().enumerate() {
        let row = Cells::of(row(index, paper), Regular)?;
        if flow.room(row.height_mm()) {
            head.draw(flow)?;
        }
        row.draw(flow)?;
    }
    flow.y_mm += 1.0;
    Ok(())
}

fn row(index: usize, paper: &SlipPaper) -> [String; 5] {
    let count = |count: u16| if count == 0 { String::new() } else { format!("{count:02}") };
    [
        (index + 1).to_string(),
        paper.name.clone(),
        count(paper.original),
        count(paper.certified),
        count(paper.copies),
    ]
}

fn promise(flow: &mut Flow<'_>) -> Result<(), DocumentFault> {
    let data = flow.data;
    let fee = match data.fee {
        None => UNKNOWN.to_owned(),
        Some(fee) if fee.0 == 0 => "không thu".to_owned(),
        Some(fee) => format!("{fee} ({})", if data.fee_paid { "đã nộp" } else { "chưa nộp" }),
    };
    let due = data.due.map_or_else(|| UNKNOWN.to_owned(), long_time);
    let help = format!("{}; gọi {} khi cần hỗ trợ", data.look_up, data.hotline);
    flow.field("Số lượng hồ sơ", &format!("{:02} bộ", data.sets))?;
    flow.field("Thời gian giải quyết theo quy định", data.time_limit.as_deref().unwrap_or(UNKNOWN))?;
    flow.field("Thời gian nhận hồ sơ", &long_time(data.received_at))?;
    flow.line(&[(Regular, "Thời gian trả kết quả:"), (Bold, &due)])?;
    flow.field("Phí, lệ phí", &fee)?;
    flow.field("Nhận kết quả", data.result_by.as_deref().unwrap_or(UNKNOWN))?;
    flow.field("Tra cứu hồ sơ", &help)?;
    flow.note(&format!("Thời gian trả kết quả tính theo bảng ngày làm việc {}.", or_none(&data.calendar)))
}

fn signatures(flow: &mut Flow<'_>) -> Result<(), DocumentFault> {
    flow.room(SIGNATURE_MM + 5.0 * BODY.line_mm());
    let (data, top_mm) = (flow.data, flow.y_mm + 1.5);
    let page = flow.page();
    let mut bottom_mm = top_mm;
    for (column, role, name) in [
        (LEFT_HALF, "NGƯỜI NỘP HỒ SƠ", &data.applicant.name),
        (RIGHT_HALF, "NGƯỜI TIẾP NHẬN HỒ SƠ", &data.officer),
    ] {
        let y_mm = page.place(role, STRONG, column, top_mm, Anchor::Center)?;
        let y_mm = page.place("(Ký và ghi rõ họ tên)", HEAD, column, y_mm, Anchor::Center)?;
        bottom_mm = page.place(name, STRONG, column, y_mm + SIGNATURE_MM, Anchor::Center)?.max(bottom_mm);
    }
    flow.y_mm = bottom_mm;
    Ok(())
}

fn footers(pages: &mut [Page], form: &Form) -> Result<(), DocumentFault> {
    let count = pages.len();
    let wide = Column { width_mm: FULL.width_mm - 18.0, ..FULL };
    let narrow = Column { x_mm: FULL.x_mm + wide.width_mm, width_mm: 18.0 };
    let form_line = [&form.number, ", ", &form.regulation, ". ", form.layout_note.as_deref().unwrap_or_default()].concat();
    for (index, page) in pages.iter_mut().enumerate() {
        page.rule(FULL, BOTTOM_MM + 2.0, RULE_MM);
        page.place(&form_line, NOTE, wide, BOTTOM_MM + 2.8, Anchor::Left)?;
        page.place(&format!("Trang {}/{count}", index + 1), NOTE, narrow, BOTTOM_MM + 2.8, Anchor::Center)?;
    }
    Ok(())
}

/// Something at the right that text must keep clear of.
#[derive(Clone, Copy)]
struct Beside {
    width_mm: f32,
    until_mm: f32,
}

/// Pages that fill from the top.
struct Flow<'a> {
    pages: Vec<Page>,
    y_mm: f32,
    data: &'a SlipData,
    beside: Option<Beside>,
}

impl Flow<'_> {
    fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Begins a page unless `height_mm` is left on this one; tells whether it did.
    fn room(&mut self, height_mm: f32) -> bool {
        if self.y_mm + height_mm <= BOTTOM_MM {
            return false;
        }
        self.pages.push(Page::default());
        self.beside = None;
        self.y_mm = MARGIN_MM;
        let continued = format!("Mã hồ sơ: {} (tiếp theo)", self.data.code.text());
        // The heading is made of a code that is already set on the first page.
        if let Ok(y_mm) = self.page().place(&continued, HEAD_STRONG, FULL, MARGIN_MM, Anchor::Left) {
            self.y_mm = y_mm + 1.0;
        }
        true
    }

    fn field(&mut self, label: &str, value: &str) -> Result<(), DocumentFault> {
        self.line(&[(Regular, &format!("{label}: {}", or_none(value)))])
    }

    fn note(&mut self, text: &str) -> Result<(), DocumentFault> {
        self.paragraph(&[(Regular, text)], NOTE.size_pt)
    }

    fn line(&mut self, spans: &[Span<'_>]) -> Result<(), DocumentFault> {
        self.paragraph(spans, BODY.size_pt)
    }

    fn paragraph(&mut self, spans: &[Span<'_>], size_pt: f32) -> Result<(), DocumentFault> {
        let line_mm = Type::new(Regular, size_pt).line_mm();
        let (top_mm, beside) = (self.y_mm, self.beside);
        #[expect(clippy::cast_precision_loss, reason = "a paragraph has few lines")]
        let width_mm = |line: usize| match beside {
            Some(beside) if top_mm + line as f32 * line_mm < beside.until_mm => beside.width_mm,
            _ => FULL.width_mm,
        };
        for line in lines(spans, size_pt, width_mm)? {
            self.room(line_mm);
            let y_mm = self.y_mm;
            self.page().set(&line, FULL, y_mm, size_pt, Anchor::Left)?;
            self.y_mm += line_mm;
        }
        Ok(())
    }

    /// Goes below what stands at the right.
    fn clear_beside(&mut self) {
        if let Some(beside) = self.beside.take() {
            self.y_mm = self.y_mm.max(beside.until_mm);
        }
    }
}

/// A row of the table, wrapped into its columns.
struct Cells {
    lines: [Vec<super::page::Line>; 5],
    size_pt: f32,
}

impl Cells {
    const WIDTHS_MM: [f32; 5] = [8.0, 77.0, 14.0, 17.0, 14.0];

    fn of(texts: [String; 5], weight: super::face::Weight) -> Result<Cells, DocumentFault> {
        let size_pt = if weight == Bold { 7.5 } else { 8.0 };
        let mut cells = Cells { lines: Default::default(), size_pt };
        for ((into, text), width_mm) in cells.lines.iter_mut().zip(&texts).zip(Self::WIDTHS_MM) {
            *into = lines(&[(weight, text)], size_pt, |_| width_mm - 2.0 * CELL_PAD_MM)?;
        }
        Ok(cells)
    }

    #[expect(clippy::cast_precision_loss, reason = "a cell has few lines")]
    fn height_mm(&self) -> f32 {
        let most = self.lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
        most as f32 * self.line_mm() + 2.0 * CELL_PAD_MM
    }

    fn line_mm(&self) -> f32 {
        Type::new(Regular, self.size_pt).line_mm()
    }

    fn draw(&self, flow: &mut Flow<'_>) -> Result<(), DocumentFault> {
        let (top_mm, bottom_mm) = (flow.y_mm, flow.y_mm + self.height_mm());
        let page = flow.page();
        page.rule(FULL, top_mm, RULE_MM);
        page.rule(FULL, bottom_mm, RULE_MM);
        page.upright(FULL.x_mm, top_mm, bottom_mm, RULE_MM);
        let mut x_mm = FULL.x_mm;
        for (at, (cell, width_mm)) in self.lines.iter().zip(Self::WIDTHS_MM).enumerate() {
            let column = Column { x_mm: x_mm + CELL_PAD_MM, width_mm: width_mm - 2.0 * CELL_PAD_MM };
            let anchor = if at == 1 { Anchor::Left } else { Anchor::Center };
            let mut y_mm = top_mm + CELL_PAD_MM;
            for line in cell {
                page.set(line, column, y_mm, self.size_pt, anchor)?;
                y_mm += self.line_mm();
            }
            x_mm += width_mm;
            page.upright(x_mm, top_mm, bottom_mm, RULE_MM);
        }
        flow.y_mm = bottom_mm;
        Ok(())
    }
}

fn short_rule(page: &mut Page, column: Column, y_mm: f32, width_mm: f32) {
    let x_mm = column.x_mm + (column.width_mm - width_mm) / 2.0;
    page.rule(Column { x_mm, width_mm }, y_mm + 0.4, RULE_MM);
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Direct => "(nộp trực tiếp)",
        Channel::Online => "(nộp trực tuyến)",
        Channel::Post => "(nộp qua bưu chính công ích)",
    }
}

fn or_none(text: &str) -> &str {
    if text.trim().is_empty() { NONE } else { text }
}

fn long_day(at: Moment) -> String {
    at.civil().strftime("ngày %d tháng %m năm %Y").to_string()
}

fn long_time(at: Moment) -> String {
    at.civil().strftime("%H giờ %M phút, ngày %d tháng %m năm %Y").to_string()
}
