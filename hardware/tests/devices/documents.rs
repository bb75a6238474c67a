//! Pages from SANE's own `test` scanner: a real driver with no hardware.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use hardware::document::scanner::{
    Cancel, DocumentScanner, Format, Mode, Page, PageSize, SaneScanner, ScanEvent, ScanRequest, Source,
};
use hardware::{DeviceState, Fault, Supervisor};
use sha2::{Digest, Sha256};

use crate::eventually;

/// SANE with its `test` backend alone, and a bed that is large enough for A4.
pub fn sane_configuration(folder: &Path) -> PathBuf {
    let etc = folder.join("sane");
    fs::create_dir_all(&etc).unwrap();
    fs::write(etc.join("dll.conf"), "test\n").unwrap();
    let usual = fs::read_to_string("/etc/sane.d/test.conf").unwrap();
    fs::write(etc.join("test.conf"), usual.replace("geometry_max 200.0", "geometry_max 300.0")).unwrap();
    etc
}

fn scanner(folder: &Path) -> SaneScanner {
    let etc = sane_configuration(folder);
    SaneScanner::new("test:0").with_environment("SANE_CONFIG_DIR", etc.to_str().unwrap())
}

fn request(source: Source) -> ScanRequest {
    ScanRequest { resolution_dpi: 75, mode: Mode::Grey, source, size: PageSize::A4, ..ScanRequest::default() }
}

fn with(mut request: ScanRequest, extra: &[(&str, &str)]) -> ScanRequest {
    request.extra = extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    request
}

/// Scans; the pages, and how it ended.
fn scan(scanner: SaneScanner, request: &ScanRequest, into: &Path) -> (Vec<Page>, ScanEvent) {
    let mut pages = Vec::new();
    let last = DocumentScanner::Sane(scanner).scan(request, into, &Cancel::new(), &mut |event| {
        if let ScanEvent::Page(page) = event {
            pages.push(page);
        }
    });
    (pages, last)
}

/// A program in scanimage's place.
fn instead(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("scanimage.sh");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_page_on_the_flatbed_is_as_large_as_it_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = scanner(folder.path());
    for (mode, size, expected) in [
        (Mode::Colour, PageSize::A4, (620, 877)),
        (Mode::Grey, PageSize::A5, (437, 620)),
        (Mode::Lineart, PageSize::A5, (437, 620)),
    ] {
        let request = ScanRequest { mode, size, ..request(Source::Flatbed) };
        let (pages, last) = scan(scanner.clone(), &request, &folder.path().join("pages"));
        assert_eq!(last, ScanEvent::Finished { pages: 1 });
        let page = &pages[0];
        let (width, height) = (page.width.unwrap(), page.height.unwrap());
        assert!(width.abs_diff(expected.0) <= 8 && height.abs_diff(expected.1) <= 2, "{mode:?} {width}x{height}");
        let bytes = fs::read(&page.path).unwrap();
        assert_eq!((page.format, page.bytes), (Format::Png, bytes.len() as u64));
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(page.sha256, hash);
    }
    // Nothing but pages is left in the folder.
    let mut names: Vec<_> =
        fs::read_dir(folder.path().join("pages")).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["page-0001.png", "page-0002.png", "page-0003.png"]);
}

#[test]
fn a_stack_in_the_feeder_is_scanned_to_its_end_or_as_far_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = scanner(folder.path());
    let (pages, last) = scan(scanner.clone(), &request(Source::Feeder), &folder.path().join("stack"));
    assert_eq!(last, ScanEvent::Finished { pages: 10 });
    assert_eq!(pages.iter().map(|page| page.no).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    let three = ScanRequest { max_pages: Some(3), ..request(Source::Feeder) };
    let (pages, last) = scan(scanner, &three, &folder.path().join("stack"));
    assert_eq!(last, ScanEvent::Finished { pages: 3 });
    assert_eq!(pages[2].path.file_name().unwrap(), "page-0013.png");
}

