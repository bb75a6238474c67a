//! Grants stand beside their segment. A person is forgotten by taking theirs out, wherever they stand, and for ever.

use super::db::Db;
use super::people;
use super::pool::Fault;
use super::prepare::Prepared;
use super::rows::stream_at;
use std::collections::BTreeSet;
use sync::checked::Checked;
use sync::grant::Grant;
use sync::wire::{from_cbor, to_cbor};

/// Any number, the same at all nodes: those who bring grants share it, one who destroys some has it alone.
const LOCK: i64 = 0x4D43_5547;

/// Before anything is read: whoever forgets a person waits for those who are bringing grants, and they for him. Else a grant
/// that is not committed yet would outlive the order to destroy it.
pub(super) fn enter(db: &mut Db, brings: bool, destroys: bool) -> Result<(), Fault> {
    if destroys {
        db.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    } else if brings {
        db.execute("SELECT pg_advisory_xact_lock_shared($1)", &[&LOCK])?;
    }
    Ok(())
}

/// Which of the subjects of these segments' grants were forgotten.
pub(super) fn forgotten<'a>(
    db: &mut Db,
    prepared: impl Iterator<Item = &'a Prepared<'a>>,
) -> Result<BTreeSet<String>, Fault> {
    let subjects: BTreeSet<&str> =
        prepared.flat_map(|prepared| &prepared.checked.grants).map(|grant| grant.subject.as_str()).collect();
    if subjects.is_empty() {
        return Ok(BTreeSet::new());
    }
    let subjects: Vec<&str> = subjects.into_iter().collect();
    let rows = db.query("SELECT subject FROM forgotten WHERE subject = ANY($1)", &[&subjects])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Adds grants to a segment that is held already, where they are new.
pub(super) fn add(db: &mut Db, checked: &Checked, more: Vec<Grant>) -> Result<(), Fault> {
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
        people::note(db, held[before..].iter())?;
        db.execute(
            "UPDATE segment SET grants = $6
             WHERE scope = $1 AND station = $2 AND incarnation = $3 AND first = $4 AND last = $5",
            &[&of.0, &of.1, &of.2, &first, &last, &to_cbor(&held)],
        )?;
    }
    Ok(())
}

/// Destroys all grants of these subjects, and bars later ones.
pub(super) fn destroy(db: &mut Db, subjects: &BTreeSet<String>) -> Result<(), Fault> {
    if subjects.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = subjects.iter().map(String::as_str).collect();
    db.execute("INSERT INTO forgotten SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", &[&names])?;
    db.execute("DELETE FROM person_dossier WHERE subject = ANY($1)", &[&names])?;
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
