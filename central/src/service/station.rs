//! The service as one authenticated station sees it.

use super::{Service, access, fault_for_station};
use intake::event::Scope;
use std::sync::Arc;
use sync::checkpoint::Checkpoint;
use sync::protocol::{
    Centre, EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants,
    StationCard,
};
use sync::stream::Heads;
use sync::{CentreFault, Refusal};

/// The most that one pull's answer holds, in bytes of segments: half a body leaves room for grants and cards.
const MAX_PULL_BYTES: u64 = sync::protocol::MAX_BODY_BYTES as u64 / 2;

/// The service, for one station. Whoever makes it has checked who asks.
#[derive(Clone)]
pub struct AsStation {
    service: Arc<Service>,
    card: StationCard,
}

impl AsStation {
    pub(super) fn new(service: Arc<Service>, card: StationCard) -> Self {
        Self { service, card }
    }

    /// The service behind it.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Pulls and does not wait, whatever the ask says.
    ///
    /// # Errors
    /// [`Refusal::NotYourScope`].
    pub fn pull_now(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        self.check_readable(&ask.scopes)?;
        let limit_bytes = ask.limit_bytes.min(MAX_PULL_BYTES);
        let ask = PullAsk { limit_bytes, ..ask.clone() };
        let answer = self.service.store.pull(self.service.now(), &ask);
        answer.map_err(|fault| fault_for_station(fault.into()))
    }

    fn check_readable(&self, scopes: &[Scope]) -> Result<(), Refusal> {
        match scopes.iter().find(|scope| !self.card.may_read(scope)) {
            Some(scope) => Err(Refusal::NotYourScope { scope: scope.0.clone() }),
            None => Ok(()),
        }
    }
}

impl Centre for AsStation {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.service.enrol(ask)
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault> {
        self.check_readable(scopes)?;
        let heads = self.service.store.heads(scopes);
        heads.map_err(|fault| fault_for_station(fault.into()))
    }

    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        // Who may hand over what is asked of each: what is not theirs holds up nothing that is.
        let asked: Vec<_> = segments.iter().map(|push| access::check_push(&self.card, push)).collect();
        let allowed: Vec<_> =
            segments.iter().zip(&asked).filter(|(_, asked)| asked.is_ok()).map(|(push, _)| push.clone()).collect();
        let mut taken = self.service.note_write(self.service.store.push(self.service.now(), &allowed))?.into_iter();
        let outcome = |asked| match asked {
            Err(refusal) => Some(SegmentOutcome::Refused(refusal)),
            Ok(()) => taken.next(),
        };
        Ok(asked.into_iter().map_while(outcome).collect())
    }

    /// Does not wait: a caller in the same process has no line to keep open.
    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        self.pull_now(ask)
    }

    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault> {
        self.service.note_write(self.service.store.lease(self.service.now(), &self.card, ask))
    }

    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        if checkpoint.stream.station != self.card.station {
            return Err(Refusal::NotYourScope { scope: checkpoint.stream.scope.0.clone() }.into());
        }
        checkpoint.check(&self.card.sign_public)?;
        self.service.note_write(self.service.store.countersign(checkpoint))
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.service.public_state(code)
    }
}
