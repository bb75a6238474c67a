//! What the hall's boards show: today's calls of all desks, as this hub hears of them.

use crate::clock::Clock;
use intake::event::{Event, Subject};
use intake::fact::Fact;
use intake::moment::Moment;
use intake::queue::Visit;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use sync::hub::{BoardNews, CalledNumber};
use sync::store::{Store, StoreFault};
use sync::wire::from_cbor;

/// How many earlier calls a board shows.
const RECENT: usize = 5;

/// Today's calls.
pub struct Hall {
    clock: Clock,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    /// By when, desk and number: how often that desk had called that number then.
    calls: BTreeMap<(Moment, String, String), CalledNumber>,
    /// Reckoned when something is called; asked for every second by every board.
    news: BoardNews,
}

impl Hall {
    /// As the log says.
    pub(super) fn open(store: &Store, clock: Clock) -> Result<Self, StoreFault> {
        let hall = Self { clock, shown: Mutex::default() };
        let today = (hall.clock)().day();
        let mut shown = hall.shown();
        for (_, body) in store.view_rows("visit")? {
            let visit = read(&body)?;
            if visit.day == today {
                shown.note(&visit);
            }
        }
        shown.reckon((hall.clock)());
        drop(shown);
        Ok(hall)
    }

    /// Takes in the calls among events that were just written.
    pub(super) fn note(&self, store: &Store, events: &[Event]) -> Result<(), StoreFault> {
        // A ticket may come after its call: the desk knew it from its paper.
        let of_a_call = |event: &&Event| matches!(event.fact, Fact::TicketCalled(_) | Fact::TicketIssued(_));
        let visits = events.iter().filter(of_a_call).filter_map(|event| match event.subject {
            Subject::Visit(id) => Some(id),
            _ => None,
        });
        let mut changed = false;
        for id in visits {
            let Some(body) = store.view("visit", &id.to_string())? else { continue };
            let visit = read(&body)?;
            changed |= !visit.calls.is_empty();
            self.shown().note(&visit);
        }
        if changed {
            self.shown().reckon((self.clock)());
        }
        Ok(())
    }

    /// What a board shows now. Yesterday's calls are gone with the day.
    pub fn news(&self) -> BoardNews {
        let now = (self.clock)();
        let mut shown = self.shown();
        if shown.news.recent.first().is_some_and(|last| last.at.day() < now.day()) {
            shown.reckon(now);
        }
        shown.news.clone()
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn note(&mut self, visit: &Visit) {
        let mut times: BTreeMap<&str, u32> = BTreeMap::new();
        for call in &visit.calls {
            let times = times.entry(call.desk.as_str()).or_default();
            *times += 1;
            let number = visit.number.to_string();
            let key = (call.at, call.desk.to_string(), number.clone());
            self.calls.insert(key, CalledNumber { number, desk: call.desk.clone(), at: call.at, times: *times });
        }
    }

    fn reckon(&mut self, now: Moment) {
        self.calls.retain(|(at, ..), _| at.day() >= now.day());
        let mut newest_first: Vec<&CalledNumber> = self.calls.values().collect();
        newest_first.sort_by_key(|call| Reverse((call.at, call.times)));
        let mut now: Vec<CalledNumber> = Vec::new();
        let mut recent: Vec<CalledNumber> = Vec::new();
        for call in newest_first {
            if now.iter().all(|shown| shown.desk != call.desk) {
                now.push(call.clone());
            }
            let is_new = recent.iter().all(|shown| (&shown.number, &shown.desk) != (&call.number, &call.desk));
            if is_new && recent.len() < RECENT {
                recent.push(call.clone());
            }
        }
        self.news = BoardNews::of(now, recent);
    }
}

fn read(body: &[u8]) -> Result<Visit, StoreFault> {
    from_cbor(body).map_err(|refusal| StoreFault::Damaged(format!("a visit: {refusal}")))
}
