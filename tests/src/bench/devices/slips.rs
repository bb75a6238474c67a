//! The slips that are weighed.

use hardware::{Align, Paper, TextSize};

/// The slip of the line's goal: three Vietnamese lines of 26 letters, a number, and a code of so many characters; with none, no code.
pub fn three_lines(round: usize, code: usize) -> Paper {
    let lines = ["Chứng thực chữ ký, bản sao", "Cấp bản sao trích lục hộ tịch", "Mời ông/bà ngồi chờ gọi số"];
    let text = |paper: Paper, line: &&str| {
        paper.text(&line.chars().take(26).collect::<String>(), TextSize::Small, Align::Center)
    };
    let paper = lines[..2].iter().fold(Paper::new(), text).bold(&number(round), TextSize::Huge, Align::Center);
    let paper = lines[2..].iter().fold(paper, text);
    if code == 0 { paper } else { paper.qr(&code_text(round, code), 6) }
}

/// What a station prints, with a signed code of so many characters.
pub fn of_a_station(round: usize, code: usize) -> Paper {
    Paper::new()
        .bold("Điểm phục vụ hành chính công phường Ba Đình", TextSize::Normal, Align::Center)
        .text("Ba Dinh Ward Public Service Point", TextSize::Small, Align::Center)
        .rule()
        .bold("Cấp Giấy xác nhận tình trạng hôn nhân", TextSize::Large, Align::Center)
        .text("Issuance of a certificate of marital status", TextSize::Small, Align::Center)
        .bold(&number(round), TextSize::Huge, Align::Center)
        .rule()
        .columns("Chờ tại", "Khu A, hàng ghế xanh")
        .columns("Phía trước", "7 người")
        .columns("Thời gian chờ", "khoảng 25 phút")
        .rule()
        .qr(&code_text(round, code), 4)
        .text("Lấy số lúc 08:15", TextSize::Small, Align::Center)
        .text("Chỉ có giá trị trong ngày 25/11/2026", TextSize::Small, Align::Center)
        .bold("Hỗ trợ: 1022", TextSize::Normal, Align::Center)
}

fn number(round: usize) -> String {
    format!("A{:03}", 100 + round % 900)
}

/// Letters as a signed event has them: without a pattern, others each round.
fn code_text(round: usize, length: usize) -> String {
    let alphabet: Vec<char> = ('0'..='9').chain('A'..='Z').collect();
    let mut state = round as u64 + 7;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[(state >> 33) as usize % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}
