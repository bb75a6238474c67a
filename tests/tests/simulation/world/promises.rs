//! What must hold once everything was repaired and everybody has synced.

use super::{Broken, MARKED_NUMBER, MARKER, World};
use crate::node::Node;
use crate::vfs;
use intake::event::{Event, Subject};
use intake::fact::{CodeGiven, Fact};
use intake::ids::{DossierId, VisitId};
use intake::queue::Visit;
use intake::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use sync::earlier::{Earlier, EarlierAsk};
use sync::protocol::Centre;
use sync::store::Opened;
use sync::stream::Heads;
use sync::wire::to_cbor;

impl World {
    pub(super) fn check_centre(&self) -> Result<(), Broken> {
        let service = self.service.as_ref().ok_or("no centre")?;
        let report = service.verify().map_err(|fault| fault.to_string())?;
        if let Some(difference) = report.difference {
            return Err(format!("the centre: {difference}"));
        }
        let export = service.export().map_err(|fault| fault.to_string())?;
        let held: BTreeSet<String> = export.events.iter().map(|event| event.id.clone()).collect();
        if held.len() != export.events.len() {
            return Err("the centre holds an event twice".into());
        }
        for node in &self.nodes {
            let lost =
                node.acknowledged.iter().find(|id| !held.contains(&id.to_string()) && !self.excused.contains(id));
            if let Some(id) = lost {
                return Err(format!("event {id} of {} never reached the centre", node.name));
            }
        }
        Ok(())
    }

    /// Who shares a scope agrees on every stream of it, hash for hash, and on what follows from it.
    pub(super) fn check_agreement(&self) -> Result<(), Broken> {
        let service = self.service.as_ref().ok_or("no centre")?;
        let mut views = BTreeMap::new();
        for node in &self.nodes {
            let store = node.store();
            let scopes = store.card().scopes.clone();
            let of = |heads: Heads| heads.0.into_iter().collect::<BTreeMap<_, _>>();
            let ours = of(store.heads(&scopes).map_err(|fault| fault.to_string())?);
            let theirs = of(service.for_station(store.card().clone()).heads(&scopes).map_err(|it| it.to_string())?);
            for (stream, head) in &theirs {
                if ours.get(stream).is_none_or(|held| held.no != head.no || held.hash != head.hash) {
                    return Err(format!("{} and the centre do not agree on {stream:?}", node.name));
                }
            }
            views
                .entry(node.is_kiosk)
                .or_insert_with(BTreeSet::new)
                .insert(store.views_hash().map_err(|it| it.to_string())?.to_string());
        }
        self.nodes.iter().try_for_each(check_folds)?;
        // A ticket that is on paper and on no disk any more is known to the desk that admitted it, and stands in no chain.
        let only_on_paper = !self.excused.is_empty();
        match views.values().find(|hashes| hashes.len() > 1) {
            Some(_) if only_on_paper => Ok(()),
            Some(_) => Err("stations that share their scopes fold different views".into()),
            None => Ok(()),
        }
    }

    /// Every paper has its event, with the number that is on it; every number and code has one owner in the whole log.
    pub(super) fn check_papers(&mut self) -> Result<(), Broken> {
        let counter = self.nodes.iter().position(|node| !node.is_kiosk).ok_or("no counter")?;
        let mut state = State::default();
        let events = self.nodes[counter].store().events().map_err(|fault| fault.to_string())?;
        for event in events {
            if let (Fact::TicketIssued(issued), Subject::Visit(visit)) = (&event.fact, &event.subject) {
                self.note_number(&issued.number, issued.day, *visit)?;
            }
            state.apply(event);
        }
        let mut unsaid = state.visits().filter(|visit| visit.paper == intake::queue::Paper::Printing);
        if let Some(visit) = unsaid.find(|visit| !self.owed_by_nobody.contains(&visit.id)) {
            return Err(format!("nobody ever said what became of the paper of {}", visit.number));
        }
        for paper in &self.paper {
            match state.visit(paper.visit) {
                Some(visit) if visit.number == paper.number && visit.day == paper.day => {}
                Some(visit) => return Err(format!("paper says {}, the log {}", paper.number, visit.number)),
                // Its kiosk's disk was put back to before the ticket, and no network had carried it.
                None if self.excused.contains(&paper.event) => {}
                None => return Err(format!("paper {} of {} has no event", paper.number, paper.day)),
            }
        }
        let codes: Vec<(DossierId, CodeGiven)> = state.dossiers().map(|it| (it.id, it.code.clone())).collect();
        for (id, code) in codes {
            self.note_code(id, &code)?;
        }
        Ok(())
    }

