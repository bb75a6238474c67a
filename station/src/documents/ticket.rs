//! The ticket's page: short, readable at arm's length, and without a name or a number that is a person's.

use hardware::paper::{Align, Paper, TextSize};
use intake::moment::Moment;
use jiff::civil::Date;

use super::qr::{QUIET_MODULES, edge_modules};

/// The largest module: more only costs paper.
const LARGEST_MODULE_DOTS: usize = 6;
/// Below this a scanner misses modules of thermal paper at 203 dpi (3 dots are 0.375 mm).
const LEAST_MODULE_DOTS: usize = 3;

/// What a ticket says. Pairs are Vietnamese, English.
#[derive(Clone, PartialEq, Debug)]
pub struct TicketSlip {
    /// The centre or branch.
    pub centre_name: (String, String),
    /// What the citizen came for.
    pub service: (String, String),
    /// The number, such as `A105`.
    pub number: String,
    /// Where to wait, such as `Khu A`.
    pub zone: String,
    /// When it was given.
    pub issued_at: Moment,
    /// The only day on which it is good.
    pub day: Date,
    /// How many wait before this number.
    pub ahead: u32,
    /// About how long; none where nobody can say.
    pub wait_minutes: Option<u32>,
    /// Whether the citizen goes first.
    pub priority: bool,
    /// Whether this paper is a second one.
    pub copy: bool,
    /// The citizen's language: `vi` or `en`.
    pub language: String,
    /// The signed event as text for the QR code ([`super::carried_to_text`]).
    pub qr_text: String,
    /// Whom to call.
    pub hotline: String,
}

/// The page of a ticket for a printer with `width_dots` dots a line.
///
/// A QR text that would not stay decodable on that paper is left out: the number counts without it.
pub fn ticket_paper(slip: &TicketSlip, width_dots: u16) -> Paper {
    let paper = Paper::new();
    let paper = if slip.copy { copy_mark(paper) } else { paper };
    let paper = waiting(service(head(paper, slip), slip), slip);
    foot(code(paper.rule(), slip, width_dots), slip)
}

fn copy_mark(paper: Paper) -> Paper {
    paper.bold("BẢN SAO / COPY", TextSize::Large, Align::Center).rule()
}

fn head(paper: Paper, slip: &TicketSlip) -> Paper {
    let (first, second) = ordered(slip, &slip.centre_name);
    paper.bold(first, TextSize::Normal, Align::Center).text(second, TextSize::Small, Align::Center).rule()
}

fn service(paper: Paper, slip: &TicketSlip) -> Paper {
    let (first, second) = ordered(slip, &slip.service);
    let paper = paper.bold(first, TextSize::Large, Align::Center).text(second, TextSize::Small, Align::Center).bold(
        &slip.number,
        TextSize::Huge,
        Align::Center,
    );
    if slip.priority { paper.bold("ƯU TIÊN / PRIORITY", TextSize::Large, Align::Center) } else { paper }
}

fn waiting(paper: Paper, slip: &TicketSlip) -> Paper {
    let wait = match slip.wait_minutes {
        Some(minutes) => (format!("khoảng {minutes} phút"), format!("about {minutes} min")),
        None => ("hỏi cán bộ".to_owned(), "ask an officer".to_owned()),
    };
    let rows = [
        ("Chờ tại", "Wait at / Chờ tại", slip.zone.clone(), slip.zone.clone()),
        ("Phía trước", "Ahead / Phía trước", format!("{} người", slip.ahead), slip.ahead.to_string()),
        ("Thời gian chờ", "Waiting / Chờ", wait.0, wait.1),
    ];
    rows.into_iter().fold(paper.rule(), |paper, (vi, en, value_vi, value_en)| {
        if english(slip) { paper.columns(en, &value_en) } else { paper.columns(vi, &value_vi) }
    })
}

fn code(paper: Paper, slip: &TicketSlip, width_dots: u16) -> Paper {
    match module_dots(&slip.qr_text, usize::from(width_dots)) {
        Some(dots) => paper.qr(&slip.qr_text, dots),
        None => paper,
    }
}

fn foot(paper: Paper, slip: &TicketSlip) -> Paper {
    let issued = slip.issued_at.civil().strftime("%H:%M").to_string();
    let day = slip.day.strftime("%d/%m/%Y");
    let (issued, validity, help) = if english(slip) {
        (format!("Issued / Lấy số lúc {issued}"), format!("Good only on {day} / Chỉ trong ngày"), "Help / Hỗ trợ")
    } else {
        (format!("Lấy số lúc {issued}"), format!("Chỉ có giá trị trong ngày {day}"), "Hỗ trợ")
    };
    paper.text(&issued, TextSize::Small, Align::Center).text(&validity, TextSize::Small, Align::Center).bold(
        &format!("{help}: {}", slip.hotline),
        TextSize::Normal,
        Align::Center,
    )
}

/// The citizen's language first.
fn ordered<'a>(slip: &TicketSlip, (vi, en): &'a (String, String)) -> (&'a str, &'a str) {
    if english(slip) { (en, vi) } else { (vi, en) }
}

fn english(slip: &TicketSlip) -> bool {
    slip.language == "en"
}

/// The largest module with which the code takes at most four fifths of the paper, or the smallest that is decodable where it fits at all.
fn module_dots(text: &str, width_dots: usize) -> Option<u8> {
    let modules = edge_modules(text).filter(|_| !text.is_empty())? + 2 * QUIET_MODULES;
    let comfortable = width_dots * 4 / 5 / modules;
    let dots = comfortable.clamp(LEAST_MODULE_DOTS, LARGEST_MODULE_DOTS);
    (dots * modules <= width_dots).then(|| u8::try_from(dots).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carried_event_fits_both_widths_with_modules_that_scan() {
        let carried = |length: usize| "A".repeat(length);
        for (length, width_dots, expected) in [
            (1_000, 576, Some(4)),
            (1_000, 384, Some(3)),
            (60, 576, Some(6)),
            (60, 384, Some(6)),
            (3_000, 576, Some(3)),
            (3_000, 384, None),
            (5_000, 576, None),
            (0, 576, None),
        ] {
            assert_eq!(module_dots(&carried(length), width_dots), expected, "{length} on {width_dots}");
        }
    }
}
