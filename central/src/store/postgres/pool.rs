//! Connections, transactions and what is tried again.

use super::db::{Connection, Db};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};
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
/// A line on which nothing is heard for so long is asked whether it is still there, and given up after three questions.
const SILENCE: Duration = Duration::from_secs(5);
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(2);
const QUESTIONS: u32 = 3;
/// What was said and not even received for so long, by a machine that is gone, is given up.
const UNHEARD: Duration = Duration::from_secs(15);
/// What each connection is told first. Whatever the database's defaults say: what is acknowledged is on disk, and on the
/// standby's where there is one. The database gives up a node that is gone or stands still, and the rows that it held; and
/// no node waits for a row for ever. (Never a statement_timeout: it would end the wait for the standby and not the commit.)
const FIRST: &str = "SET synchronous_commit TO on; SET application_name TO 'motcua-central';
    SET tcp_keepalives_idle TO 5; SET tcp_keepalives_interval TO 2; SET tcp_keepalives_count TO 3;
    SET tcp_user_timeout TO '15s'; SET idle_in_transaction_session_timeout TO '10s'; SET lock_timeout TO '10s'";

/// Connections to one database, made as they are needed.
pub(super) struct Pool {
    config: Config,
    idle: Mutex<Vec<Connection>>,
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
    pub(super) fn new(mut config: Config) -> Self {
        // What the address does not say.
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(SILENCE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNHEARD);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_idle(SILENCE).keepalives_interval(BETWEEN_QUESTIONS).keepalives_retries(QUESTIONS);
        }
        Self { config, idle: Mutex::default() }
    }

    /// Another pool to the same database.
    pub(super) fn another(&self) -> Self {
        Self::new(self.config.clone())
    }

    /// A connection of its own, that no one else gets.
    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        let mut client = self.config.connect(NoTls)?;
        client.batch_execute(FIRST)?;
        Ok(client)
    }

    /// Does something in one transaction, durable when it returns. What the database says may be tried again is: rows that
    /// two nodes wrote at once, a deadlock, a connection that broke. `act` must change nothing but the database.
    pub(super) fn transact<T>(&self, mut act: impl FnMut(&mut Db) -> Result<T, Fault>) -> Result<T, ReceiveFault> {
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

    fn once<T>(&self, act: &mut impl FnMut(&mut Db) -> Result<T, Fault>) -> Result<T, Fault> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match kept {
            Some(connection) if !connection.client.is_closed() => connection,
            _ => Connection::new(self.connect()?),
        };
        let mut db = connection.begin()?;
        let done = match act(&mut db) {
            Ok(done) => db.commit().map(|()| Ok(done))?,
            Err(Fault::Database(error)) => return Err(error.into()),
            // What was refused left nothing behind; the connection is as good as before.
            Err(Fault::Receive(fault)) => db.roll_back().map(|()| Err(Fault::Receive(fault)))?,
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(connection);
        }
        done
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
                // This node stood still and was given up.
                || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
                // An event that is held already, perhaps since a moment ago: the second time it is searched for.
                || *code == SqlState::UNIQUE_VIOLATION
                // Shutting down, starting up, a primary that became a standby.
                || *code == SqlState::READ_ONLY_SQL_TRANSACTION
                || code.code().starts_with("57P")
                || code.code().starts_with("08")
        }
    }
}
