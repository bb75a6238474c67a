//! News over all nodes: what one node took in, the others hear of, so that a pull that waits there is answered.
//!
//! NOTIFY has a lock of the whole database until its transaction is durable. So it is never part of a push, which would
//! then wait for every other push's flush: a thread says it afterwards, for all that was committed meanwhile.

use super::pool::Pool;
use crate::news::News;
use intake::event::Scope;
use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use sync::store::StoreFault;

const CHANNEL: &str = "motcua_news";
/// PostgreSQL takes less than 8,000 bytes.
const MAX_PAYLOAD: usize = 7_000;
/// How often the threads look whether they should end, and how long they wait before they connect anew.
const LOOK: Duration = Duration::from_millis(500);

/// Two threads, one that tells the other nodes and one that hears them; they end when this is dropped.
pub(super) struct Exchange {
    ended: Arc<AtomicBool>,
    said: Mutex<Sender<BTreeSet<Scope>>>,
    news: Arc<News>,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

impl Exchange {
    /// Begins to hear and to tell.
    pub(super) fn start(pool: &Pool, news: &Arc<News>) -> Result<Self, StoreFault> {
        let ended = Arc::new(AtomicBool::new(false));
        let listening = listen(&pool.another()).map_err(|error| super::store_fault(&error))?;
        let (said, to_say) = channel();
        let (pool_of_one, pool_of_other) = (pool.another(), pool.another());
        let (end_of_one, end_of_other) = (Arc::clone(&ended), Arc::clone(&ended));
        let heard_by = Arc::clone(news);
        let thread = |name: &str| std::thread::Builder::new().name(name.into());
        thread("hear").spawn(move || hear(&pool_of_one, listening, &heard_by, &end_of_one))?;
        thread("tell").spawn(move || tell(&pool_of_other, &to_say, &end_of_other))?;
        Ok(Self { ended, said: Mutex::new(said), news: Arc::clone(news) })
    }

    /// Something was committed in these scopes: tells those who wait at this node now, and the other nodes soon.
    pub(super) fn spread(&self, scopes: BTreeSet<Scope>) {
        if scopes.is_empty() {
            return;
        }
        self.news.spread(&scopes.iter().cloned().collect::<Vec<_>>());
        // The thread lives as long as this does.
        let _ = self.said.lock().unwrap_or_else(PoisonError::into_inner).send(scopes);
    }
}

fn tell(pool: &Pool, to_say: &Receiver<BTreeSet<Scope>>, ended: &AtomicBool) {
    let mut client: Option<Client> = None;
    let mut waiting: BTreeSet<Scope> = BTreeSet::new();
    while !ended.load(Ordering::Relaxed) {
        match to_say.recv_timeout(LOOK) {
            Ok(scopes) => waiting.extend(scopes),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        waiting.extend(to_say.try_iter().flatten());
        if waiting.is_empty() {
            continue;
        }
        client = client.filter(|client| !client.is_closed()).or_else(|| pool.connect().ok());
        let Some(connected) = client.as_mut() else { continue };
        match payloads(&waiting).iter().try_for_each(|payload| notify(connected, payload)) {
            Ok(()) => waiting.clear(),
            // It is said once more over another line; hearing it twice does no harm.
            Err(_) => client = None,
        }
    }
}

fn notify(client: &mut Client, payload: &str) -> Result<(), postgres::Error> {
    client.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &payload]).map(drop)
}

/// Scopes by lines, in as few messages as there may be.
fn payloads(scopes: &BTreeSet<Scope>) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for scope in scopes {
        match payloads.last_mut() {
            Some(last) if last.len() + 1 + scope.as_str().len() <= MAX_PAYLOAD => {
                last.push('\n');
                last.push_str(scope.as_str());
            }
            _ => payloads.push(scope.as_str().to_owned()),
        }
    }
    payloads
}

fn hear(pool: &Pool, listening: Client, news: &News, ended: &AtomicBool) {
    let mut client = Some(listening);
    while !ended.load(Ordering::Relaxed) {
        if client.as_mut().is_some_and(|connected| hear_some(connected, news).is_ok()) {
            continue;
        }
        client = listen(pool).ok();
        match client {
            // Something may have been said while nobody listened.
            Some(_) => news.spread_everywhere(),
            None => std::thread::sleep(LOOK),
        }
    }
}

fn listen(pool: &Pool) -> Result<Client, postgres::Error> {
    let mut client = pool.connect()?;
    client.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    Ok(client)
}

fn hear_some(client: &mut Client, news: &News) -> Result<(), postgres::Error> {
    spread_what_was_said(client, news)?;
    // A line that broke without a word ends the wait like one on which nothing was said.
    if client.is_closed() { client.batch_execute("SELECT 1") } else { Ok(()) }
}

fn spread_what_was_said(client: &mut Client, news: &News) -> Result<(), postgres::Error> {
    let mut notifications = client.notifications();
    let mut heard = notifications.timeout_iter(LOOK);
    while let Some(notification) = heard.next()? {
        let scopes: Vec<Scope> = notification.payload().lines().map(|scope| Scope(scope.to_owned())).collect();
        news.spread(&scopes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_scopes_take_few_messages_and_none_is_too_long() {
        let scopes: BTreeSet<Scope> = (0..2_000).map(|at| Scope(format!("site:{at:05}"))).collect();
        let payloads = payloads(&scopes);
        assert!(payloads.iter().all(|payload| payload.len() <= MAX_PAYLOAD));
        assert_eq!(payloads.len(), 4);
        let said: BTreeSet<Scope> =
            payloads.iter().flat_map(|text| text.lines()).map(|line| Scope(line.into())).collect();
        assert_eq!(said, scopes);
    }
}
