//! Cards before the scanner.

use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedScanner, Terminator};
use hardware::scanner::SerialScanner;
use hardware::{CardQr, Fault, Scan};

use crate::LINES;

const CARD: &str = "001199000123|012345678|Nguyễn Thị Mẫu|15021999|Nữ|Số 1 Phố Mẫu, Hoàn Kiếm, Hà Nội|10052021";

fn next(scanner: &mut SerialScanner) -> Result<Scan, Fault> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(code) = scanner.listen(None, deadline)?.into_iter().next() {
            return code;
        }
        assert!(Instant::now() < deadline, "nothing was scanned");
    }
}

#[test]
fn a_card_is_read_whatever_ends_its_code() {
    for line in LINES {
        let far = EmulatedScanner::start(&line()).unwrap();
        let mut near = SerialScanner::open(&far.line().address()).unwrap();
        for terminator in [Terminator::Cr, Terminator::Lf, Terminator::CrLf, Terminator::None] {
            far.put_card(CARD.as_bytes(), terminator);
            let scan = next(&mut near).unwrap();
            assert_eq!(CardQr::parse(&scan.text).unwrap().name, "Nguyễn Thị Mẫu", "{terminator:?}");
        }
    }
}

#[test]
fn a_code_in_a_wrong_encoding_is_a_fault_and_the_next_one_is_read() {
    let far = EmulatedScanner::start(&LINES[0]()).unwrap();
    let mut near = SerialScanner::open(&far.line().address()).unwrap();
    far.put_card(b"001199000123||Nguy\xEA\xDEn", Terminator::Cr);
    assert_eq!(next(&mut near), Err(Fault::ScanEncoding));
    far.put_card(b"https://example.vn", Terminator::Cr);
    assert_eq!(next(&mut near).unwrap().text, "https://example.vn");
}

#[test]
fn a_line_that_goes_away_is_told() {
    for line in LINES {
        let far = EmulatedScanner::start(&line()).unwrap();
        let mut near = SerialScanner::open(&far.line().address()).unwrap();
        far.put_card(b"before", Terminator::Cr);
        assert_eq!(next(&mut near).unwrap().text, "before");
        drop(far);
        assert_eq!(next(&mut near), Err(Fault::ScannerLineLost));
    }
}

#[test]
fn a_scan_shows_nothing_personal_when_debugged() {
    let shown = format!("{:?}", Scan { text: CARD.to_owned() });
    assert!(!shown.contains("Mẫu") && !shown.contains("001199"), "{shown}");
}
