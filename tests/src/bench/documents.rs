//! Ticket and receipt: from their data to their bytes, another document each time.

use super::figures::Figure;
use ::tests::fault::{Doing, Fault, Outcome};
use hardware::paper::{Block, Paper};
use hardware::printer::raster::Rasterizer;
use hardware::printer::{Profile, protocol};
use intake::catalogue::FormSet;
use intake::fee::{Channel, Dong};
use intake::moment::Moment;
use station::clock::{Clock, MachineClock};
use station::documents::{
    Language, Party, SlipCode, SlipData, SlipPaper, TicketSlip, carried_to_text, slip_pdf, ticket_paper,
};
use std::time::Instant;

const ROUNDS: u32 = 500;
/// Documents before the clock runs, so that letters are drawn and the fonts are in memory.
const WARM_UP: u32 = 20;
const TICKET_GOAL_MS: f64 = 1.0;
const RECEIPT_GOAL_MS: f64 = 3.0;
const RECEIPT_GOAL_BYTES: f64 = 30_000.0;
/// The signed event on a ticket of a citizen who held no card, about as long as a station's log makes it.
const CARRIED_BYTES: usize = 264;
/// The same with a card: the sealed identity, and the key's grant.
const CARRIED_SEALED_BYTES: usize = 480;
/// An 80 mm printer's line.
const PEER_WIDTH_DOTS: u16 = 576;

/// Measures both.
///
/// # Errors
/// When a document cannot be made.
pub fn measure() -> Outcome<Vec<Figure>> {
    let now = MachineClock::default().now();
    let what = "a ticket from its data to the printer's bytes: laid out, drawn with its QR code, encoded; letters warm";
    let mut figures = tickets(now, CARRIED_BYTES, ("ticket_raster", "ticket_bytes"), what)?;
    let what = "the same with a card: a larger QR code";
    figures.extend(tickets(now, CARRIED_SEALED_BYTES, ("ticket_card_raster", "ticket_card_bytes"), what)?);
    figures.extend(receipts(now)?);
    Ok(figures)
}

/// The text of a ticket without its QR code.
pub fn ticket_without_code(round: u32, now: Moment) -> Paper {
    let mut paper = ticket_paper(&ticket(round, now, 0), PEER_WIDTH_DOTS);
    paper.blocks.retain(|block| !matches!(block, Block::Qr { .. }));
    paper
}

fn tickets(now: Moment, carried_bytes: usize, names: (&'static str, &'static str), what: &str) -> Outcome<Vec<Figure>> {
    let profile = Profile::named("generic-80mm").doing("the printer's profile")?;
    let mut rasterizer = Rasterizer::new().doing("the font")?;
    let (mut raster_ms, mut bytes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM_UP {
        let slip = ticket(round, now, carried_bytes);
        let begun = Instant::now();
        let paper = ticket_paper(&slip, profile.width_dots);
        let pieces = rasterizer.draw(&paper, profile.width_dots, profile.qr);
        let pieces = pieces.map_err(|fault| Fault::new("drawing a ticket", fault.code()))?;
        let job = protocol::job(&pieces, &profile, protocol::tag(round));
        if round >= WARM_UP {
            raster_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
            bytes.push(job.len() as f64);
        }
    }
    Ok(vec![
        Figure::median(names.0, "ms", what, &raster_ms).at_most(TICKET_GOAL_MS),
        Figure::median(names.1, "bytes", "that ticket's bytes", &bytes),
    ])
}

fn receipts(now: Moment) -> Outcome<Vec<Figure>> {
    let (mut pdf_ms, mut bytes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM_UP {
        let slip = receipt(round, now);
        let begun = Instant::now();
        let pdf = slip_pdf(&slip).doing("making a receipt")?;
        if round >= WARM_UP {
            pdf_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
            bytes.push(pdf.len() as f64);
        }
    }
    Ok(vec![
        Figure::median(
            "receipt",
            "ms",
            "a receipt from its data to the PDF's bytes, with its fonts' letters and its QR code",
            &pdf_ms,
        )
        .at_most(RECEIPT_GOAL_MS),
        Figure::greatest("receipt_bytes", "bytes", "that receipt's bytes", &bytes).at_most(RECEIPT_GOAL_BYTES),
    ])
}

fn ticket(round: u32, now: Moment, carried_bytes: usize) -> TicketSlip {
    // A signed event looks random, so the code's pattern does too.
    let mut state = u64::from(round) + 1;
    let mut carried = vec![0; carried_bytes];
    carried.fill_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    });
    TicketSlip {
        centre_name: ("Điểm phục vụ hành chính công phường Ba Đình".into(), "Ba Dinh Ward Public Service Point".into()),
        service: ("Cấp Giấy xác nhận tình trạng hôn nhân".into(), "Issuance of a certificate of marital status".into()),
        number: format!("A{:03}", round % 1_000),
        zone: "Khu A, hàng ghế xanh".into(),
        issued_at: now.plus_ms(i64::from(round) * 1_000),
        day: now.day(),
        ahead: round % 40,
        wait_minutes: Some(round % 60),
        priority: round.is_multiple_of(10),
        copy: false,
        language: "vi".into(),
        qr_text: carried_to_text(&carried),
        hotline: "1022".into(),
    }
}

fn receipt(round: u32, now: Moment) -> SlipData {
    let names = ["Nguyễn Thị Mẫu", "Đỗ Quỳnh Khuê", "Lò Văn Ỷ", "Vũ Hoàng Giẽ", "Trần Quốc Thử Nghiệm"];
    let streets = ["Hàng Trống, Hoàn Kiếm", "Văn Miếu, Đống Đa", "Cầu Giấy", "Ngọc Hà, Ba Đình"];
    let (name, street) = (names[round as usize % names.len()], streets[round as usize % streets.len()]);
    let paper = |name: &str, original, copies| SlipPaper { name: name.into(), original, certified: 0, copies };
    let received_at = now.plus_ms(i64::from(round) * 1_000);
    SlipData {
        parent_unit: "UBND THÀNH PHỐ HÀ NỘI".into(),
        unit: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG".into(),
        place: "Hà Nội".into(),
        code: SlipCode::Official(format!("H26.112.00-261123-{round:04}")),
        check: format!("{:010X}", u64::from(round) * 2_654_435_761),
        received_by: "Điểm phục vụ hành chính công phường Ba Đình, quầy số 3".into(),
        applicant: Party {
            name: format!("{name} {round}"),
            number: format!("00119{round:07}"),
            address: format!("Số {round} Phố Mẫu, {street}, Hà Nội"),
            phone: format!("0912 {:03} {:03}", round % 1_000, round % 997),
            email: String::new(),
        },
        channel: Channel::Direct,
        owner: None,
        procedure_code: "1.004873".into(),
        procedure_name: "Cấp Giấy xác nhận tình trạng hôn nhân".into(),
        papers: vec![
            paper("Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", 1, 0),
            paper("Giấy tờ chứng minh nơi cư trú", 0, 1),
        ],
        sets: 1,
        time_limit: Some("03 ngày làm việc".into()),
        instant: false,
        received_at,
        due: Some(received_at.plus_ms(3 * 24 * 3_600_000)),
        fee: Some(Dong(15_000)),
        fee_paid: true,
        calendar: "hanoi-2026.1".into(),
        look_up: "Kiốt tại sảnh, mục “Tra cứu hồ sơ”".into(),
        hotline: "1022".into(),
        result_by: Some("tại quầy".into()),
        officer: "Phạm Thu Hương".into(),
        form_set: FormSet::Tt03,
        language: Language::Vi,
        reissue: None,
    }
}
