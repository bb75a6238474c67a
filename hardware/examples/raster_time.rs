//! How long a ticket of 576 x 800 dots takes to draw and to encode: the median of 200, each with another number, letters warm.
//! `cargo run --release -p hardware --example raster_time`

use std::time::{Duration, Instant};

use hardware::printer::{Profile, QrMode, protocol, raster::Piece, raster::Rasterizer};
use hardware::{Align, Paper, TextSize};

const ROUNDS: u32 = 200;

fn ticket(number: u32) -> Paper {
    let qr = format!("MC1:{number:04}:").repeat(16);
    Paper::new()
        .text("TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", TextSize::Normal, Align::Center)
        .text("Chi nhánh số 1 – 258 Võ Chí Công", TextSize::Small, Align::Center)
        .rule()
        .bold(&format!("A{number:03}"), TextSize::Huge, Align::Center)
        .bold("Xác nhận tình trạng hôn nhân", TextSize::Large, Align::Center)
        .columns("Số người chờ trước", "4")
        .columns("Giờ lấy số", "08:15 23/11/2026")
        .qr(&qr, 6)
        .text("Phiếu chỉ có giá trị trong ngày. Tổng đài 1022.", TextSize::Small, Align::Center)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let profile = Profile::named("generic-80mm")?;
    let mut rasterizer = Rasterizer::new()?;
    for (name, qr) in [("all drawn", QrMode::Raster), ("QR by the printer", QrMode::Native)] {
        let (mut drawing, mut encoding) = (Vec::new(), Vec::new());
        let (mut rows, mut bytes) = (0, 0);
        for number in 0..ROUNDS {
            let paper = ticket(number);
            let began = Instant::now();
            let pieces = rasterizer.draw(&paper, profile.width_dots, qr).map_err(|fault| fault.code())?;
            let drawn = Instant::now();
            let job = protocol::job(&pieces, &profile, protocol::tag(number));
            encoding.push(drawn.elapsed());
            drawing.push(drawn - began);
            rows = pieces.iter().map(Piece::height_dots).sum();
            bytes = job.len();
        }
        println!(
            "{name}: draw {:.3} ms, encode {:.3} ms, {rows} rows, {bytes} bytes",
            median(drawing),
            median(encoding)
        );
    }
    Ok(())
}