#[test]
fn every_error_of_a_scanner_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = scanner(folder.path());
    for (status, fault) in [
        ("DEVICE_BUSY", Fault::DocumentScannerBusy),
        ("JAMMED", Fault::DocumentScannerJam),
        ("NO_DOCS", Fault::DocumentScannerEmpty),
        ("COVER_OPEN", Fault::DocumentScannerCoverOpen),
        ("IO_ERROR", Fault::DocumentScannerFailed),
        ("NO_MEM", Fault::DocumentScannerFailed),
        ("ACCESS_DENIED", Fault::DocumentScannerDenied),
        ("INVAL", Fault::DocumentScannerOption),
        ("UNSUPPORTED", Fault::DocumentScannerOption),
    ] {
        for source in [Source::Flatbed, Source::Feeder] {
            let request = with(request(source), &[("read-return-value", &format!("SANE_STATUS_{status}"))]);
            let (pages, last) = scan(scanner.clone(), &request, &folder.path().join("pages"));
            assert_eq!((pages.len(), last), (0, ScanEvent::Stopped { fault, pages: 0 }), "{status} {source:?}");
        }
    }
    assert_eq!(fs::read_dir(folder.path().join("pages")).unwrap().count(), 0);
}

#[test]
fn what_the_scanner_cannot_is_refused_before_paper_moves() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = scanner(folder.path());
    for request in [
        ScanRequest { resolution_dpi: 2400, ..request(Source::Flatbed) },
        request(Source::FeederDuplex),
        with(request(Source::Flatbed), &[("shine", "yes")]),
    ] {
        let (_, last) = scan(scanner.clone(), &request, &folder.path().join("pages"));
        assert_eq!(last, ScanEvent::Stopped { fault: Fault::DocumentScannerOption, pages: 0 });
    }
}

#[test]
fn a_jam_keeps_the_pages_before_it() {
    let folder = tempfile::tempdir().unwrap();
    // Six pages of the real scanner, then its words for a jam, and the exit code that scanimage has in batch mode.
    let program = instead(
        folder.path(),
        "case \"$*\" in *-A*) exec scanimage \"$@\";; esac\nscanimage \"$@\" --batch-count=6\n\
         echo 'Scanning page 7' >&2\necho 'scanimage: sane_read: Document feeder jammed' >&2\n\
         echo 'Scanned page 7. (scanner status = 6)' >&2",
    );
    let scanner = scanner(folder.path()).with_program(program);
    let (pages, last) = scan(scanner, &request(Source::Feeder), &folder.path().join("pages"));
    assert_eq!(last, ScanEvent::Stopped { fault: Fault::DocumentScannerJam, pages: 6 });
    assert!(pages.len() == 6 && pages.iter().all(|page| page.path.exists()));
}

#[test]
fn a_scanner_that_is_not_there_or_hangs_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let real = scanner(folder.path());
    let pages = folder.path().join("pages");
    let etc = folder.path().join("sane");
    let absent = SaneScanner::new("test:9").with_environment("SANE_CONFIG_DIR", etc.to_str().unwrap());
    let stopped = |fault| ScanEvent::Stopped { fault, pages: 0 };
    assert_eq!(scan(absent, &request(Source::Flatbed), &pages).1, stopped(Fault::DocumentScannerAbsent));
    let tool = real.clone().with_program("/nowhere/scanimage");
    assert_eq!(scan(tool, &request(Source::Flatbed), &pages).1, stopped(Fault::DocumentScannerToolAbsent));
    let hangs = instead(
        folder.path(),
        "case \"$*\" in *-A*) exec scanimage \"$@\";; esac\necho $$ >> \"$SANE_CONFIG_DIR/pids\"\nexec sleep 600",
    );
    let hanging = real.clone().with_program(hangs).with_patience(Duration::from_millis(300));
    assert_eq!(scan(hanging, &request(Source::Flatbed), &pages).1, stopped(Fault::DocumentScannerTimeout));
    assert_eq!(process(&etc), None);
    let found = real.list(&Cancel::new()).unwrap();
    assert_eq!(found.iter().map(|one| one.device.as_str()).collect::<Vec<_>>(), ["test:0", "test:1"]);
}

/// One of the processes that were written down, while it is there, be it as a zombie.
fn process(etc: &Path) -> Option<String> {
    let pids = fs::read_to_string(etc.join("pids")).unwrap();
    assert!(!pids.is_empty());
    pids.lines().find_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok())
}

