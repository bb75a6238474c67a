//! The trials' own checks would notice: what they pass is tampered with, piece by piece, and each time they do not.

use crate::citizen::{MARITAL_STATUS, Wish, serve};
use crate::evidence::{judge, once_a_job};
use crate::hall::Hall;
use rusqlite::{Connection, params};
use std::fs;
use std::path::Path;
use tests::checker::{Kind, check};

/// What is done to a copy of the evidence, and what the checker must call it.
type Tampering = (&'static str, Kind, fn(&Path));

const TAMPERINGS: &[Tampering] = &[
    ("a page came out twice", Kind::Doubled, |evidence| {
        fs::copy(evidence.join("paper/page-0001.png"), evidence.join("paper/page-0099.png")).unwrap();
    }),
    ("a page is gone", Kind::Lost, |evidence| fs::remove_file(evidence.join("paper/page-0001.png")).unwrap()),
    ("a receipt is cut", Kind::Differs, |evidence| {
        let receipt = fs::read_dir(evidence.join("receipts")).unwrap().next().unwrap().unwrap().path();
        let bytes = fs::read(&receipt).unwrap();
        fs::write(receipt, [&bytes[..], b"\n"].concat()).unwrap();
    }),
    ("a receipt is gone", Kind::Lost, |evidence| {
        fs::remove_file(fs::read_dir(evidence.join("receipts")).unwrap().next().unwrap().unwrap().path()).unwrap();
    }),
    ("an event is missing at the centre", Kind::Lost, |evidence| {
        at_centre(
            evidence,
            "DELETE FROM place WHERE event = (SELECT row FROM event WHERE kind = 'DossierAccepted' LIMIT 1)",
        );
    }),
    ("what the printer told is missing at the centre", Kind::Lost, |evidence| {
        at_centre(
            evidence,
            "DELETE FROM place WHERE event = (SELECT row FROM event WHERE kind = 'PaperReported' LIMIT 1)",
        );
    }),
];

fn at_centre(evidence: &Path, statement: &str) {
    let db = Connection::open(evidence.join("central/log.db")).unwrap();
    assert!(db.execute(statement, []).unwrap() > 0, "{statement}");
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[test]
fn evidence_that_is_tampered_with_does_not_pass() {
    let mut hall = Hall::open();
    for _ in 0..2 {
        serve(&mut hall, Wish { procedure: MARITAL_STATUS, card: true });
    }
    assert_eq!(judge(&mut hall).findings, []);
    for (what, kind, tamper) in TAMPERINGS {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&hall.evidence.folder, copy.path());
        tamper(copy.path());
        let found = check(copy.path()).unwrap().findings;
        assert!(found.iter().any(|finding| finding.kind == *kind), "{what} was not noticed: {found:?}");
    }
}

#[test]
#[should_panic(expected = "2 SlipMade of one job")]
fn a_receipt_that_is_recorded_twice_does_not_pass() {
    let mut hall = Hall::open();
    serve(&mut hall, Wish { procedure: MARITAL_STATUS, card: false });
    assert_eq!(judge(&mut hall).findings, []);
    let file = hall.evidence.folder.join("central/log.db");
    let db = Connection::open(&file).unwrap();
    let again = "INSERT INTO event (id, subject, kind, hlc, content_key, carried, bytes)
         SELECT ?1, subject, kind, hlc, content_key, carried, bytes FROM event WHERE kind = 'SlipMade' LIMIT 1";
    db.execute(again, params![[7_u8; 16]]).unwrap();
    once_a_job(&file);
}
