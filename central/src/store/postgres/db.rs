//! One transaction on a connection that keeps its prepared statements: a statement that was said before costs one question
//! and one answer, and no planning.

use postgres::types::ToSql;
use postgres::{Client, CopyInWriter, Error, Row, Statement, Transaction};
use std::collections::HashMap;

/// A connection, and the statements that were prepared on it.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// A transaction on a connection.
pub(super) struct Db<'a> {
    transaction: Transaction<'a>,
    statements: &'a mut HashMap<&'static str, Statement>,
}

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new() }
    }

    pub(super) fn begin(&mut self) -> Result<Db<'_>, Error> {
        Ok(Db { transaction: self.client.transaction()?, statements: &mut self.statements })
    }
}

impl Db<'_> {
    pub(super) fn commit(self) -> Result<(), Error> {
        self.transaction.commit()
    }

    pub(super) fn roll_back(self) -> Result<(), Error> {
        self.transaction.rollback()
    }

    pub(super) fn query(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let statement = self.prepared(sql)?;
        self.transaction.query(&statement, values)
    }

    pub(super) fn query_one(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
        let statement = self.prepared(sql)?;
        self.transaction.query_one(&statement, values)
    }

    pub(super) fn query_opt(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Error> {
        let statement = self.prepared(sql)?;
        self.transaction.query_opt(&statement, values)
    }

    pub(super) fn execute(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        let statement = self.prepared(sql)?;
        self.transaction.execute(&statement, values)
    }

    /// Says something that has no values and no answer.
    pub(super) fn say(&mut self, sql: &str) -> Result<(), Error> {
        self.transaction.batch_execute(sql)
    }

    pub(super) fn copy_in(&mut self, sql: &'static str) -> Result<CopyInWriter<'_>, Error> {
        let statement = self.prepared(sql)?;
        self.transaction.copy_in(&statement)
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.transaction.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}
