//! A ticket to try a printer with.

use hardware::{Align, Paper, TextSize};
use serde::Deserialize;

/// What stands on it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    number: String,
    service: String,
    ahead: u32,
    issued_at: String,
    qr: String,
}

impl Ticket {
    /// The slip.
    pub fn paper(&self) -> Paper {
        Paper::new()
            .text("SỐ THỨ TỰ", TextSize::Normal, Align::Center)
            .bold(&self.number, TextSize::Huge, Align::Center)
            .text(&self.service, TextSize::Large, Align::Center)
            .rule()
            .columns("Số người chờ trước", &self.ahead.to_string())
            .columns("Giờ lấy số", &self.issued_at)
            .qr(&self.qr, 6)
    }
}
