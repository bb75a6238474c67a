//! PostgreSQL: many nodes over one database. Only this folder knows its SQL.
//!
//! Whoever adds to a stream holds its row, so its numbers are given in the order in which they become visible, and a reader
//! that asks by heads skips nothing, however late another transaction commits.

mod grants;
mod identity;
mod leases;
mod listen;
mod office;
mod pool;
mod pull;
mod push;
mod rows;
mod schema;
mod verify;

use super::{CentreStore, Counts};
use crate::news::News;
use identity::Identity;
use intake::event::{Draft, Event, Scope};
use intake::ids::{SiteCode, StationId};
use intake::moment::Moment;
use pool::{Pool, store_fault, stored};
use std::path::Path;
use std::sync::Arc;
use sync::checkpoint::Checkpoint;
use sync::protocol::WrappedKey;
use sync::protocol::{
    EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants, StationCard,
};
use sync::store::{Invitation, ReceiveFault, StoreFault, VerifyReport};
use sync::stream::Heads;
use sync::wrap::Secret;

/// The log in a PostgreSQL database, as one of the nodes that share it.
pub struct Postgres {
    pool: Pool,
    identity: Identity,
    news: Arc<News>,
    _listening: listen::Listening,
}

impl Postgres {
    /// Is this the address of a database?
    pub fn is_address(url: &str) -> bool {
        url.parse::<postgres::Config>().is_ok()
    }

    /// Opens the log of the database at `url`, and makes it where there is none. `key` is the file with the nodes' key,
    /// made when the log is; a second node needs a copy of it.
    ///
    /// # Errors
    /// [`StoreFault::KeyMissing`], [`StoreFault::KeyWrong`], [`StoreFault::NewerVersion`], [`StoreFault::Io`].
    pub fn open(url: &str, key: &Path, site: &SiteCode) -> Result<Self, StoreFault> {
        let config: postgres::Config =
            url.parse().map_err(|_| StoreFault::Invalid("not the address of a PostgreSQL database".into()))?;
        let pool = Pool::new(config);
        let mut client = pool.connect().map_err(|error| store_fault(&error))?;
        schema::migrate(&mut client)?;
        drop(client);
        let identity = Identity::load_or_make(&pool, key, site)?;
        let news = Arc::default();
        let listening = listen::start(&pool, Arc::clone(&news))?;
        Ok(Self { pool, identity, news, _listening: listening })
    }
}

impl CentreStore for Postgres {
    fn station_card(&self, station: StationId) -> Result<Option<StationCard>, StoreFault> {
        self.pool.transact(|db| office::card(db, station)).map_err(stored)
    }

    fn ensure_group(&self, name: &str) -> Result<(), StoreFault> {
        self.pool.transact(|db| office::ensure_group(db, &self.identity, name)).map_err(stored)
    }

    fn invite(&self, invitation: &Invitation) -> Result<String, StoreFault> {
        let token = sync::centre::new_token()?;
        self.pool.transact(|db| office::invite(db, &self.identity, &token, invitation)).map_err(stored)?;
        Ok(token)
    }

    fn enrol(&self, now: Moment, ask: &EnrolAsk) -> Result<Enrolment, ReceiveFault> {
        self.pool.transact(|db| office::enrol(db, &self.identity, now, ask))
    }

    fn publish(&self, now: Moment, draft: Draft) -> Result<(), StoreFault> {
        self.pool.transact(|db| office::publish(db, &self.identity, now, draft.clone())).map_err(stored)
    }

    fn lease(&self, now: Moment, to: &StationCard, ask: &LeaseAsk) -> Result<(), ReceiveFault> {
        self.pool.transact(|db| leases::lease(db, &self.identity, now, to, ask))
    }

    fn push(&self, now: Moment, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, StoreFault> {
        let cards = self.pool.transact(|db| push::cards_of(db, segments)).map_err(stored)?;
        // What costs time is done before any row is held.
        let checked = sync::checked::check_all(segments, &cards);
        self.pool.transact(|db| push::take(db, &self.identity, now, segments, &checked)).map_err(stored)
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, StoreFault> {
        self.pool.transact(|db| rows::heads(db, Some(scopes))).map_err(stored)
    }

    fn pull(&self, now: Moment, ask: &PullAsk) -> Result<PullAnswer, StoreFault> {
        self.pool.transact(|db| pull::answer(db, &self.identity, now, ask)).map_err(stored)
    }

    fn countersign(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, ReceiveFault> {
        self.pool.transact(|db| office::countersign(db, &self.identity, checkpoint))
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, StoreFault> {
        self.pool.transact(|db| office::public_state(db, code)).map_err(stored)
    }

    fn counts(&self) -> Result<Counts, StoreFault> {
        self.pool.transact(office::counts).map_err(stored)
    }

    fn events(&self) -> Result<Vec<Event>, StoreFault> {
        self.pool.transact(office::events).map_err(stored)
    }

    fn streams(&self) -> Result<Heads, StoreFault> {
        self.pool.transact(|db| rows::heads(db, None)).map_err(stored)
    }

    fn verify(&self) -> Result<VerifyReport, StoreFault> {
        self.pool.transact(verify::verify).map_err(stored)
    }

    fn check_writable(&self) -> Result<(), StoreFault> {
        self.pool.transact(office::check_writable).map_err(stored)
    }

    fn limit_bytes(&self, _: u64) -> Result<(), StoreFault> {
        Err(StoreFault::Invalid("the size of a PostgreSQL database is its own administrator's to limit".into()))
    }

    fn open_for_recovery(&self, info: &[u8], wrapped: &WrappedKey) -> Result<Option<Secret>, StoreFault> {
        let opened = self.pool.transact(|db| {
            for row in db.query("SELECT card, private FROM reader_group WHERE name = 'recovery'", &[])? {
                let private = self.identity.open_group(&sync::wire::from_cbor(row.get(0))?, row.get(1))?;
                if let Some(secret) = sync::wrap::unwrap_with(&private, info, wrapped) {
                    return Ok(Some(secret));
                }
            }
            Ok(None)
        });
        opened.map_err(stored)
    }

    fn news(&self) -> &Arc<News> {
        &self.news
    }
}
