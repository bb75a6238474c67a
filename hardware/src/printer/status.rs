//! The bytes that a printer sends back: classified one by one, whatever else is on the line. Pure; total.
//!
//! Fixed bits (Epson's ESC/POS reference): `DLE EOT` replies are 0xx1xx10, the first byte of an automatic status 0xx1xx00, its other three and
//! `GS r` replies 0xx0xxxx; XON 11, XOFF 13; a process id is `37 22 d1 d2 d3 d4 00`.

use crate::status::Fault;

/// What a printer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusEvent {
    /// An automatic status, complete.
    Asb(Condition),
    /// A reply to `DLE EOT n`; which `n` is known to whoever asked.
    RealTime(u8),
    /// A reply to `GS r 1`, given in its turn among the data.
    PaperSensor(u8),
    /// A job was processed (`GS ( H`), with the four bytes that named it.
    ProcessId([u8; 4]),
    /// The printer takes data again.
    Xon,
    /// The printer asks to wait.
    Xoff,
    /// A byte that is none of these.
    Junk(u8),
}

/// How a printer said it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Takes no data.
    pub offline: bool,
    /// The cover is open.
    pub cover_open: bool,
    /// The roll is empty.
    pub paper_end: bool,
    /// The roll is near its end.
    pub near_end: bool,
    /// The cutter is jammed.
    pub cutter: bool,
    /// Only service or a power cycle helps.
    pub unrecoverable: bool,
    /// An error that ends by itself (the head cools down).
    pub head_hot: bool,
}

impl Condition {
    /// What is wrong, the gravest first.
    #[must_use]
    pub fn faults(self) -> Vec<Fault> {
        let named = [
            (self.unrecoverable, Fault::PrinterBroken),
            (self.cutter, Fault::CutterJam),
            (self.cover_open, Fault::CoverOpen),
            (self.paper_end, Fault::PaperOut),
            (self.head_hot, Fault::HeadHot),
        ];
        let mut faults: Vec<_> = named.into_iter().filter_map(|(is, fault)| is.then_some(fault)).collect();
        if faults.is_empty() && self.offline {
            faults.push(Fault::PrinterOffline);
        }
        if self.near_end && !self.paper_end {
            faults.push(Fault::PaperNearEnd);
        }
        faults
    }

    /// The fault that keeps it from printing, if one does.
    #[must_use]
    pub fn blocking(self) -> Option<Fault> {
        self.faults().into_iter().find(|fault| *fault != Fault::PaperNearEnd)
    }

    /// From the four replies to `DLE EOT` 1 to 4.
    #[must_use]
    pub fn from_real_time(replies: [u8; 4]) -> Self {
        let [printer, offline, error, roll] = replies;
        Self {
            offline: printer & 0x08 != 0,
            cover_open: offline & 0x04 != 0,
            paper_end: offline & 0x20 != 0 || roll & 0x60 != 0,
            near_end: roll & 0x0C != 0,
            cutter: error & 0x08 != 0,
            unrecoverable: error & 0x20 != 0,
            head_hot: error & 0x40 != 0,
        }
    }

    /// From the four bytes of an automatic status.
    #[must_use]
    pub fn from_asb(bytes: [u8; 4]) -> Self {
        let [printer, error, roll, _] = bytes;
        Self {
            offline: printer & 0x08 != 0,
            cover_open: printer & 0x20 != 0,
            paper_end: roll & 0x0C != 0,
            near_end: roll & 0x03 != 0,
            cutter: error & 0x08 != 0,
            unrecoverable: error & 0x20 != 0,
            head_hot: error & 0x40 != 0,
        }
    }
}

/// Whether a byte can be a reply to `DLE EOT`.
#[must_use]
pub const fn is_real_time(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// Whether a byte can begin an automatic status.
#[must_use]
pub const fn is_asb_first(byte: u8) -> bool {
    byte & 0x93 == 0x10
}

const fn is_plain(byte: u8) -> bool {
    byte & 0x90 == 0
}

const PROCESS_ID_HEADER: [u8; 2] = [0x37, 0x22];

/// Turns the byte stream from a printer into events. Never fails and never holds more than six bytes.
#[derive(Clone, Debug, Default)]
pub struct StatusStream {
    asb: Vec<u8>,
    process_id: Vec<u8>,
}

impl StatusStream {
    /// A stream at its beginning.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they arrive and adds what they mean to `events`.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<StatusEvent>) {
        for byte in bytes {
            self.push_byte(*byte, events);
        }
    }

    fn push_byte(&mut self, byte: u8, events: &mut Vec<StatusEvent>) {
        if self.continues_process_id(byte) {
            self.process_id.push(byte);
            if let [_, _, a, b, c, d, _] = self.process_id[..] {
                events.push(StatusEvent::ProcessId([a, b, c, d]));
                self.process_id.clear();
            }
            return;
        }
        if !self.process_id.is_empty() && !may_interrupt(byte) {
            events.extend(self.process_id.drain(..).map(StatusEvent::Junk));
        }
        match byte {
            0x11 => events.push(StatusEvent::Xon),
            0x13 => events.push(StatusEvent::Xoff),
            _ if is_real_time(byte) => events.push(StatusEvent::RealTime(byte)),
            _ if byte == PROCESS_ID_HEADER[0] => self.process_id.push(byte),
            _ if is_asb_first(byte) => self.begin_asb(byte, events),
            _ if !self.asb.is_empty() && is_plain(byte) => self.continue_asb(byte, events),
            _ if is_plain(byte) => events.push(StatusEvent::PaperSensor(byte)),
            _ => events.push(StatusEvent::Junk(byte)),
        }
    }

    fn continues_process_id(&self, byte: u8) -> bool {
        match self.process_id.len() {
            0 => false,
            1 => byte == PROCESS_ID_HEADER[1],
            2..=5 => (0x20..0x7F).contains(&byte),
            _ => byte == 0,
        }
    }

    fn begin_asb(&mut self, byte: u8, events: &mut Vec<StatusEvent>) {
        events.extend(self.asb.drain(..).map(StatusEvent::Junk));
        self.asb.push(byte);
    }

    fn continue_asb(&mut self, byte: u8, events: &mut Vec<StatusEvent>) {
        self.asb.push(byte);
        if let [a, b, c, d] = self.asb[..] {
            events.push(StatusEvent::Asb(Condition::from_asb([a, b, c, d])));
            self.asb.clear();
        }
    }
}

