//! Migrations: append-only, all or nothing, numbered by `user_version`.

use super::StoreFault;
use rusqlite::Connection;

/// "MCUA": tells our files from other programs' databases.
const APPLICATION_ID: i64 = 0x4D43_5541;

const MIGRATIONS: [&str; 5] = [
    include_str!("migrations/0001_log.sql"),
    include_str!("migrations/0002_blobs.sql"),
    include_str!("migrations/0003_outbox.sql"),
    include_str!("migrations/0004_leaner.sql"),
    include_str!("migrations/0005_person.sql"),
];

/// The version that this program writes.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Brings a database to the version of this program.
pub(super) fn migrate(db: &Connection) -> Result<(), StoreFault> {
    let version = number(db, "user_version")?;
    if version > KNOWN {
        return Err(StoreFault::NewerVersion { file: version, known: KNOWN });
    }
    if version > 0 && number(db, "application_id")? != APPLICATION_ID {
        return Err(StoreFault::Damaged("a database of another program".into()));
    }
    if version < KNOWN {
        let all = db.unchecked_transaction()?;
        for migration in &MIGRATIONS[version.max(0) as usize..] {
            all.execute_batch(migration)?;
        }
        all.pragma_update(None, "application_id", APPLICATION_ID)?;
        all.pragma_update(None, "user_version", KNOWN)?;
        all.commit()?;
    }
    Ok(())
}

fn number(db: &Connection, pragma: &str) -> Result<i64, StoreFault> {
    Ok(db.pragma_query_value(None, pragma, |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema as it stands after all migrations. A change of it is a new migration, never an edit.
    #[test]
    fn the_schema_is_pinned() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db).unwrap();
        let mut names = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
        let schema: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let hash = blake3::hash(schema.join("\n").as_bytes()).to_hex().to_string();
        assert_eq!(hash, PINNED, "the schema of version {KNOWN} changed:\n{}", schema.join("\n"));
    }

    const PINNED: &str = "78af9134b3c6a5834188bdbc7acca0befef7e2b4a577f4a9c00c9beb9a6c2fd7";
}
