//! Paper as a transport: one event leaves on a ticket and comes in again at a counter's scanner.

use super::append::{Carried as Stands, insert_event};
use super::sealing::{grants_of, is_forgotten, put_grant};
use super::{ReceiveFault, Store, StoreFault};
use crate::Refusal;
use crate::carried::{self, Carried};
use crate::checked::allowed;
use crate::grant::Grant;
use intake::event::Event;
use intake::ids::EventId;

impl Store {
    /// One of our events for paper, with the grant that lets its home's readers open the sealed part.
    ///
    /// # Errors
    /// [`StoreFault::Invalid`] when the event is not known or not this station's; store faults.
    pub fn carry(&self, id: EventId) -> Result<Vec<u8>, StoreFault> {
        let invalid = |why: String| StoreFault::Invalid(why);
        let (bytes, record) = self.record(id)?.ok_or_else(|| invalid(format!("no event {id}")))?;
        if record.station != self.card.station {
            return Err(invalid("only the station that wrote an event can put it on paper".into()));
        }
        let grants = record
            .key()
            .map(|key| grants_of(&self.db, &record.subject.to_string(), key))
            .transpose()?
            .unwrap_or_default();
        let home = |grant: &&Grant| grant.group == record.home().as_str();
        let grant = grants.iter().filter(home).max_by_key(|grant| grant.epoch);
        carried::make(&bytes, grant, self.card.key_no, &self.signing).map_err(|refusal| invalid(refusal.to_string()))
    }

    /// Takes in an event from paper. It counts at once; when its stream arrives it is the same event. The same paper
    /// again is no fault.
    ///
    /// # Errors
    /// A [`Refusal`]; store faults.
    pub fn admit_carried(&mut self, bytes: &[u8]) -> Result<Event, ReceiveFault> {
        let carried = Carried::parse(bytes)?;
        let station = carried.record.station;
        let card = self.station_card(station)?.ok_or(Refusal::UnknownStation { station })?;
        if carried.key_no != card.key_no {
            return Err(Refusal::BadSignature.into());
        }
        carried.check(&card.sign_public)?;
        allowed(&card, &carried.record)?;
        if !self.card.may_read(carried.record.home()) {
            return Err(Refusal::NotYourScope { scope: carried.record.home().as_str().to_owned() }.into());
        }
        let Carried { record, event_bytes, grant, .. } = carried;
        let held = self.record(record.id)?;
        if held.as_ref().is_some_and(|(held, _)| *held != event_bytes) {
            return Err(Refusal::Fork { no: 0 }.into());
        }
        let all = self.db.unchecked_transaction()?;
        if held.is_none() {
            insert_event(&all, &record, &event_bytes, Stands::Yes)?;
        }
        if let Some(grant) = grant
            && !is_forgotten(&all, &grant.subject)?
        {
            put_grant(&all, &grant)?;
        }
        let event = record.into_event();
        let forgot = self.settle_subjects(&all, std::slice::from_ref(&event))?;
        all.commit()?;
        self.after_forgetting(forgot)?;
        Ok(event)
    }
}
