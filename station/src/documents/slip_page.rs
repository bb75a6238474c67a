//! The receipt's layout.

use intake::fee::Channel;
use intake::moment::Moment;

use super::DocumentFault;
use super::face::Weight::{self, Bold, Regular};
use super::flow::{BOTTOM_MM, Beside, FULL, Flow, HEAD_STRONG, NOTE, or_none};
use super::form::Form;
use super::page::{Anchor, Column, Line, Mark, Page, Type, lines};
use super::qr::{Modules, QUIET_MODULES};
use super::slip::{Party, SlipCode, SlipData, SlipPaper};

const LEFT_HEAD: Column = Column { x_mm: FULL.x_mm, width_mm: 54.0 };
const RIGHT_HEAD: Column = Column { x_mm: FULL.x_mm + 56.0, width_mm: FULL.width_mm - 56.0 };
const LEFT_HALF: Column = Column { x_mm: FULL.x_mm, width_mm: FULL.width_mm / 2.0 };
const RIGHT_HALF: Column = Column { x_mm: FULL.x_mm + FULL.width_mm / 2.0, width_mm: FULL.width_mm / 2.0 };

const STRONG: Type = Type::new(Bold, 9.0);
const HEAD: Type = Type::new(Regular, 8.0);
const TITLE: Type = Type::new(Bold, 12.0);

const QR_EDGE_MM: f32 = 22.0;
const RULE_MM: f32 = 0.2;
const SIGNATURE_MM: f32 = 14.0;
const CELL_PAD_MM: f32 = 1.0;
/// The promise and its signatures, which stay on one page.
const PROMISE_MM: f32 = 80.0;

const UNKNOWN: &str = "hỏi cán bộ";

/// The receipt's pages.
pub(super) fn pages(data: &SlipData, form: &Form) -> Result<Vec<Page>, DocumentFault> {
    let mut flow = Flow::new(format!("Mã hồ sơ: {} (tiếp theo)", data.code.text()));
    head(&mut flow, data)?;
    title(&mut flow, data, form)?;
    fields(&mut flow, data, form)?;
    papers(&mut flow, data)?;
    promise(&mut flow, data)?;
    signatures(&mut flow, data)?;
    footers(&mut flow.pages, form)?;
    Ok(flow.pages)
}

