//! People's tags, by which their dossiers are found.

use super::db::Db;
use super::pool::Fault;
use super::rows::damaged;
use intake::event::Subject;
use std::collections::BTreeSet;
use sync::earlier::{Tag, tag_of};
use sync::grant::Grant;

/// Notes the tags that stand among these grants.
pub(super) fn note<'a>(db: &mut Db, grants: impl Iterator<Item = &'a Grant>) -> Result<(), Fault> {
    // In one order everywhere, so that two who note the same wait for each other and never in a ring.
    let tags: BTreeSet<(Tag, &str)> = grants.filter_map(tag_of).collect();
    if tags.is_empty() {
        return Ok(());
    }
    let (tags, subjects): (Vec<&[u8]>, Vec<&str>) =
        tags.iter().map(|(tag, subject)| (tag.0.as_slice(), *subject)).unzip();
    db.execute(
        "INSERT INTO person_dossier SELECT * FROM unnest($1::bytea[], $2::text[]) ON CONFLICT DO NOTHING",
        &[&tags, &subjects],
    )?;
    Ok(())
}

/// The dossiers of these tags.
pub(super) fn of_person(db: &mut Db, tags: &[Tag]) -> Result<Vec<Subject>, Fault> {
    let tags: Vec<&[u8]> = tags.iter().map(|tag| tag.0.as_slice()).collect();
    let rows =
        db.query("SELECT DISTINCT subject FROM person_dossier WHERE tag = ANY($1) ORDER BY subject", &[&tags])?;
    rows.iter().map(|row| row.get::<_, &str>(0).parse().map_err(|_| damaged("a dossier's name").into())).collect()
}
