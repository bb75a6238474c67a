//! Taking in a stick that somebody carried here: the same way in as a push.

use super::Service;
use std::io::Read;
use std::sync::Arc;
use sync::protocol::{Centre, Receipt, SegmentOutcome};
use sync::stick::{StickFault, info, read};
use sync::{CentreFault, Refusal};

/// What came of a stick.
#[derive(Default)]
pub struct Carried {
    /// Segments that it held.
    pub segments: u64,
    /// The centre's receipts, to be carried back.
    pub receipts: Vec<Receipt>,
    /// What was refused, with why.
    pub refused: Vec<Refusal>,
}

/// Why a stick was not taken, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum NotCarried {
    /// The stick itself.
    #[error(transparent)]
    Stick(#[from] StickFault),
    /// The centre.
    #[error(transparent)]
    Centre(#[from] CentreFault),
}

impl Service {
    /// Takes in a stick; once more, or after the network came back, changes nothing.
    ///
    /// # Errors
    /// See [`NotCarried`]; what came whole before a fault was taken.
    pub fn take_stick(self: &Arc<Self>, from: impl Read) -> Result<Carried, NotCarried> {
        let mut carried = Carried::default();
        read::<NotCarried>(
            from,
            |header| {
                let station = header.station;
                let card = self.card(station)?.ok_or(CentreFault::Refused(Refusal::UnknownStation { station }))?;
                let secret = self.store.open_for_recovery(&info(station, header.made_at), &header.key);
                let secret = secret.map_err(|fault| super::fault_for_station(fault.into()))?;
                Ok((card.sign_public, secret))
            },
            |header, segments| {
                let station = header.station;
                let card = self.card(station)?.ok_or(CentreFault::Refused(Refusal::UnknownStation { station }))?;
                carried.segments += segments.len() as u64;
                for outcome in self.for_station(card).push(&segments)? {
                    match outcome {
                        SegmentOutcome::Receipt(receipt) => carried.receipts.push(receipt),
                        SegmentOutcome::Refused(refusal) => carried.refused.push(refusal),
                        SegmentOutcome::Held { .. } => {}
                    }
                }
                Ok(())
            },
        )?;
        Ok(carried)
    }
}