/// Real-time bytes may fall into the midst of a longer answer without ending it.
const fn may_interrupt(byte: u8) -> bool {
    byte == 0x11 || byte == 0x13 || is_real_time(byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn events(bytes: &[u8]) -> Vec<StatusEvent> {
        let mut events = Vec::new();
        StatusStream::new().push(bytes, &mut events);
        events
    }

    #[test]
    fn each_answer_is_known_by_its_fixed_bits() {
        assert_eq!(events(&[0x12, 0x16, 0x32]), [0x12, 0x16, 0x32].map(StatusEvent::RealTime));
        assert_eq!(events(&[0x10, 0, 0, 0]), [StatusEvent::Asb(Condition::default())]);
        assert_eq!(events(&[0x0C]), [StatusEvent::PaperSensor(0x0C)]);
        assert_eq!(events(b"\x37\x22AbC~\x00"), [StatusEvent::ProcessId(*b"AbC~")]);
        assert_eq!(events(&[0x11, 0x13]), [StatusEvent::Xon, StatusEvent::Xoff]);
        assert_eq!(events(&[0xFF]), [StatusEvent::Junk(0xFF)]);
    }

    #[test]
    fn a_reply_in_the_midst_of_an_automatic_status_is_both() {
        let open = Condition { cover_open: true, offline: true, ..Condition::default() };
        assert_eq!(events(&[0x38, 0x00, 0x12, 0x00, 0x00]), [StatusEvent::RealTime(0x12), StatusEvent::Asb(open)]);
        assert_eq!(events(b"\x37\x22Ab\x12C~\x00").last(), Some(&StatusEvent::ProcessId(*b"AbC~")));
    }

    #[test]
    fn junk_is_reported_and_survived() {
        assert_eq!(
            events(&[0xFF, 0x37, 0xFE, 0x10, 0xFF, 0, 0, 0]).last(),
            Some(&StatusEvent::Asb(Condition::default()))
        );
        assert_eq!(events(b"\x37\x23\x37\x22abcd\x00").last(), Some(&StatusEvent::ProcessId(*b"abcd")));
    }

    #[test]
    fn conditions_read_the_tables_of_the_reference() {
        let faults = |replies| Condition::from_real_time(replies).faults();
        assert_eq!(faults([0x12, 0x12, 0x12, 0x12]), []);
        assert_eq!(faults([0x16, 0x12, 0x12, 0x1E]), [Fault::PaperNearEnd]);
        assert_eq!(faults([0x1A, 0x16, 0x12, 0x12]), [Fault::CoverOpen]);
        assert_eq!(faults([0x1A, 0x32, 0x12, 0x7E]), [Fault::PaperOut]);
        assert_eq!(faults([0x1A, 0x52, 0x1A, 0x12]), [Fault::CutterJam]);
        assert_eq!(faults([0x1A, 0x52, 0x52, 0x12]), [Fault::HeadHot]);
        assert_eq!(faults([0x1A, 0x52, 0x32, 0x12]), [Fault::PrinterBroken]);
        assert_eq!(faults([0x1A, 0x12, 0x12, 0x12]), [Fault::PrinterOffline]);
        let asb = |bytes| Condition::from_asb(bytes).faults();
        assert_eq!(asb([0x18, 0x00, 0x0F, 0x00]), [Fault::PaperOut]);
        assert_eq!(asb([0x10, 0x00, 0x03, 0x00]), [Fault::PaperNearEnd]);
        assert_eq!(asb([0x38, 0x08, 0x00, 0x00]), [Fault::CutterJam, Fault::CoverOpen]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_a_status_is_found_after_them(junk: Vec<u8>) {
            let mut stream = StatusStream::new();
            let mut events = Vec::new();
            stream.push(&junk, &mut events);
            events.clear();
            // Whatever was half read, the second complete status is always understood.
            stream.push(&[0xFF, 0x10, 0, 0, 0, 0x38, 0, 0, 0], &mut events);
            let open = Condition { cover_open: true, offline: true, ..Condition::default() };
            prop_assert_eq!(events.last(), Some(&StatusEvent::Asb(open)));
        }

        #[test]
        fn any_cut_of_the_stream_gives_the_same_events(bytes: Vec<u8>, cut: prop::sample::Index) {
            let at = cut.index(bytes.len() + 1);
            let mut stream = StatusStream::new();
            let mut parts = Vec::new();
            stream.push(&bytes[..at], &mut parts);
            stream.push(&bytes[at..], &mut parts);
            prop_assert_eq!(parts, events(&bytes));
        }
    }
}
