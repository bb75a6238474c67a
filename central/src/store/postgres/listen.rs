//! News over all nodes: what one node took in, the others hear of, so that a pull that waits there is answered.

use super::pool::Pool;
use crate::news::News;
use intake::event::Scope;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, Transaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use sync::store::StoreFault;

const CHANNEL: &str = "motcua_news";
/// PostgreSQL takes less than 8,000 bytes.
const MAX_PAYLOAD: usize = 7_000;
/// How often the thread looks whether it should end, and how long it waits before it connects anew.
const LOOK: Duration = Duration::from_millis(500);

/// A thread that hears the others; it ends when this is dropped.
pub(super) struct Listening(Arc<AtomicBool>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Tells all nodes, this one too, when the transaction commits.
pub(super) fn tell<'a>(
    db: &mut Transaction,
    scopes: impl IntoIterator<Item = &'a Scope>,
) -> Result<(), postgres::Error> {
    let mut payload = String::new();
    let mut scopes = scopes.into_iter().peekable();
    while let Some(scope) = scopes.next() {
        payload.push_str(scope.as_str());
        let full = payload.len() + scopes.peek().map_or(MAX_PAYLOAD, |next| next.as_str().len() + 1) >= MAX_PAYLOAD;
        if full {
            db.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &payload])?;
            payload.clear();
        } else {
            payload.push('\n');
        }
    }
    Ok(())
}

/// Begins to hear.
pub(super) fn start(pool: &Pool, news: Arc<News>) -> Result<Listening, StoreFault> {
    let ended = Arc::new(AtomicBool::new(false));
    let listening = Listening(Arc::clone(&ended));
    let pool = pool.another();
    let mut client = Some(connect(&pool).map_err(|error| super::store_fault(&error))?);
    std::thread::Builder::new().name("news".into()).spawn(move || {
        while !ended.load(Ordering::Relaxed) {
            if client.as_mut().is_some_and(|connected| hear(connected, &news).is_ok()) {
                continue;
            }
            client = connect(&pool).ok();
            match client {
                // Something may have been said while nobody listened.
                Some(_) => news.spread_everywhere(),
                None => std::thread::sleep(LOOK),
            }
        }
    })?;
    Ok(listening)
}

fn connect(pool: &Pool) -> Result<Client, postgres::Error> {
    let mut client = pool.connect()?;
    client.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    Ok(client)
}

fn hear(client: &mut Client, news: &News) -> Result<(), postgres::Error> {
    hear_some(client, news)?;
    // A line that broke without a word ends the wait like one on which nothing was said.
    if client.is_closed() { client.batch_execute("SELECT 1") } else { Ok(()) }
}

fn hear_some(client: &mut Client, news: &News) -> Result<(), postgres::Error> {
    let mut notifications = client.notifications();
    let mut heard = notifications.timeout_iter(LOOK);
    while let Some(notification) = heard.next()? {
        let scopes: Vec<Scope> = notification.payload().lines().map(|scope| Scope(scope.to_owned())).collect();
        news.spread(&scopes);
    }
    Ok(())
}
