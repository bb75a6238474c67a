//! What docs/scaling.md says of the tables, held against the database.

use crate::cluster;
use crate::world::World;
use std::collections::BTreeMap;

/// The rows of the page's table: each table, and the column by which a cluster would distribute it (none: a reference table).
fn promised() -> BTreeMap<String, Option<String>> {
    let page = include_str!("../../../docs/scaling.md");
    let (_, rest) = page.split_once("| table | distribution column |").expect("the table of tables");
    let mut promised = BTreeMap::new();
    for row in rest.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').collect();
        let quoted = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        for table in quoted(cells[1]) {
            promised.insert(table, quoted(cells[2]).into_iter().next());
        }
    }
    promised
}

#[test]
fn every_primary_key_leads_with_the_column_that_would_distribute_its_table() {
    let world = World::new();
    let mut client = cluster::connect(&cluster::database(&crate::place::name(world.dir.path()))).unwrap();
    let rows = client
        .query(
            "SELECT c.relname, a.attname FROM pg_class c
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
             WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace",
            &[],
        )
        .unwrap();
    let mut promised = promised();
    promised.remove("receipt_no").expect("the sequence stands there too");
    for row in &rows {
        let (table, leads): (String, Option<String>) = (row.get(0), row.get(1));
        let leads = leads.unwrap_or_else(|| panic!("{table} has no primary key"));
        let column = promised.remove(&table).unwrap_or_else(|| panic!("{table} is not in docs/scaling.md"));
        // A reference table may have any key.
        assert!(column.is_none_or(|column| column == leads), "{table} leads with {leads}");
    }
    assert!(promised.is_empty(), "{promised:?} are promised and not there");
}