fn head(flow: &mut Flow, data: &SlipData) -> Result<(), DocumentFault> {
    let top_mm = flow.y_mm;
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

fn title(flow: &mut Flow, data: &SlipData, form: &Form) -> Result<(), DocumentFault> {
    let y_mm = flow.y_mm;
    let code = format!("Mã hồ sơ: {}", data.code.text());
    let page = flow.page();
    let y_mm = page.place(&form.title, TITLE, FULL, y_mm, Anchor::Center)?;
    flow.y_mm = page.place(&code, Type::new(Bold, 10.0), FULL, y_mm, Anchor::Center)? + 1.0;
    Ok(())
}

fn fields(flow: &mut Flow, data: &SlipData, form: &Form) -> Result<(), DocumentFault> {
    qr(flow, &data.qr_text())?;
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
    flow.line(&[
        (Regular, "Người nộp hồ sơ:"),
        (Bold, or_none(&data.applicant.name)),
        (Regular, channel(data.channel)),
    ])?;
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
fn qr(flow: &mut Flow, text: &str) -> Result<(), DocumentFault> {
    let modules = Modules::of(text)?;
    let quiet_mm = QR_EDGE_MM * QUIET_MODULES as f32 / modules.edge() as f32;
    let (x_mm, y_mm) = (FULL.x_mm + FULL.width_mm - QR_EDGE_MM, flow.y_mm + 1.0);
    flow.page().marks.push(Mark::Qr { x_mm, y_mm, edge_mm: QR_EDGE_MM, modules });
    flow.beside =
        Some(Beside { width_mm: FULL.width_mm - QR_EDGE_MM - quiet_mm, until_mm: y_mm + QR_EDGE_MM + quiet_mm });
    Ok(())
}

fn party(flow: &mut Flow, party: &Party) -> Result<(), DocumentFault> {
    flow.field("Số căn cước/hộ chiếu", &party.number)?;
    flow.field("Địa chỉ", &party.address)?;
    flow.line(&[(Regular, &format!("Điện thoại: {}; email: {}", or_none(&party.phone), or_none(&party.email)))])
}

fn papers(flow: &mut Flow, data: &SlipData) -> Result<(), DocumentFault> {
    if data.papers.is_empty() {
        return flow.field("Thành phần hồ sơ nộp", "không có giấy tờ");
    }
    flow.line(&[(Regular, "Thành phần hồ sơ nộp gồm:")])?;
    let head =
        Cells::of(["TT", "Thành phần hồ sơ", "Bản chính", "Bản chứng thực", "Bản photo"].map(str::to_owned), Bold)?;
    flow.room(head.height_mm() * 3.0)?;
    head.draw(flow)?;
    for (index, paper) in data.papers.iter().enumerate() {
        let row = Cells::of(row(index, paper), Regular)?;
        if flow.room(row.height_mm())? {
            head.draw(flow)?;
        }
        row.draw(flow)?;
    }
    flow.y_mm += 1.5;
    Ok(())
}

fn row(index: usize, paper: &SlipPaper) -> [String; 5] {
    let count = |count: u16| if count == 0 { String::new() } else { format!("{count:02}") };
    [(index + 1).to_string(), paper.name.clone(), count(paper.original), count(paper.certified), count(paper.copies)]
}

fn promise(flow: &mut Flow, data: &SlipData) -> Result<(), DocumentFault> {
    flow.room(PROMISE_MM)?;
    let fee = match data.fee {
        None if data.fee_paid => "đã nộp, số tiền theo biên lai".to_owned(),
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

fn signatures(flow: &mut Flow, data: &SlipData) -> Result<(), DocumentFault> {
    let sides =
        [(LEFT_HALF, "NGƯỜI NỘP HỒ SƠ", &data.applicant.name), (RIGHT_HALF, "NGƯỜI TIẾP NHẬN HỒ SƠ", &data.officer)];
    let mut name_lines = 0;
    for (column, _, name) in sides {
        name_lines = name_lines.max(lines(&[(Bold, name)], STRONG.size_pt, |_| column.width_mm)?.len());
    }
    flow.room(SIGNATURE_MM + (name_lines + 3) as f32 * STRONG.line_mm())?;
    let top_mm = flow.y_mm + 1.5;
    let page = flow.page();
    for (column, role, name) in sides {
        let y_mm = page.place(role, STRONG, column, top_mm, Anchor::Center)?;
        let y_mm = page.place("(Ký và ghi rõ họ tên)", HEAD, column, y_mm, Anchor::Center)?;
        page.place(name, STRONG, column, y_mm + SIGNATURE_MM, Anchor::Center)?;
    }
    Ok(())
}

fn footers(pages: &mut [Page], form: &Form) -> Result<(), DocumentFault> {
    let count = pages.len();
    let wide = Column { width_mm: FULL.width_mm - 18.0, ..FULL };
    let narrow = Column { x_mm: FULL.x_mm + wide.width_mm, width_mm: 18.0 };
    let form_line =
        [&form.number, ", ", &form.regulation, ". ", form.layout_note.as_deref().unwrap_or_default()].concat();
    for (index, page) in pages.iter_mut().enumerate() {
        page.rule(FULL, BOTTOM_MM + 2.0, RULE_MM);
        page.place(&form_line, NOTE, wide, BOTTOM_MM + 2.8, Anchor::Left)?;
        page.place(&format!("Trang {}/{count}", index + 1), NOTE, narrow, BOTTOM_MM + 2.8, Anchor::Center)?;
    }
    Ok(())
}

/// A row of the table, wrapped into its columns.
struct Cells {
    lines: [Vec<Line>; 5],
    size_pt: f32,
}

impl Cells {
    const WIDTHS_MM: [f32; 5] = [8.0, 77.0, 14.0, 17.0, 14.0];

    fn of(texts: [String; 5], weight: Weight) -> Result<Cells, DocumentFault> {
        let size_pt = if weight == Bold { 7.5 } else { 8.0 };
        let mut cells = Cells { lines: Default::default(), size_pt };
        for ((into, text), width_mm) in cells.lines.iter_mut().zip(&texts).zip(Self::WIDTHS_MM) {
            *into = lines(&[(weight, text)], size_pt, |_| width_mm - 2.0 * CELL_PAD_MM)?;
        }
        Ok(cells)
    }

    fn height_mm(&self) -> f32 {
        let most = self.lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
        most as f32 * self.line_mm() + 2.0 * CELL_PAD_MM
    }

    fn line_mm(&self) -> f32 {
        Type::new(Regular, self.size_pt).line_mm()
    }

    fn draw(&self, flow: &mut Flow) -> Result<(), DocumentFault> {
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

fn long_day(at: Moment) -> String {
    at.civil().strftime("ngày %d tháng %m năm %Y").to_string()
}

fn long_time(at: Moment) -> String {
    at.civil().strftime("%H giờ %M phút, ngày %d tháng %m năm %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::form::Forms;
    use super::super::page::{HEIGHT_MM, WIDTH_MM};
    use super::*;
    use intake::fee::Dong;
    use jiff::civil::datetime;
    use proptest::prelude::*;

    fn data(words: &str, unit: &str, papers: usize, owner: Option<Party>) -> SlipData {
        let applicant = Party { name: words.into(), address: words.into(), email: words.into(), ..Party::default() };
        let paper = |_| SlipPaper { name: words.into(), original: 1, certified: 0, copies: u16::MAX };
        SlipData {
            parent_unit: unit.into(),
            unit: unit.into(),
            place: "Hà Nội".into(),
            code: SlipCode::Temporary("TẠM-K2-7F3QXM-0007".into()),
            check: "7F3A09C2D1".into(),
            received_by: words.into(),
            applicant,
            channel: Channel::Post,
            owner,
            procedure_code: "1.004873".into(),
            procedure_name: words.into(),
            papers: (0..papers).map(paper).collect(),
            sets: 1,
            time_limit: None,
            instant: true,
            received_at: Moment::from_civil(datetime(2026, 11, 23, 8, 30, 0, 0)),
            due: None,
            fee: Some(Dong(i64::MAX)),
            fee_paid: false,
            calendar: words.into(),
            look_up: words.into(),
            hotline: "1022".into(),
            result_by: Some(words.into()),
            officer: words.into(),
        }
    }

    /// Left, top, right and bottom.
    fn extent(mark: &Mark) -> (f32, f32, f32, f32) {
        match mark {
            Mark::Text { x_mm, baseline_mm, size_pt, weight, text } => {
                let width_mm = weight.face().unwrap().width_mm(text, *size_pt);
                (*x_mm, *baseline_mm - size_pt * 0.35, x_mm + width_mm, *baseline_mm)
            }
            Mark::Bar { x_mm, y_mm, width_mm, height_mm } => (*x_mm, *y_mm, x_mm + width_mm, y_mm + height_mm),
            Mark::Qr { x_mm, y_mm, edge_mm, .. } => (*x_mm, *y_mm, x_mm + edge_mm, y_mm + edge_mm),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn nothing_leaves_the_page_and_nothing_stands_on_the_code(
            words in "([a-zà-ỹA-ZĐ漢@.]{1,60} ){0,16}",
            unit in "([A-ZĐ]{1,20} ){1,10}",
            papers in 0_usize..30,
            with_owner in any::<bool>(),
        ) {
            let forms = Forms::embedded().unwrap();
            let owner = with_owner.then(Party::default);
            let data = data(&words, &unit, papers, owner);
            let pages = pages(&data, forms.receipt_on(data.received_at.day()).unwrap()).unwrap();
            let code = pages[0].marks.iter().find(|mark| matches!(mark, Mark::Qr { .. })).map(extent).unwrap();
            for mark in pages.iter().flat_map(|page| &page.marks) {
                let (left, top, right, bottom) = extent(mark);
                prop_assert!(left >= 0.0 && top >= 0.0, "{mark:?}");
                prop_assert!(right <= WIDTH_MM - 5.0 && bottom <= HEIGHT_MM - 3.0, "{mark:?}");
            }
            for mark in pages[0].marks.iter().filter(|mark| !matches!(mark, Mark::Qr { .. })) {
                let (left, top, right, bottom) = extent(mark);
                let beside = right < code.0 - 1.0 || bottom < code.1 || top > code.3 || left > code.2;
                prop_assert!(beside, "{mark:?} on {code:?}");
            }
        }
    }
}
