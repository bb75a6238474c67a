//! What the printer says about itself.

use super::Mechanism;

const fn bit(is: bool, mask: u8) -> u8 {
    if is { mask } else { 0 }
}

impl Mechanism {
    pub(super) fn real_time_status(&self, n: u8) -> u8 {
        0x12 | match n {
            1 => bit(self.is_offline(), 0x08),
            2 => {
                bit(self.hands.cover_open, 0x04)
                    | bit(self.paper_end(), 0x20)
                    | bit(self.cutter_error || self.hands.head_hot, 0x40)
            }
            3 => bit(self.cutter_error, 0x08) | bit(self.hands.head_hot, 0x40),
            _ => bit(self.near_end(), 0x0C) | bit(self.paper_end(), 0x60),
        }
    }

    pub(super) fn automatic_status(&mut self) -> Vec<u8> {
        if !self.model.asb || self.asb_mask == 0 {
            return Vec::new();
        }
        let now = [
            0x10 | bit(self.is_offline(), 0x08) | bit(self.hands.cover_open, 0x20),
            bit(self.cutter_error, 0x08) | bit(self.hands.head_hot, 0x40),
            bit(self.near_end(), 0x03) | bit(self.paper_end(), 0x0C),
            0,
        ];
        if self.asb_said.replace(now) == Some(now) { Vec::new() } else { now.to_vec() }
    }
}
