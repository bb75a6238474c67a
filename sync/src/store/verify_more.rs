//! `verify`, beyond the chains: receipts that must cover what is said to be confirmed, and keys that must be there.

use super::receive::{hash_at, held_row};
use super::{Store, StoreFault};
use crate::protocol::Receipt;
use crate::stream::StreamId;
use crate::wire::{Hash, from_cbor};
use rusqlite::OptionalExtension;

impl Store {
    /// The chain's hash at a number of a stream; none where it does not reach so far here.
    ///
    /// # Errors
    /// Store faults.
    pub fn hash_of(&self, stream: &StreamId, no: u64) -> Result<Option<Hash>, StoreFault> {
        hash_at(&self.db, stream, held_row(&self.db, stream)?, no)
    }

    /// Each receipt is the centre's and of the chain that is here; what counts as confirmed is covered by one.
    pub(super) fn check_receipts(&self) -> Result<Option<String>, StoreFault> {
        for (row, stream, head) in self.all_streams()? {
            let name = format!("receipt of {} of {}", stream.scope, stream.station);
            let receipted: i64 =
                self.db.query_row("SELECT receipted FROM stream WHERE row = ?1", [row], |row| row.get(0))?;
            let receipted = receipted as u64;
            if receipted > head.no {
                return Ok(Some(format!("{name}: covers {receipted}, the stream ends at {}", head.no)));
            }
            let bytes: Option<Vec<u8>> =
                self.db.query_row("SELECT bytes FROM receipt WHERE stream = ?1", [row], |row| row.get(0)).optional()?;
            let Some(bytes) = bytes else {
                // A hub also counts as confirmed what the centre itself handed down.
                if receipted > 0 && stream.station == self.card.station {
                    return Ok(Some(format!("{name}: {receipted} count as confirmed and there is no receipt")));
                }
                continue;
            };
            let receipt: Receipt = match from_cbor(&bytes) {
                Ok(receipt) => receipt,
                Err(error) => return Ok(Some(format!("{name}: cannot be read ({error})"))),
            };
            if let Err(refusal) = receipt.check(&self.centre) {
                return Ok(Some(format!("{name}: {refusal}")));
            }
            if receipt.stream != stream || hash_at(&self.db, &stream, Some(row), receipt.no)? != Some(receipt.hash) {
                return Ok(Some(format!("{name}: not of the chain that is here, at {}", receipt.no)));
            }
            if stream.station == self.card.station && receipted > receipt.no {
                return Ok(Some(format!("{name}: covers {}, {receipted} count as confirmed", receipt.no)));
            }
        }
        Ok(None)
    }

    /// Each sealed part that we wrote has a key for a reader, unless its keys were destroyed by order.
    pub(super) fn check_grants(&self) -> Result<Option<String>, StoreFault> {
        let without: Option<i64> = self
            .db
            .query_row(
                "SELECT event.row FROM event WHERE content_key IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM content_grant WHERE content_grant.subject = event.subject
                                     AND content_grant.content_key = event.content_key)
                   AND NOT EXISTS (SELECT 1 FROM forgotten WHERE forgotten.subject = event.subject)
                   AND EXISTS (SELECT 1 FROM place JOIN stream ON stream.row = place.stream
                               WHERE place.event = event.row AND stream.station = ?1)
                 ORDER BY event.row LIMIT 1",
                [self.card.station.0],
                |row| row.get(0),
            )
            .optional()?;
        Ok(without.map(|row| format!("grant: event {row} is sealed and no reader has its key")))
    }
}
