//! How devices are, as the pages show them.

use super::{Devices, Handle};
use crate::api::{DeviceKind, DeviceView, Problem, Text};
use hardware::{DeviceState, DeviceStatus, Knowledge};
use intake::moment::Moment;

impl Devices {
    /// How all devices are, each by itself, in the order of the file.
    pub(crate) fn views(&self, now: Moment) -> Vec<DeviceView> {
        self.known.iter().map(|known| view(&known.id, known.handle.kind(), &known.handle.status(), now)).collect()
    }

    /// How a kind's work is done: the ticket printers together, of any other kind the first.
    pub(crate) fn view_of(&self, kind: DeviceKind, now: Moment) -> DeviceView {
        let found = self.known.iter().find(|known| known.handle.kind() == kind);
        found.map_or_else(
            || not_set(kind, now),
            |known| {
                let together = self.printers.as_ref().filter(|_| matches!(known.handle, Handle::Printer(_)));
                let status = together.map_or_else(|| known.handle.status(), |printers| printers.status());
                view(&known.id, kind, &status, now)
            },
        )
    }
}

fn view(id: &str, kind: DeviceKind, status: &DeviceStatus, now: Moment) -> DeviceView {
    DeviceView {
        id: id.to_owned(),
        kind,
        label: label(kind),
        state: state_name(status.state).into(),
        known: match status.knowledge {
            Knowledge::Reported => "reported",
            Knowledge::Inferred => "inferred",
            Knowledge::Unknown => "unknown",
        }
        .into(),
        since: status.since.as_millisecond().min(now.0),
        problem: status.fault().map(|fault| Problem::new(fault.code()).with("device", label(kind).vi)),
    }
}

fn not_set(kind: DeviceKind, now: Moment) -> DeviceView {
    DeviceView {
        id: String::new(),
        kind,
        label: label(kind),
        state: "absent".into(),
        known: "inferred".into(),
        since: now.0,
        problem: Some(Problem::new("DEVICE-NOT-SET").with("device", label(kind).vi)),
    }
}

pub(super) fn state_name(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Absent => "absent",
        DeviceState::Opening => "opening",
        DeviceState::Ready => "ready",
        DeviceState::Busy => "busy",
        DeviceState::Degraded => "degraded",
        DeviceState::Blocked => "blocked",
        DeviceState::Faulted => "faulted",
    }
}

pub(super) fn label(kind: DeviceKind) -> Text {
    match kind {
        DeviceKind::TicketPrinter => Text::both("Máy in phiếu", "Ticket printer"),
        DeviceKind::CardScanner => Text::both("Máy đọc mã", "Code scanner"),
        DeviceKind::Board => Text::both("Bảng gọi số", "Call board"),
        DeviceKind::Announcer => Text::both("Loa gọi số", "Announcer"),
        DeviceKind::ChipReader => Text::both("Máy đọc chip", "Chip reader"),
        DeviceKind::DocumentScanner => Text::both("Máy quét giấy tờ", "Document scanner"),
        DeviceKind::DocumentPrinter => Text::both("Máy in biên nhận", "Document printer"),
        DeviceKind::Display => Text::both("Bảng số tại quầy", "Counter display"),
        DeviceKind::RatingPad => Text::both("Bàn phím đánh giá", "Rating pad"),
    }
}
