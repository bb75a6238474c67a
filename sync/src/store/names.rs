//! By which codes dossiers go, for those who come with a code only.

use super::{Store, StoreFault};
use crate::record::Record;
use intake::event::Subject;
use rusqlite::{Connection, params};

impl Store {
    /// The dossiers that some event gave this code. One that got another code later is still found here.
    ///
    /// # Errors
    /// Store faults.
    pub fn named(&self, code: &str) -> Result<Vec<Subject>, StoreFault> {
        let mut select = self.db.prepare_cached("SELECT subject FROM dossier_code WHERE code = ?1")?;
        let rows = select.query_map([code], |row| row.get::<_, String>(0))?;
        rows.map(|row| row?.parse().map_err(|fault| StoreFault::Damaged(format!("a dossier's name: {fault}"))))
            .collect()
    }
}

/// Keeps the code that an event gives, if it gives one.
pub(super) fn put(db: &Connection, record: &Record, subject: &str) -> Result<(), StoreFault> {
    let Some(code) = record.code_given() else { return Ok(()) };
    db.prepare_cached("INSERT OR IGNORE INTO dossier_code (code, subject) VALUES (?1, ?2)")?
        .execute(params![code, subject])?;
    Ok(())
}

/// Keeps all codes of the log anew.
pub(super) fn rebuild(db: &Connection) -> Result<(), StoreFault> {
    db.execute("DELETE FROM dossier_code", [])?;
    let mut select = db.prepare(
        "SELECT bytes FROM event WHERE kind IN ('DossierRegistered', 'DossierAccepted', 'CodeAssigned') ORDER BY row",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let record = Record::read(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
        let record = record.map_err(StoreFault::unreadable)?;
        put(db, &record, &record.subject.to_string())?;
    }
    Ok(())
}
