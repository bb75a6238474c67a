//! Grants stand beside their segment. A person is forgotten by taking theirs out, wherever they stand, and for ever.

use super::pool::Fault;
use super::rows::stream_at;
use postgres::Transaction;
use std::collections::{BTreeMap, BTreeSet};
use sync::checked::Checked;
use sync::grant::{Grant, KeyId};
use sync::wire::{from_cbor, to_cbor};

/// Those of a segment's grants that are for keys and subjects of its events, but for subjects that were forgotten.
pub(super) fn fitting(grants: &[Grant], checked: &Checked, forgotten: &BTreeSet<String>) -> Vec<Grant> {
    let keys: BTreeMap<KeyId, String> =
        checked.events.iter().filter_map(|(_, record, _)| Some((record.key()?, record.subject.to_string()))).collect();
    let fits = |grant: &&Grant| keys.get(&grant.key) == Some(&grant.subject) && !forgotten.contains(&grant.subject);
    grants.iter().filter(fits).cloned().collect()
}

/// Which of these subjects were forgotten.
pub(super) fn forgotten(db: &mut Transaction, subjects: &[String]) -> Result<BTreeSet<String>, Fault> {
    let rows = db.query("SELECT subject FROM forgotten WHERE subject = ANY($1)", &[&subjects])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Adds grants to a segment that is held already, where they are new.
pub(super) fn add(db: &mut Transaction, checked: &Checked, more: Vec<Grant>) -> Result<(), Fault> {
    if more.is_empty() {
        return Ok(());
    }
    let header = &checked.header;
    let of = (header.stream.scope.as_str(), header.stream.station.0, header.stream.incarnation.0);
    let (first, last) = (header.first as i64, header.last_no() as i64);
    let row = db.query_opt(
        "SELECT grants FROM segment WHERE scope = $1 AND station = $2 AND incarnation = $3 AND first = $4 AND last = $5
         FOR UPDATE",
        &[&of.0, &of.1, &of.2, &first, &last],
    )?;
    let Some(row) = row else { return Ok(()) };
    let mut held: Vec<Grant> = from_cbor(row.get(0))?;
    let before = held.len();
    for grant in more {
        if !held.contains(&grant) {
            held.push(grant);
        }
    }
    if held.len() > before {
        db.execute(
            "UPDATE segment SET grants = $6
             WHERE scope = $1 AND station = $2 AND incarnation = $3 AND first = $4 AND last = $5",
            &[&of.0, &of.1, &of.2, &first, &last, &to_cbor(&held)],
        )?;
    }
    Ok(())
}

/// Destroys all grants of these subjects, and bars later ones.
pub(super) fn destroy(db: &mut Transaction, subjects: &BTreeSet<String>) -> Result<(), Fault> {
    if subjects.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = subjects.iter().map(String::as_str).collect();
    db.execute("INSERT INTO forgotten SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", &[&names])?;
    let rows = db.query(
        // A later life of a station's disk may carry the same events once more, so all its streams in the scope are looked at.
        "SELECT s.scope, s.station, s.incarnation, s.first, s.last, s.grants FROM segment s
         JOIN (SELECT DISTINCT scope, station FROM event WHERE subject = ANY($1)) e USING (scope, station)",
        &[&names],
    )?;
    for row in rows {
        let (stream, first, last) = (stream_at(&row, 0), row.get::<_, i64>(3), row.get::<_, i64>(4));
        let mut grants: Vec<Grant> = from_cbor(row.get(5))?;
        let before = grants.len();
        grants.retain(|grant| !subjects.contains(&grant.subject));
        if grants.len() == before {
            continue;
        }
        db.execute(
            "UPDATE segment SET grants = $6
             WHERE scope = $1 AND station = $2 AND incarnation = $3 AND first = $4 AND last = $5",
            &[&stream.scope.as_str(), &stream.station.0, &stream.incarnation.0, &first, &last, &to_cbor(&grants)],
        )?;
    }
    Ok(())
}
