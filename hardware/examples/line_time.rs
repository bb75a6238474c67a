//! How many bytes a ticket is and how long they take on the line, by ticket, profile, encoding and baud, as JSON.
//! `cargo run --release -p hardware --example line_time`

use std::time::Instant;

use hardware::printer::raster::Rasterizer;
use hardware::printer::{Encoding, Piece, protocol};
use hardware::{Align, Paper, Profile, TextSize};
use serde_json::{Value, json};

const BAUDS: [u32; 4] = [9600, 19_200, 38_400, 115_200];
const PROFILES: [&str; 2] = ["generic-80mm", "epson-tm-t82iii"];
const ROUNDS: usize = 50;

/// Three Vietnamese lines of 26 letters, a number, and a code of so many characters.
fn three_lines(size: TextSize, code: usize) -> Paper {
    let lines = ["Chứng thực chữ ký, bản sao", "Cấp bản sao trích lục hộ tịch", "Mời ông/bà ngồi chờ gọi số"];
    let text = |paper: Paper, line: &&str| paper.text(&line.chars().take(26).collect::<String>(), size, Align::Center);
    let paper = lines[..2].iter().fold(Paper::new(), text).bold("A105", TextSize::Huge, Align::Center);
    lines[2..].iter().fold(paper, text).qr(&code_text(code), 6)
}

/// What a station prints, with a signed code of so many characters.
fn station_ticket(code: usize) -> Paper {
    Paper::new()
        .bold("Điểm phục vụ hành chính công phường Ba Đình", TextSize::Normal, Align::Center)
        .text("Ba Dinh Ward Public Service Point", TextSize::Small, Align::Center)
        .rule()
        .bold("Cấp Giấy xác nhận tình trạng hôn nhân", TextSize::Large, Align::Center)
        .text("Issuance of a certificate of marital status", TextSize::Small, Align::Center)
        .bold("A105", TextSize::Huge, Align::Center)
        .rule()
        .columns("Chờ tại", "Khu A, hàng ghế xanh")
        .columns("Phía trước", "7 người")
        .columns("Thời gian chờ", "khoảng 25 phút")
        .rule()
        .qr(&code_text(code), 4)
        .text("Lấy số lúc 08:15", TextSize::Small, Align::Center)
        .text("Chỉ có giá trị trong ngày 25/11/2026", TextSize::Small, Align::Center)
        .bold("Hỗ trợ: 1022", TextSize::Normal, Align::Center)
}

/// Letters as a signed event has them: without a pattern.
fn code_text(length: usize) -> String {
    let alphabet: Vec<char> = ('0'..='9').chain('A'..='Z').collect();
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[(state >> 33) as usize % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}

fn measure(
    name: &str,
    paper: &Paper,
    profile: &Profile,
    encoding: Encoding,
) -> Result<Value, Box<dyn std::error::Error>> {
    let mut rasterizer = Rasterizer::new()?;
    let (mut times, mut bytes, mut rows) = (Vec::new(), 0, 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let pieces = rasterizer.draw_with(paper, profile.width_dots, profile.natives(encoding));
        let pieces = pieces.map_err(|fault| fault.code())?;
        bytes = protocol::job_as(encoding, &pieces, profile, protocol::tag(1)).len();
        times.push(began.elapsed());
        rows = pieces.iter().map(Piece::height_dots).sum();
    }
    times.sort();
    let line: serde_json::Map<String, Value> =
        BAUDS.iter().map(|baud| (baud.to_string(), json!(bytes as f64 * 10.0 / f64::from(*baud)))).collect();
    Ok(json!({
        "ticket": name, "profile": profile.name, "encoding": encoding, "bytes": bytes, "rows": rows,
        "line_seconds_by_baud": line, "made_in_ms": times[ROUNDS / 2].as_secs_f64() * 1000.0,
    }))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tickets = [
        ("three lines of 24 dots, code of 60", three_lines(TextSize::Small, 60)),
        ("three lines of 24 dots, code of 120", three_lines(TextSize::Small, 120)),
        ("three lines of 28 dots, code of 60", three_lines(TextSize::Normal, 60)),
        ("three lines of 28 dots, code of 120", three_lines(TextSize::Normal, 120)),
        ("a station's, signed code of 500", station_ticket(500)),
        ("a station's, signed code of 700", station_ticket(700)),
    ];
    let mut figures = Vec::new();
    for (name, paper) in &tickets {
        for profile in PROFILES {
            for encoding in [Encoding::Raster, Encoding::Compact] {
                figures.push(measure(name, paper, &Profile::named(profile)?, encoding)?);
            }
        }
    }
    println!("{}", serde_json::to_string_pretty(&figures)?);
    Ok(())
}
