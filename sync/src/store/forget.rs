//! Orders to forget a person: the keys of their records are destroyed here and wherever the order arrives; the chains stay whole.

use super::sealing::is_forgotten;
use super::{Store, StoreFault};
use crate::protocol::StationRole;
use intake::event::{Draft, Event, Scope, Subject};
use intake::fact::{Fact, GrantsDestroyed};
use intake::ids::OfficerId;
use intake::moment::Moment;
use std::collections::BTreeSet;

impl Store {
    /// Destroys the keys of a subject's sealed parts, here and wherever the event arrives.
    ///
    /// # Errors
    /// See [`Store::append`]; [`StoreFault::Invalid`] when nothing is known of the subject.
    pub fn forget(
        &mut self,
        now: Moment,
        officer: Option<OfficerId>,
        subject: &Subject,
        order: &str,
    ) -> Result<Vec<Event>, StoreFault> {
        let mut scopes: Vec<Scope> = Vec::new();
        for event in self.subject_events(subject)? {
            for scope in event.scopes {
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            }
        }
        // The home must be a scope in which this station may write.
        scopes.sort_by_key(|scope| !self.card.may_write(scope));
        let fact = Fact::from(GrantsDestroyed { subject: subject.to_string(), order: order.to_owned() });
        let draft = Draft { subject: subject.clone(), fact, personal: None, scopes };
        self.append(now, officer, vec![draft], Vec::new(), &[])
    }

    /// Tells of an order to forget wherever the subject of one of these events has come since: somebody may have handed a dossier
    /// on without having heard of the order. An officer's desk does it; what was told everywhere is not told again.
    ///
    /// # Errors
    /// See [`Store::append`].
    pub fn forget_further(&mut self, now: Moment, events: &[Event]) -> Result<Vec<Event>, StoreFault> {
        let mut told = Vec::new();
        if self.card.role != StationRole::Counter {
            return Ok(told);
        }
        let about: BTreeSet<&Subject> = events.iter().map(|event| &event.subject).collect();
        for subject in about {
            if !matches!(subject, Subject::Dossier(_)) || !is_forgotten(&self.db, &subject.to_string())? {
                continue;
            }
            if let Some(order) = self.order_not_told_everywhere(subject)? {
                told.extend(self.forget(now, None, subject, &order)?);
            }
        }
        Ok(told)
    }

    /// The order to forget a subject, where no event of such an order stands in all scopes in which the subject stands.
    fn order_not_told_everywhere(&self, subject: &Subject) -> Result<Option<String>, StoreFault> {
        let history = self.subject_events(subject)?;
        let stands: BTreeSet<&Scope> = history.iter().flat_map(|event| &event.scopes).collect();
        let is_home = stands.iter().any(|scope| self.card.may_write(scope));
        let mut first = None;
        for event in &history {
            if let Fact::GrantsDestroyed(destroyed) = &event.fact {
                if stands.iter().all(|scope| event.scopes.contains(scope)) {
                    return Ok(None);
                }
                first.get_or_insert(&destroyed.order);
            }
        }
        Ok(first.filter(|_| is_home).cloned())
    }
}
