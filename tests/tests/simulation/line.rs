//! The lines between stations, hubs and the centre: they lose requests and answers, double, delay, shuffle, cut and spoil.

use crate::vfs;
use central::Service;
use central::hub::Carrier;
use central::service::AsStation;
use intake::event::Scope;
use intake::ids::{StationId, VisitId};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use sync::blob::protocol::{Blobs, GetAsk, Held, Named, Part};
use sync::checkpoint::Checkpoint;
use sync::earlier::{Earlier, EarlierAnswer, EarlierAsk};
use sync::frame;
use sync::hub::{ClaimAnswer, ClaimAsk, HubStatus, QueueAuthority};
use sync::hubs::{Heard, Peers};
use sync::protocol::*;
use sync::stream::Heads;
use sync::wire::{Bytes, Fixed, PublicKey};
use sync::wrap::chance;
use sync::{CentreFault, Refusal};

/// A number below `limit`.
pub fn below(limit: u64) -> u64 {
    chance::next().unwrap_or(0) % limit.max(1)
}

/// One in so many.
pub fn one_in(many: u64) -> bool {
    below(many) == 0
}

/// What a line does to those who use it.
#[derive(Clone, Copy, Default)]
pub struct Weather {
    /// Nothing gets through.
    pub cut: bool,
    /// Requests arrive and answers do not.
    pub one_way: bool,
    /// One message in so many is harmed; 0 for none.
    pub harm: u64,
}

/// Where a line ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum End {
    Centre,
    /// The hub in this place.
    Hub(usize),
}

/// What will arrive once more, or for the first time, when nobody expects it.
enum Late {
    Push(End, StationCard, Vec<SegmentWithGrants>),
    Claim(End, usize, StationCard, ClaimAsk),
}

/// A hub that runs.
#[derive(Clone)]
pub struct Running {
    pub service: Arc<Service>,
    pub carrier: Arc<Carrier>,
    pub dir: PathBuf,
}

/// That a hub truly heard a desk: the desk said that it follows this hub's epoch, and the hub held all that it had called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    pub hub: StationId,
    pub epoch: u64,
    pub desk: usize,
}

/// A right to call that a hub's answer gave to a desk.
#[derive(Clone, Copy)]
pub struct Right {
    pub visit: VisitId,
    pub hub: StationId,
    pub epoch: u64,
}

/// Everything that lines lead to.
#[derive(Default)]
pub struct Net {
    centre: Mutex<Option<Arc<Service>>>,
    hubs: Mutex<BTreeMap<usize, Running>>,
    weather: Mutex<BTreeMap<(usize, End), Weather>>,
    late: Mutex<Vec<Late>>,
    /// When each word was given, by the count of what was said.
    words: Mutex<BTreeMap<Word, u64>>,
    said: AtomicI64,
    /// What the last answer to a claim gave.
    right: Mutex<Option<Right>>,
    /// Time that only goes forward, in milliseconds.
    ticks: AtomicI64,
}

impl Net {
    pub fn centre(&self) -> Option<Arc<Service>> {
        self.centre.lock().unwrap().clone()
    }

    pub fn set_centre(&self, service: Option<Arc<Service>>) {
        *self.centre.lock().unwrap() = service;
    }

    pub fn hub(&self, place: usize) -> Option<Running> {
        self.hubs.lock().unwrap().get(&place).cloned()
    }

    pub fn set_hub(&self, place: usize, running: Option<Running>) {
        let mut hubs = self.hubs.lock().unwrap();
        match running {
            Some(running) => drop(hubs.insert(place, running)),
            None => drop(hubs.remove(&place)),
        }
    }

    pub fn set_weather(&self, who: usize, end: End, weather: Weather) {
        self.weather.lock().unwrap().insert((who, end), weather);
    }

    pub fn clear(&self) {
        self.weather.lock().unwrap().clear();
        self.late.lock().unwrap().clear();
    }

