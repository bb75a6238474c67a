use super::*;
use proptest::prelude::*;

#[test]
fn the_lines_of_a_scan_are_understood() {
    for (line, meant) in [
        ("Scanning page 7", Some(Word::Started(7))),
        ("Progress: 42.7%", Some(Word::Progress(42))),
        ("Progress: 100.0%", Some(Word::Progress(100))),
        ("Scanned page 7. (scanner status = 5)", Some(Word::Ended(SaneStatus::EndOfFile))),
        ("Scanned page 7. (scanner status = 6)", Some(Word::Ended(SaneStatus::Jammed))),
        ("scanimage: sane_read: Document feeder jammed", Some(Word::Failed(Fault::DocumentScannerJam))),
        ("scanimage: sane_start: Document feeder out of documents", Some(Word::Failed(Fault::DocumentScannerEmpty))),
        ("scanimage: sane_start: Scanner cover is open", Some(Word::Failed(Fault::DocumentScannerCoverOpen))),
        ("scanimage: sane_read: Error during device I/O", Some(Word::Failed(Fault::DocumentScannerFailed))),
        ("scanimage: open of device test:9 failed: Invalid argument", Some(Word::Failed(Fault::DocumentScannerAbsent))),
        ("scanimage: open of device x:1 failed: Device busy", Some(Word::Failed(Fault::DocumentScannerBusy))),
        (
            "scanimage: open of device x:1 failed: Access to resource has been denied",
            Some(Word::Failed(Fault::DocumentScannerDenied)),
        ),
        ("scanimage: no SANE devices found", Some(Word::Failed(Fault::DocumentScannerAbsent))),
        ("scanimage: unrecognized option '--shine'", Some(Word::Failed(Fault::DocumentScannerOption))),
        (
            "scanimage: setting of option --mode failed (Invalid argument)",
            Some(Word::Failed(Fault::DocumentScannerOption)),
        ),
        ("Batch terminated, 10 pages scanned", None),
        ("Scanning infinity pages, incrementing by 1, numbering from 1", None),
        ("scanimage: rounded value of br-x from 210 to 209.9", None),
        ("", None),
    ] {
        assert_eq!(word(line), meant, "{line}");
    }
}

const OPTIONS: &str = "
All options specific to device `test:0':
  Scan Mode:
    --mode Gray|Color [Gray]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --depth 1|8|16 [8]
    --hand-scanner[=(yes|no)] [no]
    --three-pass-order RGB|RBG [inactive]
    --resolution 1..1200dpi (in steps of 1) [50]
    --source Flatbed|Automatic Document Feeder [Flatbed]
    --string <string> [x]
    -l 0..215.9mm [0]
    -x 0..215.9mm (in steps of 0.0211639) [215.9]
";

#[test]
fn what_a_device_can_is_read() {
    let can = Capabilities::parse(OPTIONS);
    assert_eq!(can.option("mode"), Some(&Constraint::List(vec!["Gray".to_owned(), "Color".to_owned()])));
    assert_eq!(can.option("resolution"), Some(&Constraint::Range { low: 1.0, high: 1200.0 }));
    assert_eq!(can.option("x").and_then(Constraint::most), Some(215.9));
    assert_eq!((can.option("three-pass-order"), can.has("three-pass-order")), (None, true));
    assert!(!can.has("shine"));
    assert_eq!(can.option("hand-scanner"), Some(&Constraint::Any));
    assert_eq!(can.option("string"), Some(&Constraint::Any));
    assert_eq!(can.value("source", |value| value.contains("feeder")), Some("Automatic Document Feeder"));
    let fixed =
        Capabilities::parse("    --resolution 75|150|300dpi [75]\n    --source ADF Front|ADF Duplex [ADF Front]");
    assert!(fixed.option("resolution").is_some_and(|of| of.takes(300.0) && !of.takes(200.0)));
    assert_eq!(fixed.value("source", |value| value.contains("duplex")), Some("ADF Duplex"));
}

#[test]
fn a_list_of_devices_is_read_and_what_is_no_line_of_it_passed_over() {
    let list = found("test:0\tNoname\tfrontend-tester\tvirtual device\n\nCreated directory: /var/lib/snmp\n");
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].device.as_str(), list[0].model.as_str()), ("test:0", "frontend-tester"));
}

proptest! {
    #[test]
    fn any_text_is_survived(text in any::<String>(), bytes: Vec<u8>) {
        drop((word(&text), found(&text), Capabilities::parse(&format!("    --{text}"))));
        drop(Capabilities::parse(&String::from_utf8_lossy(&bytes)));
        let lines = LineCutter::default().push(&bytes);
        prop_assert!(lines.iter().all(|line| !line.is_empty() && !line.contains(['\r', '\n'])));
    }

    #[test]
    fn any_cut_gives_the_same_lines(bytes: Vec<u8>, cut: prop::sample::Index) {
        let at = cut.index(bytes.len() + 1);
        let (mut whole, mut parts) = (LineCutter::default(), LineCutter::default());
        let mut lines = parts.push(&bytes[..at]);
        lines.extend(parts.push(&bytes[at..]));
        prop_assert_eq!(whole.push(&bytes), lines);
    }
}