    /// Who may read a record reads it; of who was forgotten nobody reads anything.
    pub(super) fn check_readers(&self) -> Result<(), Broken> {
        for node in self.nodes.iter().filter(|node| !node.is_kiosk) {
            let store = node.store();
            let events = store.events().map_err(|fault| fault.to_string())?;
            let destroyed = events.iter().filter_map(|event| match &event.fact {
                Fact::GrantsDestroyed(destroyed) => Some(destroyed.subject.clone()),
                _ => None,
            });
            let forgotten: BTreeSet<String> = destroyed.collect();
            for event in events.iter().filter(|event| event.has_personal) {
                let opened = store.personal(event.id).map_err(|fault| fault.to_string())?;
                match (forgotten.contains(&event.subject.to_string()), opened) {
                    (true, Opened::Personal(_)) => {
                        return Err(format!("{} reads of {}, who was forgotten", node.name, event.subject));
                    }
                    (false, Opened::Personal(_)) | (true, _) => {}
                    (false, other) => {
                        return Err(format!(
                            "{} cannot read {} of {}: {other:?}",
                            node.name,
                            event.fact.kind(),
                            event.subject
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Nobody's name stands in plain on any disk.
    pub(super) fn check_marker(&self) -> Result<(), Broken> {
        for marker in [MARKER.as_bytes(), MARKED_NUMBER.as_bytes()] {
            if vfs::unsynced_holds(marker) {
                return Err("a person's data is on its way to a disk in plain".into());
            }
            for file in files(&self.root) {
                let bytes = std::fs::read(&file).unwrap_or_default();
                if bytes.windows(marker.len()).any(|part| part == marker) {
                    return Err(format!("a person's data stands in plain in {}", file.display()));
                }
            }
        }
        Ok(())
    }

    /// Who has a person's number finds the dossiers of that person that were not forgotten, and no other.
    pub(super) fn check_tags(&self) -> Result<(), Broken> {
        let service = self.service.as_ref().ok_or("no centre")?;
        for node in self.nodes.iter().filter(|node| !node.is_kiosk) {
            let (found, kept, asked) = {
                let store = node.store();
                let tags = store.tags_of(&[MARKED_NUMBER]);
                let events = store.events().map_err(|fault| fault.to_string())?;
                let mut kept: BTreeSet<String> = events
                    .iter()
                    .filter(|event| event.has_personal && matches!(event.subject, Subject::Dossier(_)))
                    .map(|event| event.subject.to_string())
                    .collect();
                for event in &events {
                    if let Fact::GrantsDestroyed(destroyed) = &event.fact {
                        kept.remove(&destroyed.subject);
                    }
                }
                let found = store.of_person(&tags).map_err(|fault| fault.to_string())?;
                (found, kept, EarlierAsk { tags })
            };
            let found: BTreeSet<String> = found.iter().map(ToString::to_string).collect();
            if found != kept {
                return Err(format!("{} finds {} dossiers of a person who has {}", node.name, found.len(), kept.len()));
            }
            let card = node.store().card().clone();
            let told = service.for_station(card).earlier(&asked).map_err(|fault| fault.to_string())?;
            let told_of: BTreeSet<String> =
                told.dossiers.iter().map(|found| Subject::Dossier(found.dossier).to_string()).collect();
            if !told.more && told_of != kept {
                return Err(format!(
                    "the centre tells {} of {} dossiers of a person who has {}",
                    node.name,
                    told_of.len(),
                    kept.len()
                ));
            }
        }
        Ok(())
    }
}

/// What stands in the views is the fold of the log in canonical order, whatever the order of arrival was.
pub(super) fn check_folds(node: &Node) -> Result<(), Broken> {
    let store = node.store();
    let mut histories: BTreeMap<VisitId, Vec<Event>> = BTreeMap::new();
    for event in store.events().map_err(|fault| fault.to_string())? {
        if let Subject::Visit(id) = event.subject {
            histories.entry(id).or_default().push(event);
        }
    }
    for (id, mut history) in histories {
        history.sort_by_key(Event::order);
        let folded = Visit::fold(id, history.iter()).map(|visit| to_cbor(&visit));
        if store.view("visit", &id.to_string()).map_err(|fault| fault.to_string())? != folded {
            return Err(format!("{} has another view of visit {id} than its log says in order", node.name));
        }
    }
    Ok(())
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
