//! The service as one authenticated station sees it.

use super::{Service, access, fault_for_station};
use intake::event::Scope;
use intake::ids::StationId;
use std::sync::Arc;
use sync::checkpoint::Checkpoint;
use sync::hub::{BoardNews, ClaimAnswer, ClaimAsk};
use sync::protocol::{
    Centre, EnrolAsk, Enrolment, LeaseAsk, PublicState, PullAnswer, PullAsk, SegmentOutcome, SegmentWithGrants,
    StationCard, StationRole,
};
use sync::segment::Segment;
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

    /// Who it is.
    pub fn card(&self) -> &StationCard {
        &self.card
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
        if !self.may_ask_for(ask.own)? {
            return Err(Refusal::NotYourScope { scope: "another station's streams".into() }.into());
        }
        let limit_bytes = ask.limit_bytes.min(MAX_PULL_BYTES);
        let ask = PullAsk { limit_bytes, ..ask.clone() };
        let answer = self.service.store.pull(self.service.now(), &ask);
        answer.map_err(|fault| fault_for_station(fault.into()))
    }

    /// A station asks for its own streams, a hub for those of its site's stations.
    fn may_ask_for(&self, own: Option<StationId>) -> Result<bool, CentreFault> {
        let Some(own) = own.filter(|own| *own != self.card.station) else { return Ok(true) };
        let known = self.service.card(own)?;
        let of_its_site = known.is_some_and(|card| card.site == self.card.site && card.role != StationRole::Centre);
        Ok(self.card.role == StationRole::Hub && of_its_site)
    }

    /// Claims a ticket for a desk of this station, at a site's hub.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] at a centre, which is no site's hub; [`Refusal::NotYourScope`] for a station that is no counter
    /// of the site.
    pub fn claim(&self, ask: &ClaimAsk) -> Result<ClaimAnswer, CentreFault> {
        let authority = self.service.authority().ok_or_else(crate::http::hub::no_hub)?;
        if self.card.role != StationRole::Counter {
            return Err(Refusal::NotYourScope { scope: Scope::site(&self.card.site).0 }.into());
        }
        self.service.note_write(authority.claim(&self.card, ask))
    }

    /// What is called at the site, for its boards.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where this is no site's hub, or one that stands by; [`Refusal::NotYourScope`] for a station that
    /// does not read the site's queue.
    pub fn board(&self) -> Result<BoardNews, CentreFault> {
        let hall = self.service.hall().ok_or_else(crate::http::hub::no_hub)?;
        self.check_readable(&[Scope::site(&self.card.site)])?;
        Ok(hall.news())
    }

    /// Whether this station may hand over a segment; a hub carries those of its own site's stations.
    fn check_push(&self, push: &SegmentWithGrants) -> Result<Result<(), Refusal>, CentreFault> {
        if let Err(refusal) = access::check_push(&self.card, push) {
            return Ok(Err(refusal));
        }
        match Segment::parse(&push.segment.0) {
            Ok(segment) if segment.header.stream.station != self.card.station => {
                match self.of_our_site(segment.header.stream.station) {
                    Ok(_) => Ok(Ok(())),
                    Err(CentreFault::Refused(refusal)) => Ok(Err(refusal)),
                    Err(fault) => Err(fault),
                }
            }
            Ok(_) => Ok(Ok(())),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// The card of a station for which this one may speak: a hub, for those of its site.
    pub(super) fn of_our_site(&self, station: StationId) -> Result<StationCard, CentreFault> {
        let card = self.service.card(station)?.ok_or(Refusal::UnknownStation { station })?;
        let speaks =
            self.card.role == StationRole::Hub && card.site == self.card.site && card.role != StationRole::Centre;
        if speaks { Ok(card) } else { Err(Refusal::NotYourScope { scope: Scope::site(&card.site).0 }.into()) }
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
        let asked: Vec<_> = segments.iter().map(|push| self.check_push(push)).collect::<Result<_, _>>()?;
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
        let to = match ask.to {
            None => self.card.clone(),
            Some(station) => self.of_our_site(station)?,
        };
        self.service.note_write(self.service.store.lease(self.service.now(), &to, ask))
    }

    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        let card = match checkpoint.stream.station {
            station if station == self.card.station => self.card.clone(),
            station => self.of_our_site(station)?,
        };
        checkpoint.check(&card.sign_public)?;
        self.service.note_write(self.service.store.countersign(checkpoint))
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        self.service.public_state(code)
    }
}