const SLOW: &[(&str, &str)] =
    &[("read-delay", "yes"), ("read-delay-duration", "200000"), ("read-limit", "yes"), ("read-limit-size", "64")];

#[test]
fn a_slow_scan_is_cancelled_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let program = instead(folder.path(), "echo $$ >> \"$SANE_CONFIG_DIR/pids\"\nexec scanimage \"$@\"");
    let scanner = scanner(folder.path()).with_program(program);
    let etc = folder.path().join("sane");
    let mut supervisor = Supervisor::new(channel().0);
    let handle = supervisor.document_scanner("papers", DocumentScanner::Sane(scanner)).unwrap();
    eventually("the scanner is there", || (handle.status().state == DeviceState::Ready).then_some(()));
    let job = handle.scan(with(request(Source::Feeder), SLOW), folder.path().join("pages"));
    eventually("the scan runs", || (handle.status().state == DeviceState::Busy).then_some(()));
    eventually("a page is on its way", || {
        job.events.try_iter().find(|event| matches!(event, ScanEvent::Progress { no: 1, .. }))
    });
    assert!(process(&etc).is_some());
    job.cancel.cancel();
    let last = job.events.iter().find(ScanEvent::is_last).unwrap();
    assert_eq!(last, ScanEvent::Cancelled { pages: 0 });
    assert_eq!(process(&etc), None);
    assert_eq!(fs::read_dir(folder.path().join("pages")).unwrap().count(), 0);
    // The next scan is as if nothing had been; whoever drops a job ends it too.
    let job = handle.scan(request(Source::Flatbed), folder.path().join("pages"));
    assert_eq!(job.events.iter().find(ScanEvent::is_last), Some(ScanEvent::Finished { pages: 1 }));
    drop(handle.scan(with(request(Source::Feeder), SLOW), folder.path().join("pages")));
    eventually("the dropped scan is over", || (handle.status().state == DeviceState::Ready).then_some(()));
    // Stopping in the midst of a scan ends it.
    let job = handle.scan(with(request(Source::Feeder), SLOW), folder.path().join("pages"));
    eventually("the scan runs", || (handle.status().state == DeviceState::Busy).then_some(()));
    supervisor.stop();
    assert!(job.events.iter().any(|event| event.is_last()));
    assert_eq!(process(&etc), None);
}

#[test]
fn a_scanner_that_comes_and_goes_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let etc = sane_configuration(folder.path());
    // The second of two devices, which comes and goes with their number.
    let scanner = SaneScanner::new("test:1").with_environment("SANE_CONFIG_DIR", etc.to_str().unwrap());
    let configuration = etc.join("test.conf");
    let plugged = fs::read_to_string(&configuration).unwrap();
    let unplugged = plugged.replace("number_of_devices 2", "number_of_devices 1");
    fs::write(&configuration, &unplugged).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let handle = supervisor.document_scanner("papers", DocumentScanner::Sane(scanner)).unwrap();
    eventually("it is absent", || (handle.status().fault() == Some(Fault::DocumentScannerAbsent)).then_some(()));
    fs::write(&configuration, &plugged).unwrap();
    eventually("it is there", || (handle.status().state == DeviceState::Ready).then_some(()));
    fs::write(&configuration, &unplugged).unwrap();
    let job = handle.scan(request(Source::Flatbed), folder.path().join("pages"));
    let last = job.events.iter().find(ScanEvent::is_last);
    assert_eq!(last, Some(ScanEvent::Stopped { fault: Fault::DocumentScannerAbsent, pages: 0 }));
    eventually("it is absent", || (handle.status().state == DeviceState::Absent).then_some(()));
    // An empty feeder is no fault of the scanner.
    fs::write(&configuration, &plugged).unwrap();
    eventually("it is back", || (handle.status().state == DeviceState::Ready).then_some(()));
    let empty = with(request(Source::Feeder), &[("read-return-value", "SANE_STATUS_NO_DOCS")]);
    let job = handle.scan(empty, folder.path().join("pages"));
    let last = job.events.iter().find(ScanEvent::is_last);
    assert_eq!(last, Some(ScanEvent::Stopped { fault: Fault::DocumentScannerEmpty, pages: 0 }));
    assert_eq!(handle.status().fault(), None);
}