    pub fn advance(&self, ms: i64) {
        self.ticks.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn ticks(&self) -> Duration {
        Duration::from_millis(self.ticks.load(Ordering::Relaxed).unsigned_abs())
    }

    /// A count of what was said and done, by which before and after are told.
    pub fn next_said(&self) -> u64 {
        self.said.fetch_add(1, Ordering::Relaxed).unsigned_abs()
    }

    /// Since when a hub has had this word of a desk.
    pub fn word(&self, word: &Word) -> Option<u64> {
        self.words.lock().unwrap().get(word).copied()
    }

    /// The highest epoch that a desk has told a hub of that it follows.
    pub fn follows(&self, desk: usize) -> Option<u64> {
        self.words.lock().unwrap().keys().filter(|word| word.desk == desk).map(|word| word.epoch).max()
    }

    /// A desk whose disk was put back to before its word knows of none.
    pub fn forget_words(&self, desk: usize) {
        self.words.lock().unwrap().retain(|word, _| word.desk != desk);
    }

    pub fn take_right(&self) -> Option<Right> {
        self.right.lock().unwrap().take()
    }

    fn late(&self) -> MutexGuard<'_, Vec<Late>> {
        self.late.lock().unwrap()
    }

    fn as_station(&self, end: End, card: &StationCard) -> Option<AsStation> {
        let service = match end {
            End::Centre => self.centre(),
            End::Hub(place) => self.hub(place).map(|hub| hub.service),
        };
        service.map(|service| service.for_station(card.clone()))
    }

    /// Something late arrives; false when nothing was on its way.
    pub fn late_arrives(&self) -> bool {
        let Some(late) = self.late().pop() else { return false };
        match late {
            Late::Push(end, card, segments) => {
                let Some(there) = self.as_station(end, &card) else { return false };
                let _ = there.push(&segments);
            }
            Late::Claim(end, desk, card, ask) => {
                let Some(there) = self.as_station(end, &card) else { return false };
                let answer = there.claim(&ask);
                self.note_word(end, desk, &ask, &answer);
            }
        }
        true
    }

    /// Whether a hub truly heard a desk is seen by what was asked and what the hub holds, not by what the hub believes.
    fn note_word(&self, end: End, desk: usize, ask: &ClaimAsk, answer: &Result<ClaimAnswer, CentreFault>) {
        let (End::Hub(place), Ok(answer)) = (end, answer) else { return };
        let Some(hub) = self.hub(place) else { return };
        let leads_in = match answer {
            ClaimAnswer::Yours { epoch } | ClaimAnswer::Taken { epoch, .. } | ClaimAnswer::Wait { epoch, .. } => *epoch,
            ClaimAnswer::NotLeading { .. } => return,
        };
        let store = hub.carrier.store().lock().unwrap();
        let mut told = ask.written.iter().chain(&ask.before);
        let knows_all = told.all(|(stream, no)| store.held_and_receipted(stream).is_ok_and(|(head, _)| head.no >= *no));
        if leads_in == ask.epoch && knows_all {
            let word = Word { hub: store.station(), epoch: ask.epoch, desk };
            self.words.lock().unwrap().entry(word).or_insert_with(|| self.next_said());
        }
    }
}

/// A line of one machine to one end.
#[derive(Clone)]
pub struct Line {
    pub net: Arc<Net>,
    pub who: usize,
    pub card: StationCard,
    pub end: End,
}

fn lost() -> CentreFault {
    CentreFault::Unreachable("the line".into())
}

impl Line {
    fn weather(&self) -> Weather {
        self.net.weather.lock().unwrap().get(&(self.who, self.end)).copied().unwrap_or_default()
    }

    fn harmed(&self) -> bool {
        let harm = self.weather().harm;
        harm > 0 && one_in(harm)
    }

    fn there(&self) -> Result<AsStation, CentreFault> {
        if self.weather().cut || self.harmed() {
            return Err(lost());
        }
        let there = self.net.as_station(self.end, &self.card).ok_or_else(lost)?;
        // Who signs a request must be known there.
        match there.service().card(self.card.station)? {
            Some(_) => Ok(there),
            None => Err(Refusal::UnknownStation { station: self.card.station }.into()),
        }
    }

    fn back<T>(&self, answer: Result<T, CentreFault>) -> Result<T, CentreFault> {
        if self.weather().one_way || self.harmed() || self.is_dead() { Err(lost()) } else { answer }
    }

    /// A hub whose power went while it was asked answers nothing.
    fn is_dead(&self) -> bool {
        let End::Hub(place) = self.end else { return false };
        let dead = vfs::dead();
        dead.is_some_and(|dead| self.net.hub(place).is_none_or(|hub| hub.dir == dead))
    }

    /// Who is at the other end, believed as a station believes it.
    pub fn status(&self, centre: &PublicKey) -> Result<(HubStatus, intake::authority::Rank), CentreFault> {
        let End::Hub(place) = self.end else { return Err(lost()) };
        if self.weather().cut || self.harmed() {
            return Err(lost());
        }
        let hub = self.net.hub(place).ok_or_else(lost)?;
        let nonce = Fixed(sync::wrap::random().map_err(|_| lost())?);
        let status = hub.service.authority().ok_or_else(lost)?.status(&nonce);
        let rank = status.check(&nonce, &self.card.site, centre)?;
        self.back(Ok((status, rank)))
    }
}

