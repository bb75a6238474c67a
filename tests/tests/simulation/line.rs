//! The line between a station and the centre: it loses requests and answers, doubles, delays, shuffles, cuts and spoils.

use central::service::AsStation;
use intake::event::Scope;
use std::cell::RefCell;
use std::rc::Rc;
use sync::CentreFault;
use sync::checkpoint::Checkpoint;
use sync::frame;
use sync::protocol::*;
use sync::stream::Heads;
use sync::wrap::chance;

/// Pushes that will arrive once more, or for the first time, when nobody expects them.
pub type Late = Rc<RefCell<Vec<(StationCard, Vec<SegmentWithGrants>)>>>;

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

pub struct Line {
    pub centre: Option<AsStation>,
    pub card: StationCard,
    pub weather: Weather,
    pub late: Late,
}

fn lost() -> CentreFault {
    CentreFault::Unreachable("the line".into())
}

impl Line {
    fn harmed(&self) -> bool {
        self.weather.harm > 0 && one_in(self.weather.harm)
    }

    fn there(&self) -> Result<&AsStation, CentreFault> {
        if self.weather.cut || self.harmed() {
            return Err(lost());
        }
        self.centre.as_ref().ok_or_else(lost)
    }

    fn back<T>(&self, answer: Result<T, CentreFault>) -> Result<T, CentreFault> {
        if self.weather.one_way || self.harmed() { Err(lost()) } else { answer }
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
        let centre = self.there()?;
        let mut sent = segments.to_vec();
        if self.harmed() {
            self.late.borrow_mut().push((self.card.clone(), sent.clone()));
        }
        if self.harmed() && sent.len() > 1 {
            // Out of order: the first comes last. What is answered for each is put back into the order of the push.
            sent.rotate_left(1);
            let mut outcomes = centre.push(&sent)?;
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
            let _ = centre.push(&sent);
            return Err(lost());
        }
        let outcomes = centre.push(&sent);
        if self.harmed() {
            // The same request once more, as a proxy repeats it.
            let again = centre.push(&sent);
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
