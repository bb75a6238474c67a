//! The independent checker, against evidence that the real log and the real documents made: clean evidence is clean, and
//! every piece of it that is tampered with is found.

mod centre_of_two;

use centre_of_two::{Story, give_same_number_again};
use rusqlite::Connection;
use std::fs;
use tests::checker::{Kind, Verdict, check};

#[test]
fn untouched_evidence_has_no_finding() {
    let story = Story::new();
    let verdict = story.verdict();
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.tickets, verdict.papers, verdict.dossiers, verdict.receipts), (2, 2, 1, 1));
    assert_eq!(verdict.events_station, verdict.events_central);
    assert!(verdict.events_station >= 7, "{verdict:?}");
}

/// What is done to the evidence, and what the checker must call it.
type Tampering = (&'static str, Kind, fn(&Story));

#[test]
fn every_tampering_is_found() {
    let tamperings: &[Tampering] = &[
        ("the last event of the kiosk is dropped at the centre", Kind::Lost, |story| {
            story.at_centre("DELETE FROM place WHERE stream = (SELECT stream FROM place JOIN event e ON e.row = event WHERE kind = 'PaperReported' LIMIT 1)
                 AND no = (SELECT max(p.no) FROM place p WHERE p.stream = place.stream)");
        }),
        ("an event in the middle is dropped at the centre", Kind::Lost, |story| {
            story.at_centre("DELETE FROM place WHERE no = 1 AND event = (SELECT row FROM event WHERE kind = 'TicketIssued' ORDER BY row LIMIT 1)");
        }),
        ("an event is doubled at the centre", Kind::Doubled, |story| {
            story.at_centre("INSERT INTO place SELECT p.stream, (SELECT max(no) + 1 FROM place q WHERE q.stream = p.stream), p.event, p.hash
                 FROM place p JOIN event e ON e.row = p.event WHERE e.kind = 'TicketIssued' LIMIT 1");
        }),
        ("a byte of an event is flipped at the centre", Kind::Differs, |story| {
            story.flip_at_centre("event", "kind = 'TicketIssued'", 40);
        }),
        ("a byte of a segment is flipped at the centre", Kind::Broken, |story| {
            story.flip_at_centre("segment", "1", 150)
        }),
        ("a byte of a segment's signature is flipped at the centre", Kind::Broken, |story| {
            story.flip_at_centre("segment", "1", -1)
        }),
        ("a segment is thrown away at the centre", Kind::Broken, |story| {
            story.at_centre("DELETE FROM segment WHERE row = 1")
        }),
        ("the centre has events that no station wrote", Kind::Differs, |story| {
            story.at_station("kiosk", "DELETE FROM place WHERE no = (SELECT max(no) FROM place)");
        }),
        ("a paper is removed", Kind::Lost, |story| story.remove("paper/1.png")),
        ("a paper is there twice", Kind::Doubled, |story| story.copy("paper/1.png", "paper/3.png")),
        ("a paper's QR code cannot be read", Kind::Unreadable, |story| {
            story.put("paper/1.png", &story.picture("HELLO"))
        }),
        ("the number in a paper's QR code is altered", Kind::Unreadable, |story| {
            story.put("paper/1.png", &story.picture(&story.altered_ticket()));
        }),
        ("a receipt is removed", Kind::Lost, |story| story.remove("receipts/1.pdf")),
        ("a receipt is there twice", Kind::Doubled, |story| story.copy("receipts/1.pdf", "receipts/2.pdf")),
        ("the code on a receipt is altered", Kind::Lost, |story| {
            story.put("receipts/1.pdf", &story.receipt("H26.112.00-261123-0009", 0))
        }),
        ("the due date on a receipt is altered by a minute", Kind::Differs, |story| {
            story.put("receipts/1.pdf", &story.receipt(story.code(), 60_000));
        }),
        ("a byte of a receipt is altered", Kind::Differs, |story| story.append("receipts/1.pdf", b"\n% altered\n")),
        ("a receipt that no dossier has is added", Kind::Lost, |story| {
            story.put("receipts/2.pdf", &story.receipt("H26.112.00-261123-0010", 0))
        }),
    ];
    let whole = Story::new();
    for (what, kind, tamper) in tamperings {
        let story = whole.again();
        tamper(&story);
        let verdict = story.verdict();
        assert!(verdict.findings.iter().any(|finding| finding.kind == *kind), "{what}: {:?}", verdict.findings);
        assert!(counts_agree(&verdict), "{what}: {verdict:?}");
    }
}

#[test]
fn a_number_given_twice_in_a_day_is_found_though_every_chain_holds() {
    let story = Story::told(give_same_number_again);
    let verdict = story.verdict();
    let doubled: Vec<_> = verdict.findings.iter().filter(|finding| finding.kind == Kind::Doubled).collect();
    assert_eq!(doubled.len(), 1, "{:?}", verdict.findings);
    assert!(doubled[0].what.contains("A002"), "{doubled:?}");
}

#[test]
fn evidence_without_the_centre_is_no_evidence() {
    let story = Story::new();
    fs::remove_dir_all(story.folder().join("central")).unwrap();
    assert!(check(story.folder()).is_err());
}

#[test]
fn a_file_with_a_forged_card_is_refused() {
    let story = Story::new();
    let db = Connection::open(story.folder().join("central/log.db")).unwrap();
    let card: Vec<u8> = db.query_row("SELECT card FROM station LIMIT 1", [], |row| row.get(0)).unwrap();
    let mut forged = card.clone();
    *forged.last_mut().unwrap() ^= 1;
    db.execute("UPDATE station SET card = ?1 WHERE card = ?2", (forged, card)).unwrap();
    drop(db);
    assert!(check(story.folder()).unwrap_err().0.contains("card"));
}

fn counts_agree(verdict: &Verdict) -> bool {
    let count = |kind| verdict.findings.iter().filter(|finding| finding.kind == kind).count();
    verdict.lost == count(Kind::Lost) && verdict.doubled == count(Kind::Doubled)
}
