//! What the printer says about itself.

use super::{Defect, Mechanism};

/// A run of NULs that is longer than any raster's head.
const MANY_NULS: usize = 1000;
/// `GS ( H` function 48 and its length; the four bytes of the job's name follow.
const CONFIRM_HEAD: &[u8] = b"\x1D(H\x06\0\x30\x30";

const fn bit(is: bool, mask: u8) -> u8 {
    if is { mask } else { 0 }
}

/// The confirmation of a job.
pub(super) fn process_id(tag: [u8; 4]) -> Vec<u8> {
    [&[0x37, 0x22], &tag[..], &[0]].concat()
}

impl Mechanism {
    pub(super) fn has(&self, defect: Defect) -> bool {
        self.model.defect == Some(defect)
    }

    /// What a bad firmware does as bytes arrive.
    pub(super) fn notice(&mut self, byte: u8, answer: &mut Vec<u8>) {
        self.nuls = if byte == 0 { self.nuls + 1 } else { 0 };
        // Dots are no run of NULs: only what is no command's parameter counts.
        let in_raster = self.buffer.starts_with(b"\x1Dv0");
        self.is_deaf |= self.has(Defect::HangsOnNuls) && self.nuls >= MANY_NULS && !in_raster;
        if self.has(Defect::EarlyConfirmation)
            && let Some((head, tag)) = self.buffer.split_last_chunk::<4>()
            && head.ends_with(CONFIRM_HEAD)
        {
            answer.extend(process_id(*tag));
        }
    }

    /// The answer to `DLE EOT n`.
    pub(super) fn answer_status(&self, n: u8) -> Option<u8> {
        let in_raster = self.buffer.starts_with(b"\x1Dv0");
        let deaf = self.is_deaf || !self.model.answers_status || (in_raster && self.has(Defect::DeafInRaster));
        (!deaf).then(|| if n == 3 && self.has(Defect::WrongFixedBits) { 0x81 } else { self.real_time_status(n) })
    }

    /// The answer to `GS r 1`.
    pub(super) fn sensor(&self) -> Option<u8> {
        let answers = self.model.answers_status && !self.has(Defect::NoSensor);
        answers.then(|| if self.near_end() { 0x03 } else { 0 })
    }

    /// Whether `GS ( H` is answered when its turn comes.
    pub(super) fn confirms_in_turn(&self) -> bool {
        self.model.process_id && !self.has(Defect::EarlyConfirmation)
    }

    pub(super) fn confirmed_name(&self, tag: [u8; 4]) -> [u8; 4] {
        if self.has(Defect::WrongConfirmation) { *b"!!!!" } else { tag }
    }

    pub(super) fn enable_asb(&mut self, mask: u8) {
        self.asb_mask = if self.has(Defect::AsbCannotEnd) { mask.max(1) } else { mask };
        self.asb_said = None;
    }

    fn real_time_status(&self, n: u8) -> u8 {
        0x12 | match n {
            1 => bit(self.is_offline(), 0x08),
            2 => {
                bit(self.hands.cover_open && !self.has(Defect::HidesCover), 0x04)
                    | bit(self.paper_end() && !self.has(Defect::HidesPaperEnd), 0x20)
                    | bit(self.cutter_error || self.hands.head_hot, 0x40)
            }
            3 => bit(self.cutter_error, 0x08) | bit(self.hands.head_hot, 0x40),
            _ => bit(self.near_end(), 0x0C) | bit(self.paper_end() && !self.has(Defect::HidesPaperEnd), 0x60),
        }
    }

    pub(super) fn automatic_status(&mut self) -> Vec<u8> {
        if !self.model.asb || self.asb_mask == 0 {
            return Vec::new();
        }
        let now = [
            bit(!self.has(Defect::WrongAsbBits), 0x10)
                | bit(self.is_offline(), 0x08)
                | bit(self.hands.cover_open && !self.has(Defect::HidesCover), 0x20),
            bit(self.cutter_error, 0x08) | bit(self.hands.head_hot, 0x40),
            bit(self.near_end(), 0x03) | bit(self.paper_end() && !self.has(Defect::HidesPaperEnd), 0x0C),
            0,
        ];
        if self.asb_said.replace(now) == Some(now) { Vec::new() } else { now.to_vec() }
    }
}
