//! The receipt's layout.

use intake::fee::Channel;

use super::DocumentFault;
use super::face::Weight::{Bold, Regular};
use super::flow::{Flow, or_none};
use super::form::Form;
use super::heading::{Heading, code_beside, code_line, continued, papers, party, procedure, signatures, title};
use super::language::short_day;
use super::page::A5;
use super::slip::{Reissue, SlipCode, SlipData};

const UNKNOWN: (&str, &str) = ("hỏi cán bộ", "ask an officer");

/// The receipt's pages, without their feet.
pub(super) fn flow(data: &SlipData, heading: &Heading, form: &Form) -> Result<Flow, DocumentFault> {
    let mut flow = heading.begin(A5, continued(&data.code))?;
    let mark = data.reissue.map(|again| reissued(&flow, again));
    let code = code_line(flow.language, &data.code);
    title(&mut flow, form, &[mark.as_deref(), Some(&code)].into_iter().flatten().collect::<Vec<_>>())?;
    fields(&mut flow, data, form)?;
    papers(&mut flow, &data.papers)?;
    flow.together(|flow| {
        promise(flow, data)?;
        signatures(
            flow,
            [
                (("NGƯỜI NỘP HỒ SƠ", "Applicant"), &data.applicant.name),
                (("NGƯỜI TIẾP NHẬN HỒ SƠ", "Receiving officer"), &data.officer),
            ],
        )
    })?;
    Ok(flow)
}

fn reissued(flow: &Flow, again: Reissue) -> String {
    let day = short_day(again.replaces);
    let vi = format!("CẤP LẠI LẦN {} (thay cho bản ngày {day})", again.number);
    let en = format!("Issued again ({}) for that of {day}", again.number);
    flow.label((&vi, &en)).into_owned()
}

fn fields(flow: &mut Flow, data: &SlipData, form: &Form) -> Result<(), DocumentFault> {
    code_beside(flow, &data.qr_text())?;
    if let SlipCode::Temporary(_) = data.code {
        flow.line(&[
            (Bold, "Mã tạm thời. "),
            (Regular, "Mã hồ sơ chính thức sẽ được cấp sau và báo cho quý vị; giấy này vẫn có giá trị và vẫn tra cứu được bằng mã tạm thời."),
        ])?;
        flow.below("A temporary code. You will be told the official one; this receipt stays good, and its code can still be looked up.")?;
    }
    if data.instant {
        let notes = [&form.instant_note, &form.instant_note_en].map(|note| note.as_deref().unwrap_or_default());
        flow.say(notes.into())?;
    }
    flow.field(("Nơi tiếp nhận", "Received at"), &data.received_by)?;
    let applicant = format!("{}:", flow.label(("Người nộp hồ sơ", "Applicant")));
    let channel = format!("({})", flow.label(channel(data.channel)));
    flow.line(&[(Regular, &applicant), (Bold, or_none(&data.applicant.name)), (Regular, &channel)])?;
    party(flow, &data.applicant)?;
    if let Some(owner) = &data.owner {
        flow.strong_field(("Chủ hồ sơ", "Dossier of"), &owner.name)?;
        party(flow, owner)?;
    }
    procedure(flow, &data.procedure_name, &data.procedure_code)?;
    flow.clear_beside();
    Ok(())
}

fn promise(flow: &mut Flow, data: &SlipData) -> Result<(), DocumentFault> {
    let unknown = flow.label(UNKNOWN).into_owned();
    let due = data.due.map_or_else(|| unknown.clone(), |due| flow.language.long_time(due));
    flow.field(("Số lượng hồ sơ", "Sets"), &format!("{:02} bộ", data.sets))?;
    let limit = data.time_limit.as_deref().unwrap_or(&unknown);
    flow.field(("Thời gian giải quyết theo quy định", "Time limit by rule"), limit)?;
    flow.field(("Thời gian nhận hồ sơ", "Received on"), &flow.language.long_time(data.received_at))?;
    flow.strong_field(("Thời gian trả kết quả", "Result on"), &due)?;
    flow.field(("Phí, lệ phí", "Fee"), &fee(flow, data))?;
    flow.field(("Nhận kết quả", "How the result comes"), data.result_by.as_deref().unwrap_or(&unknown))?;
    let help = format!("{}; gọi {} khi cần hỗ trợ", data.look_up, data.hotline);
    flow.field(("Tra cứu hồ sơ", "Look up"), &help)?;
    flow.note(&format!("Thời gian trả kết quả tính theo bảng ngày làm việc {}.", or_none(&data.calendar)))
}

fn fee(flow: &Flow, data: &SlipData) -> String {
    match data.fee {
        None if data.fee_paid => {
            flow.label(("đã nộp, số tiền theo biên lai", "paid, see the receipt for its amount")).into_owned()
        }
        None => flow.label(UNKNOWN).into_owned(),
        Some(fee) if fee.0 == 0 => flow.label(("không thu", "none")).into_owned(),
        Some(fee) => {
            let paid = if data.fee_paid { ("đã nộp", "paid") } else { ("chưa nộp", "not yet paid") };
            format!("{fee} ({})", flow.label(paid))
        }
    }
}

fn channel(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::Direct => ("nộp trực tiếp", "in person"),
        Channel::Online => ("nộp trực tuyến", "online"),
        Channel::Post => ("nộp qua bưu chính công ích", "by post"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::FormKind;
    use super::super::heading::foots;
    use super::super::language::Language;
    use super::super::page::{A5, Mark};
    use super::super::slip::{Party, SlipPaper};
    use super::*;
    use intake::catalogue::FormSet;
    use intake::fee::Dong;
    use intake::moment::Moment;
    use jiff::civil::datetime;
    use proptest::prelude::*;

    fn data(words: &str, unit: &str, papers: usize, owner: Option<Party>) -> SlipData {
        let applicant = Party { name: words.into(), address: words.into(), email: words.into(), ..Party::default() };
        let day = Moment::from_civil(datetime(2026, 11, 23, 8, 0, 0, 0));
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
            form_set: FormSet::PoliceResidence,
            language: Language::En,
            reissue: Some(Reissue { number: 2, replaces: day, at: day.plus_ms(86_400_000) }),
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
            let owner = with_owner.then(Party::default);
            let data = data(&words, &unit, papers, owner);
            let heading = data.heading();
            let form = heading.form(FormKind::Receipt).unwrap();
            let mut pages = flow(&data, &heading, form).unwrap().pages;
            foots(&mut pages, form).unwrap();
            let code = pages[0].marks.iter().find(|mark| matches!(mark, Mark::Qr { .. })).map(extent).unwrap();
            for mark in pages.iter().flat_map(|page| &page.marks) {
                let (left, top, right, bottom) = extent(mark);
                prop_assert!(left >= 0.0 && top >= 0.0, "{mark:?}");
                prop_assert!(right <= A5.width_mm - 5.0 && bottom <= A5.height_mm - 3.0, "{mark:?}");
            }
            for mark in pages[0].marks.iter().filter(|mark| !matches!(mark, Mark::Qr { .. })) {
                let (left, top, right, bottom) = extent(mark);
                let beside = right < code.0 - 1.0 || bottom < code.1 || top > code.3 || left > code.2;
                prop_assert!(beside, "{mark:?} on {code:?}");
            }
        }
    }
}
