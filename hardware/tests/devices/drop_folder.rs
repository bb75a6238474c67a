//! Pages that people put into a folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use hardware::document::scanner::{Cancel, DocumentScanner, DropFolder, Format, Page, Refusal, ScanEvent, ScanRequest};
use hardware::{Address, DeviceState, Fault, Supervisor};

use crate::eventually;

const SETTLE: Duration = Duration::from_millis(150);
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

fn png(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&vec![200; (side * side) as usize]).unwrap();
    bytes
}

/// Collects on a thread of its own.
fn collect(folder: &Path, give_up: Duration, wait: Duration) -> (Receiver<ScanEvent>, Cancel) {
    let scanner = DocumentScanner::Folder(DropFolder::new(folder.join("in")).with_times(SETTLE, give_up, wait));
    let (into, (tell, events), cancel) = (folder.join("pages"), channel(), Cancel::new());
    let stop = cancel.clone();
    std::thread::spawn(move || {
        scanner.scan(&ScanRequest::default(), &into, &stop, &mut |event| tell.send(event).unwrap());
    });
    (events, cancel)
}

fn pages(events: &[ScanEvent]) -> Vec<&Page> {
    events.iter().filter_map(|event| if let ScanEvent::Page(page) = event { Some(page) } else { None }).collect()
}

fn make(folder: &Path) {
    fs::create_dir(folder.join("in")).unwrap();
}

#[test]
fn pictures_are_taken_by_their_bytes_and_junk_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join("in").join(name), bytes).unwrap();
    put("ảnh chụp.txt", &png(12));
    put("hồ sơ.pdf", PDF);
    put("Nguyễn Thị Mẫu.jpg", b"MZ this is no picture at all");
    put(".tam.png", &png(3));
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("in/link.png")).unwrap();
    let (events, _) = collect(folder.path(), Duration::from_secs(30), Duration::from_secs(30));
    let events: Vec<_> = events.iter().collect();
    assert_eq!(events.last(), Some(&ScanEvent::Finished { pages: 2 }));
    let pages = pages(&events);
    assert_eq!(pages.iter().map(|page| page.no).collect::<Vec<_>>(), [1, 2]);
    let picture = pages.iter().find(|page| page.format == Format::Png).unwrap();
    assert_eq!((picture.width, fs::read(&picture.path).unwrap()), (Some(12), png(12)));
    let refused = |wanted: &str, why| {
        events.iter().any(
            |event| matches!(event, ScanEvent::Refused { name, why: because } if name.0 == wanted && *because == why),
        )
    };
    assert!(refused("Nguyễn Thị Mẫu.jpg", Refusal::NotAPicture) && refused("link.png", Refusal::NotAFile));
    assert!(!format!("{events:?}").contains("Mẫu"));
    let left: Vec<_> = fs::read_dir(folder.path().join("in/refused")).unwrap().collect();
    assert_eq!(left.len(), 2);
    let mut waiting: Vec<_> =
        fs::read_dir(folder.path().join("in")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    waiting.sort();
    assert_eq!(waiting, [".tam.png", "refused"]);
}

#[test]
fn a_file_that_is_still_being_written_is_never_taken_in_part() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let whole = png(60);
    let mut file = File::create(folder.path().join("in/slow.png")).unwrap();
    file.write_all(&whole[..whole.len() / 2]).unwrap();
    let (events, _) = collect(folder.path(), Duration::from_secs(60), Duration::from_secs(60));
    // Many looks at a file that stands still in the midst: it is not whole.
    assert_eq!(events.recv_timeout(SETTLE * 10).ok(), None);
    for byte in &whole[whole.len() / 2..] {
        file.write_all(&[*byte]).unwrap();
    }
    let events: Vec<_> = events.iter().collect();
    assert_eq!(events.last(), Some(&ScanEvent::Finished { pages: 1 }));
    assert_eq!(fs::read(&pages(&events)[0].path).unwrap(), whole);
}

#[test]
fn a_file_without_an_end_is_put_aside_after_a_while() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let whole = png(60);
    fs::write(folder.path().join("in/torn.png"), &whole[..whole.len() - 5]).unwrap();
    fs::write(folder.path().join("in/whole.png"), &whole).unwrap();
    let (events, _) = collect(folder.path(), SETTLE * 3, Duration::from_secs(60));
    let events: Vec<_> = events.iter().collect();
    assert_eq!(events.last(), Some(&ScanEvent::Finished { pages: 1 }));
    assert!(events.iter().any(|event| matches!(event, ScanEvent::Refused { why: Refusal::CutOff, .. })));
    assert!(folder.path().join("in/refused/torn.png").exists());
}

#[test]
fn an_empty_folder_and_one_that_is_gone_are_told_and_waiting_can_be_ended() {
    let folder = tempfile::tempdir().unwrap();
    let stopped = |fault| Some(ScanEvent::Stopped { fault, pages: 0 });
    let (events, _) = collect(folder.path(), SETTLE, SETTLE);
    assert_eq!(events.iter().last(), stopped(Fault::DocumentScannerAbsent));
    make(folder.path());
    let (events, _) = collect(folder.path(), SETTLE, SETTLE);
    assert_eq!(events.iter().last(), stopped(Fault::DocumentScannerEmpty));
    let (events, cancel) = collect(folder.path(), SETTLE, Duration::from_secs(600));
    cancel.cancel();
    assert_eq!(events.iter().last(), Some(ScanEvent::Cancelled { pages: 0 }));
}

#[test]
fn a_supervised_folder_is_absent_until_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::File { path: folder.path().join("in") };
    let mut supervisor = Supervisor::new(channel().0);
    let handle = supervisor.document_scanner("folder", DocumentScanner::at(&address).unwrap()).unwrap();
    eventually("it is absent", || (handle.status().state == DeviceState::Absent).then_some(()));
    make(folder.path());
    eventually("it is there", || (handle.status().state == DeviceState::Ready).then_some(()));
    fs::write(folder.path().join("in/a.pdf"), PDF).unwrap();
    let job = handle.scan(ScanRequest { max_pages: Some(1), ..ScanRequest::default() }, folder.path().join("pages"));
    let events: Vec<_> = job.events.iter().take_while(|event| !event.is_last()).collect();
    assert_eq!(pages(&events).len(), 1);
}