impl Centre for Line {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.back(self.there()?.enrol(ask))
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault> {
        self.back(self.there()?.heads(scopes))
    }

    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        let there = self.there()?;
        let mut sent = segments.to_vec();
        if self.harmed() {
            self.net.late().push(Late::Push(self.end, self.card.clone(), sent.clone()));
        }
        if self.harmed() && sent.len() > 1 {
            // Out of order: the first comes last. What is answered for each is put back into the order of the push.
            sent.rotate_left(1);
            let mut outcomes = there.push(&sent)?;
            outcomes.rotate_right(1);
            return self.back(Ok(outcomes));
        }
        if self.harmed() {
            let which = below(sent.len() as u64) as usize;
            let bytes = &mut sent[which].segment.0;
            let at = below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << below(8);
            // Bytes that were spoilt on the way are refused, and the station must not take that for its own fault for ever:
            // the line breaks, as it does where a checksum fails.
            let _ = there.push(&sent);
            return Err(lost());
        }
        let outcomes = there.push(&sent);
        if self.harmed() {
            // The same request once more, as a proxy repeats it.
            let again = there.push(&sent);
            return self.back(again);
        }
        self.back(outcomes)
    }

    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        let answer = self.there()?.pull(ask)?;
        let bytes = frame::encode_pull(&answer);
        if self.harmed() {
            let cut = below(bytes.len() as u64) as usize;
            return self.back(frame::decode_pull(&bytes[..cut]).map_err(|_| lost()));
        }
        self.back(frame::decode_pull(&bytes).map_err(|_| lost()))
    }

    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault> {
        self.back(self.there()?.lease(ask))
    }

    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        self.back(self.there()?.checkpoint(checkpoint))
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.back(self.there()?.public_state(code))
    }
}

impl QueueAuthority for Line {
    fn claim(&self, ask: &ClaimAsk) -> Result<ClaimAnswer, CentreFault> {
        let there = self.there()?;
        if self.harmed() {
            self.net.late().push(Late::Claim(self.end, self.who, self.card.clone(), ask.clone()));
        }
        let mut answer = there.claim(ask);
        if self.harmed() {
            answer = there.claim(ask);
        }
        self.net.note_word(self.end, self.who, ask, &answer);
        let answer = self.back(answer)?;
        if let (ClaimAnswer::Yours { epoch }, Some(visit), End::Hub(place)) = (&answer, ask.visit, self.end) {
            let hub = self.net.hub(place).ok_or_else(lost)?.carrier.store().lock().unwrap().station();
            *self.net.right.lock().unwrap() = Some(Right { visit, hub, epoch: *epoch });
        }
        Ok(answer)
    }
}

impl Earlier for Line {
    fn earlier(&self, ask: &EarlierAsk) -> Result<EarlierAnswer, CentreFault> {
        self.back(self.there()?.earlier(ask))
    }
}

/// Scans do not travel here.
impl Blobs for Line {
    fn held(&self, _: &Named) -> Result<Held, CentreFault> {
        Err(lost())
    }

    fn put(&self, _: &Part) -> Result<Held, CentreFault> {
        Err(lost())
    }

    fn get(&self, _: &GetAsk) -> Result<Bytes, CentreFault> {
        Err(lost())
    }
}

/// The site's hubs, as one machine sees them.
pub struct Site {
    lines: Vec<Arc<Line>>,
    centre: PublicKey,
}

impl Site {
    pub fn new(net: &Arc<Net>, who: usize, card: &StationCard, centre: PublicKey, places: &[usize]) -> Self {
        let line =
            |place: &usize| Arc::new(Line { net: Arc::clone(net), who, card: card.clone(), end: End::Hub(*place) });
        Self { lines: places.iter().map(line).collect(), centre }
    }
}

impl Peers for Site {
    type Line = Line;

    fn count(&self) -> usize {
        self.lines.len()
    }

    fn ask_all(&self) -> Vec<Heard<Line>> {
        let ask = |line: &Arc<Line>| {
            let (status, rank) = line.status(&self.centre).ok()?;
            Some(Heard { line: Arc::clone(line), status, rank })
        };
        self.lines.iter().filter_map(ask).collect()
    }
}
