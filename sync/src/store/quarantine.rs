//! The way out of quarantine: what was put aside can be looked at, given to support as a file, and asked for again.

use super::{Store, StoreFault};
use crate::Refusal;
use crate::protocol::StationCard;
use crate::segment::Segment;
use crate::stream::StreamId;
use crate::wire::from_cbor;
use intake::moment::Moment;
use rusqlite::OptionalExtension;

/// Bytes that were put aside, and whose they say they are.
#[derive(Clone, PartialEq, Debug)]
pub struct Aside {
    /// Its number here; names it in the calls below.
    pub row: i64,
    /// When it came.
    pub at: Moment,
    /// Why it was refused.
    pub refusal: Refusal,
    /// The stream that it says it is of, where that can be read.
    pub stream: Option<StreamId>,
    /// That stream's station, where it is known here.
    pub of: Option<StationCard>,
    /// How many bytes.
    pub size_bytes: u64,
}

impl Store {
    /// What was put aside, oldest first, with whose it says it is.
    ///
    /// # Errors
    /// Store faults.
    pub fn put_aside(&self) -> Result<Vec<Aside>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT row, at, refusal, bytes FROM quarantine ORDER BY row")?;
        let rows = select.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, Vec<u8>>(3)?))
        })?;
        rows.map(|row| {
            let (row, at, refusal, bytes) = row?;
            let refusal = from_cbor(&refusal).map_err(StoreFault::unreadable)?;
            let stream = Segment::parse(&bytes).ok().map(|segment| segment.header.stream);
            let of = stream.as_ref().map(|stream| self.station_card(stream.station)).transpose()?.flatten();
            Ok(Aside { row, at: Moment(at), refusal, stream, of, size_bytes: bytes.len() as u64 })
        })
        .collect()
    }

    /// The bytes that were put aside under a number, as they came; none when there are none.
    ///
    /// # Errors
    /// Store faults.
    pub fn put_aside_bytes(&self, row: i64) -> Result<Option<Vec<u8>>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT bytes FROM quarantine WHERE row = ?1")?;
        Ok(select.query_row([row], |row| row.get(0)).optional()?)
    }

    /// Lets go of what was put aside under a number and asks for its stream again with the next pull. True when it was there.
    /// Nothing is lost by it: what was put aside was never part of the log.
    ///
    /// # Errors
    /// Store faults.
    pub fn ask_again(&mut self, row: i64) -> Result<bool, StoreFault> {
        let Some(bytes) = self.put_aside_bytes(row)? else { return Ok(false) };
        self.db.execute("DELETE FROM quarantine WHERE row = ?1", [row])?;
        match Segment::parse(&bytes) {
            Ok(segment) => {
                self.aside.remove(&segment.header.stream);
            }
            // Whose it was cannot be read: all that was set aside is asked for.
            Err(_) => self.aside.clear(),
        }
        Ok(true)
    }
}
