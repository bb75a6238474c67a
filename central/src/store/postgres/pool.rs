//! Connections, transactions and what is tried again.

use postgres::error::SqlState;
use postgres::{Client, Config, NoTls, Transaction};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use sync::Refusal;
use sync::store::{ReceiveFault, StoreFault};

/// How often a transaction is tried before the station is asked to come again.
const TRIES: u32 = 7;
/// The pause before the second try; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// Connections that are kept open when nobody needs them.
const IDLE: usize = 16;

/// Connections to one database, made as they are needed.
pub(super) struct Pool {
    config: Config,
    idle: Mutex<Vec<Client>>,
}

/// What ends a transaction: the database, or what it was given.
#[derive(Debug)]
pub(super) enum Fault {
    Database(postgres::Error),
    Receive(ReceiveFault),
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::Receive(fault.into())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Receive(refusal.into())
    }
}

impl Pool {
    pub(super) fn new(config: Config) -> Self {
        Self { config, idle: Mutex::default() }
    }

    /// Another pool to the same database.
    pub(super) fn another(&self) -> Self {
        Self::new(self.config.clone())
    }

    /// A connection of its own, that no one else gets.
    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        let mut client = self.config.connect(NoTls)?;
        // Whatever the database's default says: what is acknowledged is on disk, and on the standby's where there is one.
        client.batch_execute("SET synchronous_commit TO on; SET application_name TO 'motcua-central'")?;
        Ok(client)
    }

    /// Does something in one transaction, durable when it returns. What the database says may be tried again is: rows that
    /// two nodes wrote at once, a deadlock, a connection that broke. `act` must change nothing but the database.
    pub(super) fn transact<T>(
        &self,
        mut act: impl FnMut(&mut Transaction) -> Result<T, Fault>,
    ) -> Result<T, ReceiveFault> {
        let mut pause = FIRST_PAUSE;
        for tried in 1..=TRIES {
            match self.once(&mut act) {
                Ok(done) => return Ok(done),
                Err(Fault::Receive(fault)) => return Err(fault),
                Err(Fault::Database(error)) if tried < TRIES && may_be_tried_again(&error) => {
                    tracing::warn!(code = error.code().map(SqlState::code), tried, "tried again");
                    std::thread::sleep(pause);
                    pause *= 2;
                }
                Err(Fault::Database(error)) => return Err(store_fault(&error).into()),
            }
        }
        Err(StoreFault::Io("the database did not settle".into()).into())
    }

    fn once<T>(&self, act: &mut impl FnMut(&mut Transaction) -> Result<T, Fault>) -> Result<T, Fault> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut client = match kept {
            Some(client) if !client.is_closed() => client,
            _ => self.connect()?,
        };
        let mut transaction = client.transaction()?;
        let done = act(&mut transaction)?;
        transaction.commit()?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(client);
        }
        Ok(done)
    }
}

/// For calls that no station's bytes can spoil.
pub(super) fn stored(fault: ReceiveFault) -> StoreFault {
    match fault {
        ReceiveFault::Store(fault) => fault,
        ReceiveFault::Refused(refusal) => StoreFault::Invalid(refusal.to_string()),
    }
}

pub(super) fn store_fault(error: &postgres::Error) -> StoreFault {
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreFault::DiskFull,
        // The driver's own words hold no value of a row; the server's might.
        Some(code) => StoreFault::Io(format!("the database said {}", code.code())),
        None => StoreFault::Io("no connection to the database".into()),
    }
}

fn may_be_tried_again(error: &postgres::Error) -> bool {
    match error.code() {
        // No word from the database: the line broke, or it is being replaced.
        None => true,
        Some(code) => {
            *code == SqlState::T_R_SERIALIZATION_FAILURE
                || *code == SqlState::T_R_DEADLOCK_DETECTED
                // Two nodes took in the same event at once: the second time it is found.
                || *code == SqlState::UNIQUE_VIOLATION
                // Shutting down, starting up, a primary that became a standby.
                || *code == SqlState::READ_ONLY_SQL_TRANSACTION
                || code.code().starts_with("57P")
                || code.code().starts_with("08")
        }
    }
}
