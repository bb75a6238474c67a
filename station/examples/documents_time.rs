//! Medians of 200 runs: a ticket's page, a receipt as PDF, a receipt as a picture. Run with `--release`.

use std::hint::black_box;
use std::time::Instant;

use intake::catalogue::FormSet;
use intake::fee::{Channel, Dong};
use intake::moment::Moment;
use jiff::civil::{date, datetime};
use station::documents::{
    DocumentFault, Language, Party, SlipCode, SlipData, SlipPaper, TicketSlip, carried_to_text, slip_pdf, slip_png,
    ticket_paper,
};

const RUNS: usize = 200;

fn main() -> Result<(), DocumentFault> {
    let pdf = slip_pdf(&slip(0))?;
    let png = slip_png(&slip(0))?;
    println!(
        "ticket page  {:>8.3} ms",
        median_ms(|run| {
            black_box(ticket_paper(&ticket(run), 576));
            Ok(())
        })?
    );
    println!("receipt PDF  {:>8.3} ms  {:>7} bytes", median_ms(|run| slip_pdf(&slip(run)).map(drop))?, pdf.len());
    println!("receipt PNG  {:>8.3} ms  {:>7} bytes", median_ms(|run| slip_png(&slip(run)).map(drop))?, png.len());
    Ok(())
}

/// The median time of 200 runs after one that warms up.
fn median_ms(mut work: impl FnMut(usize) -> Result<(), DocumentFault>) -> Result<f64, DocumentFault> {
    work(0)?;
    let mut times_ms = Vec::with_capacity(RUNS);
    for run in 0..RUNS {
        let begun = Instant::now();
        work(run)?;
        times_ms.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times_ms.sort_by(f64::total_cmp);
    Ok(times_ms[RUNS / 2])
}

fn ticket(run: usize) -> TicketSlip {
    TicketSlip {
        centre_name: ("Trung tâm Phục vụ hành chính công".into(), "Public Administration Service Centre".into()),
        service: ("Xác nhận tình trạng hôn nhân".into(), "Marital status certificate".into()),
        number: format!("A{run:03}"),
        zone: "Khu A".into(),
        issued_at: Moment::from_civil(datetime(2026, 11, 23, 8, 5, 0, 0)),
        day: date(2026, 11, 23),
        ahead: 12,
        wait_minutes: Some(25),
        priority: false,
        copy: false,
        language: "vi".into(),
        qr_text: carried_to_text(&[0xA5; 640]),
        hotline: "1022".into(),
    }
}

/// A receipt that differs from run to run.
fn slip(run: usize) -> SlipData {
    let names = ["Nguyễn Thị Mẫu", "Đỗ Quỳnh Khuê", "Lò Văn Ỷ", "Vũ Hoàng Giẽ"];
    SlipData {
        parent_unit: "UBND THÀNH PHỐ HÀ NỘI".into(),
        unit: "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG".into(),
        place: "Hà Nội".into(),
        code: SlipCode::Official(format!("H26.112.00-261123-{run:04}")),
        check: "7F3A09C2D1".into(),
        received_by: "Chi nhánh số 1, quầy số 3".into(),
        applicant: Party {
            name: names[run % names.len()].into(),
            number: "001199000123".into(),
            address: "Số 1 Phố Mẫu, phường Hoàn Kiếm, Hà Nội".into(),
            phone: "0912 000 000".into(),
            email: String::new(),
        },
        channel: Channel::Direct,
        owner: None,
        procedure_code: "1.004873".into(),
        procedure_name: "Cấp Giấy xác nhận tình trạng hôn nhân".into(),
        papers: vec![SlipPaper { name: "Tờ khai".into(), original: 1, certified: 0, copies: 0 }],
        sets: 1,
        time_limit: Some("03 ngày làm việc".into()),
        instant: false,
        received_at: Moment::from_civil(datetime(2026, 11, 23, 8, 30, 0, 0)),
        due: Some(Moment::from_civil(datetime(2026, 11, 26, 8, 30, 0, 0))),
        fee: Some(Dong(15_000)),
        fee_paid: true,
        calendar: "hanoi-2026.1".into(),
        look_up: "tra cứu bằng mã hồ sơ tại kiốt".into(),
        hotline: "1022".into(),
        result_by: Some("tại quầy".into()),
        officer: "Trần Văn Cán".into(),
        form_set: FormSet::Tt03,
        language: Language::Vi,
        reissue: None,
    }
}
