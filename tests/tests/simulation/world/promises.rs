//! What must hold once everything was repaired and everybody has synced.

use super::cast::{MARKED_NUMBER, MARKER};
use super::{Broken, World};
use crate::node::Node;
use crate::vfs;
use intake::event::{Event, Subject};
use intake::fact::{CodeGiven, Fact};
use intake::ids::{DossierId, StationId, VisitId};
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
        let service = self.net.centre().ok_or("no centre")?;
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

    /// What the centre holds for a scope is held by everybody who reads that scope, whoever wrote it.
    pub(super) fn check_reach(&self) -> Result<(), Broken> {
        let service = self.net.centre().ok_or("no centre")?;
        let export = service.export().map_err(|fault| fault.to_string())?;
        for node in &self.nodes {
            let store = node.store();
            let held: BTreeSet<String> =
                store.events().map_err(|fault| fault.to_string())?.iter().map(|event| event.id.to_string()).collect();
            let reads = store.card().readable();
            let concerns = |scopes: &[String]| scopes.iter().any(|scope| reads.iter().any(|read| read.0 == *scope));
            let missing = export.events.iter().find(|event| concerns(&event.scopes) && !held.contains(&event.id));
            if let Some(event) = missing {
                let writer = self.nodes.iter().find(|known| known.here.station.to_string() == event.station);
                let held = writer.map(|writer| format!("{}: {}", writer.name, self.held_of(writer.here.station)));
                return Err(format!(
                    "{} never got {} of {} for {:?}, written by {held:?}",
                    node.name, event.kind, event.subject, event.scopes
                ));
            }
        }
        Ok(())
    }

    /// Who shares a scope agrees on every stream of it, hash for hash, and on what follows from it.
    pub(super) fn check_agreement(&self) -> Result<(), Broken> {
        let service = self.net.centre().ok_or("no centre")?;
        let mut views = BTreeMap::new();
        for node in &self.nodes {
            let store = node.store();
            let scopes = store.card().readable();
            let of = |heads: Heads| heads.0.into_iter().collect::<BTreeMap<_, _>>();
            let ours = of(store.heads(&scopes).map_err(|fault| fault.to_string())?);
            let theirs = of(service.for_station(store.card().clone()).heads(&scopes).map_err(|it| it.to_string())?);
            for (stream, head) in &theirs {
                // What its writer lost with a disk and a hub with another may still be at who heard that hub.
                let lost_twice = self.lost_hubs > 0 && self.put_back.contains(&stream.station);
                if lost_twice && ours.get(stream).is_some_and(|held| held.no > head.no) {
                    continue;
                }
                if ours.get(stream).is_none_or(|held| held.no != head.no || held.hash != head.hash) {
                    let held = ours.get(stream);
                    let of = self.name_of(stream.station);
                    let (who, writer) = (&node.name, of);
                    return Err(format!(
                        "{who} and the centre do not agree on {writer}'s {stream:?}: {held:?}, {head:?}"
                    ));
                }
            }
            views
                .entry(scopes)
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

    /// Hubs agree with the centre on every stream of their site's scopes, and hold nothing that is not at the centre.
    pub(super) fn check_hubs(&self) -> Result<(), Broken> {
        let service = self.net.centre().ok_or("no centre")?;
        for hub in &self.hubs {
            let Some(runs) = &hub.runs else { continue };
            let report = runs.service.verify().map_err(|fault| fault.to_string())?;
            if let Some(difference) = report.difference {
                return Err(format!("{}: {difference}", hub.name));
            }
            let scopes = hub.card.readable();
            let ours = runs.service.for_station(hub.card.clone()).heads(&scopes).map_err(|it| it.to_string())?;
            let theirs = service.for_station(hub.card.clone()).heads(&scopes).map_err(|it| it.to_string())?;
            let of = |heads: Heads| heads.0.into_iter().collect::<BTreeMap<_, _>>();
            let (ours, theirs) = (of(ours), of(theirs));
            let streams: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for stream in streams {
                let (here, there) = (ours.get(stream), theirs.get(stream));
                if here.map(|head| (head.no, head.hash)) != there.map(|head| (head.no, head.hash)) {
                    return Err(format!("{} and the centre do not agree on {stream:?}: {here:?}, {there:?}", hub.name));
                }
            }
        }
        Ok(())
    }

    /// Every paper has its event, with the number that is on it; every number and code has one owner in the whole log.
    pub(super) fn check_papers(&mut self) -> Result<(), Broken> {
        let counter = self.nodes.iter().position(Node::is_counter).ok_or("no counter")?;
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
        for node in self.nodes.iter().filter(|node| !node.is_kiosk()) {
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
                        let writer = self.nodes.iter().find(|node| node.here.station == event.station);
                        return Err(format!(
                            "{} cannot read {} of {}, written by {} for {:?}: {other:?}",
                            node.name,
                            event.fact.kind(),
                            event.subject,
                            writer.map_or("nobody", |node| &node.name),
                            event.scopes,
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

    /// Who has a person's number finds the dossiers of that person that desks took in and that were not forgotten, and no
    /// other: a counter in its own log, and through the centre those of the whole city.
    pub(super) fn check_tags(&self) -> Result<(), Broken> {
        let service = self.net.centre().ok_or("no centre")?;
        let counters: BTreeSet<StationId> =
            self.nodes.iter().filter(|node| node.is_counter()).map(|node| node.here.station).collect();
        let mut of_all = BTreeSet::new();
        for node in self.nodes.iter().filter(|node| node.is_counter()) {
            let store = node.store();
            let kept = kept_dossiers(&store.events().map_err(|fault| fault.to_string())?, &counters);
            let found = store.of_person(&store.tags_of(&[MARKED_NUMBER])).map_err(|fault| fault.to_string())?;
            let found: BTreeSet<Subject> = found.into_iter().collect();
            if found != kept {
                return Err(format!("{} finds {} dossiers of who has {}", node.name, found.len(), kept.len()));
            }
            of_all.extend(kept);
        }
        let asks = self.nodes.iter().find(|node| node.is_counter()).ok_or("no counter")?;
        let (card, tags) = {
            let store = asks.store();
            (store.card().clone(), store.tags_of(&[MARKED_NUMBER]))
        };
        let told = service.for_station(card).earlier(&EarlierAsk { tags }).map_err(|fault| fault.to_string())?;
        let found: BTreeSet<Subject> = told.dossiers.iter().map(|found| Subject::Dossier(found.dossier)).collect();
        // What its writer lost with a disk and a hub with another may be at a desk that heard that hub, and nowhere else:
        // the centre tells of every dossier that it has heard of.
        let lost_twice = self.lost_hubs > 0 && !self.put_back.is_empty();
        let export = service.export().map_err(|fault| fault.to_string())?;
        let held = |dossier: &Subject| export.events.iter().any(|event| event.subject == dossier.to_string());
        let untold = of_all.difference(&found).any(|dossier| !lost_twice || held(dossier));
        if !found.is_subset(&of_all) || (!told.more && untold) {
            return Err(format!("the centre tells of {} dossiers of who has {}", found.len(), of_all.len()));
        }
        Ok(())
    }
}

/// The dossiers of these events that one of the counters took in of a person who was not forgotten.
fn kept_dossiers(events: &[Event], counters: &BTreeSet<StationId>) -> BTreeSet<Subject> {
    let taken = events.iter().filter(|event| {
        event.has_personal && counters.contains(&event.station) && matches!(event.subject, Subject::Dossier(_))
    });
    let mut kept: BTreeSet<Subject> = taken.map(|event| event.subject.clone()).collect();
    for event in events {
        if let Fact::GrantsDestroyed(destroyed) = &event.fact {
            kept.retain(|subject| subject.to_string() != destroyed.subject);
        }
    }
    kept
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
