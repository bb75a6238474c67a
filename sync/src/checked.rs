//! What can be checked of a segment without a store: signature, form, chain, and who may state what. Every way into a log
//! goes through here.

use crate::Refusal;
use crate::grant::{Grant, KeyId};
use crate::protocol::{SegmentWithGrants, StationCard, StationRole};
use crate::record::Record;
use crate::segment::{Header, Segment};
use crate::stream::Head;
use intake::event::Subject;
use intake::fact::Fact;
use intake::ids::StationId;
use std::collections::{BTreeMap, HashMap};

/// Below so many packed bytes of a batch, starting a thread costs more than it saves.
const WORTH_A_THREAD: usize = 64 << 10;

/// A segment whose signature, events and chain are in order; whether it fits what is held is not known yet.
pub struct Checked {
    /// What stands before the body.
    pub header: Header,
    /// Each event's bytes, what they say, and the position after it.
    pub events: Vec<(Vec<u8>, Record, Head)>,
    /// Those of the grants beside it that are for keys of its events, with their subjects.
    pub grants: Vec<Grant>,
}

/// Checks segments, on as many cores as there are. `cards` holds those of the stations that the segments say they are of.
pub fn check_all(
    pushes: &[SegmentWithGrants],
    cards: &BTreeMap<StationId, StationCard>,
) -> Vec<Result<Checked, Refusal>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let check = |push: &SegmentWithGrants| check_one(push, cards);
    let bytes: usize = pushes.iter().map(|push| push.segment.0.len()).sum();
    if pushes.len() < 2 || cores < 2 || bytes < WORTH_A_THREAD {
        return pushes.iter().map(check).collect();
    }
    let share = pushes.len().div_ceil(cores);
    std::thread::scope(|scope| {
        let started: Vec<_> =
            pushes.chunks(share).map(|part| (part, scope.spawn(move || part.iter().map(check).collect()))).collect();
        let joined = started.into_iter().map(|(part, thread)| {
            // A thread that could not end is no reason to refuse: its part is checked here.
            thread.join().unwrap_or_else(|_| part.iter().map(check).collect::<Vec<_>>())
        });
        joined.flatten().collect()
    })
}

fn check_one(push: &SegmentWithGrants, cards: &BTreeMap<StationId, StationCard>) -> Result<Checked, Refusal> {
    let segment = Segment::parse(&push.segment.0)?;
    let station = segment.header.stream.station;
    let card = cards.get(&station).ok_or(Refusal::UnknownStation { station })?;
    if segment.header.key_no != card.key_no {
        return Err(Refusal::BadSignature);
    }
    segment.check(&card.sign_public)?;
    let events = segment.events()?;
    events.iter().try_for_each(|(_, record, _)| allowed(card, record))?;
    let grants = fitting(&push.grants, &events);
    Ok(Checked { header: segment.header, events, grants })
}

/// A grant counts where an event names its key, and only for that event's subject.
fn fitting(grants: &[Grant], events: &[(Vec<u8>, Record, Head)]) -> Vec<Grant> {
    let keys: HashMap<KeyId, &Subject> =
        events.iter().filter_map(|(_, record, _)| Some((record.key()?, &record.subject))).collect();
    let fits = |grant: &Grant| {
        let subject = keys.get(&grant.key)?.to_string();
        let fits = grant.subject.is_empty() || grant.subject == subject;
        fits.then(|| Grant { subject, ..grant.clone() })
    };
    grants.iter().filter_map(fits).collect()
}

/// Is this station allowed to write this event?
pub(crate) fn allowed(card: &StationCard, record: &Record) -> Result<(), Refusal> {
    let of_the_centre = matches!(record.kind.as_str(), "SettingPublished" | "CodesLeased" | "OfficerAppointed")
        || matches!(record.subject, Subject::Setting(_));
    let of_a_hub = matches!(record.kind.as_str(), "TicketClaimed" | "HubAppointed");
    let by_officers = record.kind == "GrantsDestroyed";
    let fits = !by_officers || forgets_its_own_subject(record);
    let role_fits = match card.role {
        StationRole::Centre => true,
        StationRole::Hub => !of_the_centre,
        StationRole::Counter => !of_the_centre && !of_a_hub,
        StationRole::Kiosk | StationRole::Board | StationRole::Agent => !of_the_centre && !by_officers && !of_a_hub,
    };
    // Beyond its own scopes and the authorities' an officer's desk tells of dossiers, and nobody else tells anything.
    let is_abroad = record.scopes.iter().any(|scope| !card.may_write(scope) && !scope.is_agency());
    let tells = card.role == StationRole::Counter && matches!(record.subject, Subject::Dossier(_));
    if fits && role_fits && card.may_write(record.home()) && (!is_abroad || tells) {
        Ok(())
    } else {
        Err(Refusal::NotYourScope { scope: record.home().as_str().to_owned() })
    }
}

/// An officer's order forgets the citizen's record that it is about, and nothing else: never an account, a setting or a lease.
fn forgets_its_own_subject(record: &Record) -> bool {
    match Fact::decode(&record.kind, &record.body) {
        Fact::GrantsDestroyed(destroyed) => {
            matches!(record.subject, Subject::Visit(_) | Subject::Dossier(_))
                && destroyed.subject == record.subject.to_string()
        }
        _ => false,
    }
}
