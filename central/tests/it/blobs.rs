//! Attachments over real HTTP: who may hand over and get them, what is refused by name, and how an upload goes on.

use crate::world::{Station, World, agency_scope, code, dossier, guest, now, site_scope};
use central::http::Limits;
use central::tls::TlsFrom;
use central::{Options, invitation::Guest};
use intake::event::Subject;
use intake::fact::{CodeGiven, Fact};
use std::io::{Cursor, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use sync::blob::BlobId;
use sync::blob::budget::{Budget, Choice, Spent};
use sync::blob::protocol::{Blobs, GetAsk, Held, MAX_PART_BYTES, Named, Part};
use sync::blob::transfer::{Sender, TransferFault, fetch};
use sync::protocol::StationRole::{Counter, Kiosk};
use sync::store::Attachment;
use sync::wire::Bytes;
use sync::{CentreFault, HttpCentre, Refusal};

const EVER: Budget = Budget([u64::MAX; 24]);

/// Bytes that no compression makes fewer and of which no two parts are alike.
pub fn scan(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&length.to_be_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// A dossier that this counter takes in.
pub fn taken_in(counter: &Station, number: u32) -> Subject {
    let draft = dossier(CodeGiven::Official { code: code(number), sequence: number });
    counter.write(vec![draft]).remove(0).subject
}

/// A scan attached to a record, and its sealed size.
pub fn attached(counter: &Station, subject: &Subject, scan: &[u8]) -> (Named, u64) {
    let attachment = Attachment {
        subject: subject.clone(),
        scopes: vec![site_scope(), agency_scope()],
        paper: "to-khai".into(),
        pages: 1,
        media_type: "image/jpeg".into(),
        plain: &mut Cursor::new(scan),
    };
    let event = counter.store.lock().unwrap().attach(now(), None, attachment).unwrap();
    let Fact::PaperAttached(fact) = event.fact else { panic!("{:?}", event.fact) };
    (Named::new(BlobId::of(&fact).unwrap(), subject), fact.size_bytes)
}

/// Steps until nothing more is sent; gives how many steps a cut or a refusal ended.
pub fn send_all(counter: &Station, sender: &mut Sender) -> u32 {
    let mut cut = 0;
    for _ in 0..1_000 {
        match sender.step(&counter.store, &counter.centre, &EVER, now(), false) {
            Ok(Choice::Rest) => return cut,
            Ok(Choice::Send { .. }) => {}
            Ok(Choice::Defer { .. }) => panic!("refused"),
            Err(_) => cut += 1,
        }
    }
    panic!("it does not end");
}

/// What is stored of a blob, at the station that attached it.
pub fn sealed(counter: &Station, of: &Named) -> Vec<u8> {
    let mut bytes = Vec::new();
    counter.store.lock().unwrap().shelf().unwrap().file(of.blob).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn opened(counter: &Station, of: &Named) -> Vec<u8> {
    let mut out = Vec::new();
    counter.store.lock().unwrap().open_blob(of.blob, &mut out).unwrap();
    out
}

/// Some of its bytes.
pub fn part(of: &Named, whole: &[u8], offset: usize, length: usize) -> Part {
    let bytes = Bytes(whole[offset..offset + length].to_vec());
    Part { of: of.clone(), size: whole.len() as u64, offset: offset as u64, bytes }
}

fn is_not_found<T: std::fmt::Debug>(answer: &Result<T, CentreFault>) -> bool {
    matches!(answer, Err(CentreFault::Refused(Refusal::NotFound { .. })))
}

#[test]
fn a_scan_goes_up_after_its_event_comes_down_at_another_counter_and_is_never_sent_twice() {
    let world = World::new();
    let (first, second) = (world.enrol(Counter, "first"), world.enrol(Counter, "second"));
    let picture = scan(700_000);
    let subject = taken_in(&first, 1);
    let (of, size) = attached(&first, &subject, &picture);
    let mut sender = Sender::open(&first.store).unwrap();
    let early = sender.step(&first.store, &first.centre, &EVER, now(), false);
    assert!(
        matches!(early, Err(TransferFault::Centre(CentreFault::Refused(Refusal::NotFound { .. })))),
        "the event is not there yet: {early:?}"
    );
    first.sync();
    let mut sender = Sender::open(&first.store).unwrap();
    assert_eq!(send_all(&first, &mut sender), 0);
    assert_eq!(first.centre.held(&of).unwrap(), Held::Whole { bytes: size });
    second.sync();
    fetch(&second.store, &second.centre, &of).unwrap();
    assert_eq!(opened(&second, &of), picture);
    // The same scan attached to the same record at the other counter has the same name: there already.
    assert_eq!(attached(&second, &subject, &picture).0, of);
    second.sync();
    let mut sender = Sender::open(&second.store).unwrap();
    assert_eq!(send_all(&second, &mut sender), 0);
    assert_eq!(sender.spent(), &Spent::default());
}

#[test]
fn nobody_hands_over_or_gets_an_attachment_that_is_not_theirs() {
    let world = World::new();
    let (owner, colleague) = (world.enrol(Counter, "owner"), world.enrol(Counter, "colleague"));
    let elsewhere = Guest { site: "00008".into(), agency: Some("H26.113.00".into()), ..guest(Counter) };
    let token = world.handle.service().invite(&elsewhere).unwrap();
    let dir = world.dir.path().join("elsewhere");
    let (keys, enrolment) = crate::world::enrol_at(&world.stranger(), &dir, &token, Counter).unwrap();
    let elsewhere = Station::create(&dir, keys, enrolment, &world.handle.url());
    let (of, _) = attached(&owner, &taken_in(&owner, 1), &scan(5_000));
    owner.sync();
    let whole = sealed(&owner, &of);
    let all = part(&of, &whole, 0, whole.len());
    let get = GetAsk { of: of.clone(), offset: 0 };
    // Not by one of the same site, who did not attach it; nor by one of another.
    for other in [&colleague, &elsewhere] {
        assert!(is_not_found(&other.centre.put(&all)));
        assert!(is_not_found(&other.centre.held(&of)));
    }
    // Nor under another record's name.
    let mine = taken_in(&owner, 2);
    owner.sync();
    let renamed = Named::new(of.blob, &mine);
    assert!(is_not_found(&owner.centre.put(&Part { of: renamed.clone(), ..all.clone() })));
    assert!(matches!(owner.centre.put(&all).unwrap(), Held::Whole { .. }));
    assert_eq!(colleague.centre.get(&get).unwrap().0, whole);
    assert!(is_not_found(&elsewhere.centre.get(&get)), "of another site and agency");
    assert!(is_not_found(&owner.centre.get(&GetAsk { of: renamed, offset: 0 })));
    let nobody = HttpCentre::new(&world.handle.url(), Box::new(now)).get(&get);
    assert_eq!(nobody, Err(CentreFault::Refused(Refusal::BadSignature)));
    assert_eq!(colleague.centre.get(&GetAsk { of, offset: whole.len() as u64 }).unwrap(), Bytes::default());
}

#[test]
fn what_is_wrong_with_a_part_is_said_by_name_and_the_right_bytes_come_after_it() {
    let world = World::new();
    let counter = world.enrol(Counter, "counter");
    let (of, size) = attached(&counter, &taken_in(&counter, 1), &scan(300_000));
    counter.sync();
    let whole = sealed(&counter, &of);
    let mut wrong = whole.clone();
    wrong[10] ^= 1;
    assert_eq!(
        counter.centre.put(&part(&of, &wrong, 0, MAX_PART_BYTES)),
        Ok(Held::Part { bytes: MAX_PART_BYTES as u64 })
    );
    let rest = part(&of, &wrong, MAX_PART_BYTES, wrong.len() - MAX_PART_BYTES);
    assert_eq!(counter.centre.put(&rest), Err(CentreFault::Refused(Refusal::BadChain { no: 0 })));
    assert_eq!(counter.centre.held(&of), Ok(Held::Part { bytes: 0 }), "it begins anew");
    assert!(is_not_found(&counter.centre.get(&GetAsk { of: of.clone(), offset: 0 })));
    let lying = Part { size: size + 1, ..part(&of, &whole, 0, 100) };
    assert!(matches!(counter.centre.put(&lying), Err(CentreFault::Refused(Refusal::Malformed { .. }))));
    let large = part(&of, &whole, 0, MAX_PART_BYTES + 1);
    assert!(matches!(counter.centre.put(&large), Err(CentreFault::Refused(Refusal::TooLarge { .. }))));
    assert_eq!(
        counter.centre.put(&part(&of, &whole, 7, 100)),
        Ok(Held::Part { bytes: 0 }),
        "out of place: changes nothing"
    );
    assert_eq!(send_all(&counter, &mut Sender::open(&counter.store).unwrap()), 0);
    assert_eq!(counter.centre.held(&of), Ok(Held::Whole { bytes: size }));
}

#[test]
fn scans_take_no_place_of_records() {
    let world = World::with(Limits { max_scans: 0, work_wait: Duration::from_millis(50), ..Limits::default() });
    let counter = world.enrol(Counter, "counter");
    attached(&counter, &taken_in(&counter, 1), &scan(5_000));
    counter.sync();
    let step = Sender::open(&counter.store).unwrap().step(&counter.store, &counter.centre, &EVER, now(), false);
    assert!(matches!(step, Err(TransferFault::Centre(CentreFault::Busy { .. }))), "{step:?}");
    taken_in(&counter, 2);
    counter.sync();
    assert_eq!(world.handle.service().counts().unwrap().events, 3);
}

#[test]
fn a_line_that_is_cut_again_and_again_costs_parts_and_never_the_whole() {
    let limits = Limits { stranger_burst: 1_000, ..Limits::default() };
    let world = World::run(Options { tls: Some(TlsFrom::Own { names: vec![] }), limits, ..Options::default() });
    let typed = world.handle.service().invite(&guest(Counter)).unwrap();
    let dir = world.dir.path().join("counter");
    let (centre, token, authority) = HttpCentre::first_met(&world.handle.url(), &typed, Box::new(now)).unwrap();
    let (keys, enrolment) = crate::world::enrol_at(&centre, &dir, &token, Counter).unwrap();
    let mut counter = Station::create(&dir, keys, enrolment, &world.handle.url());
    // The line lets 600 kB through and breaks, in the midst of a part.
    let line = Line::to(world.handle.address(), 600_000);
    let url = format!("https://{}", line.address);
    counter.centre = HttpCentre::new(&url, Box::new(now)).trusting(authority.as_deref()).signed(counter.signer());
    let picture = scan(3_000_000);
    let (of, size) = attached(&counter, &taken_in(&counter, 1), &picture);
    counter.sync();
    let cut = send_all(&counter, &mut Sender::open(&counter.store).unwrap());
    assert!(cut >= 3, "cut {cut} times");
    assert_eq!(counter.centre.held(&of).unwrap(), Held::Whole { bytes: size });
    let up = line.up.load(Ordering::Relaxed);
    assert!(
        up < size + u64::from(cut + 1) * (MAX_PART_BYTES as u64 + 20_000),
        "{up} bytes for {size}, cut {cut} times"
    );
    counter.store.lock().unwrap().shelf().unwrap().remove(of.blob).unwrap();
    while let Err(fault) = fetch(&counter.store, &counter.centre, &of) {
        assert!(matches!(fault, TransferFault::Centre(CentreFault::Unreachable(_))), "{fault:?}");
    }
    assert_eq!(opened(&counter, &of), picture);
}

#[test]
fn a_centre_that_was_stopped_in_the_midst_goes_on_where_it_was() {
    let world = World::new();
    let mut counter = world.enrol(Counter, "counter");
    let (of, size) = attached(&counter, &taken_in(&counter, 1), &scan(700_000));
    counter.sync();
    let whole = sealed(&counter, &of);
    counter.centre.put(&part(&of, &whole, 0, MAX_PART_BYTES)).unwrap();
    let world = world.restarted();
    counter.moved_to(&world.handle.url());
    assert_eq!(counter.centre.held(&of), Ok(Held::Part { bytes: MAX_PART_BYTES as u64 }));
    let mut sender = Sender::open(&counter.store).unwrap();
    assert_eq!(send_all(&counter, &mut sender), 0);
    assert_eq!(counter.centre.held(&of), Ok(Held::Whole { bytes: size }));
    let (blobs, arriving) = folders(&world);
    let name = of.blob.to_string();
    assert_eq!(std::fs::read(blobs.join(&name[..2]).join(&name)).unwrap(), whole);
    assert_eq!(std::fs::read_dir(arriving).unwrap().count(), 0, "nothing stays where it arrived");
    let kiosk = world.enrol(Kiosk, "kiosk");
    kiosk.sync();
    assert_eq!(
        kiosk.centre.get(&GetAsk { of, offset: 0 }).unwrap().0,
        whole[..MAX_PART_BYTES],
        "sealed: it opens nothing"
    );
}

fn folders(world: &World) -> (PathBuf, PathBuf) {
    let place = crate::place::store(world.dir.path());
    (place.blobs(), place.arriving_blobs())
}

/// A line through which each connection sends so many bytes upwards or downwards, and then breaks.
struct Line {
    address: SocketAddr,
    /// Bytes that went up.
    up: Arc<AtomicU64>,
}

impl Line {
    fn to(far: SocketAddr, lasts: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, up) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        let counted = Arc::clone(&up);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(far) else { return };
                let left = Arc::new(AtomicU64::new(lasts));
                let (near_too, far_too) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                let (left_too, counted, down) = (Arc::clone(&left), Arc::clone(&counted), Arc::default());
                std::thread::spawn(move || carry(near, far, &left, &counted));
                std::thread::spawn(move || carry(far_too, near_too, &left_too, &down));
            }
        });
        Self { address, up }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, left: &AtomicU64, counted: &AtomicU64) {
    let mut bytes = [0; 8_192];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let count = count as u64;
        let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(count)));
        let may = before.unwrap_or(0).min(count);
        counted.fetch_add(may, Ordering::Relaxed);
        if to.write_all(&bytes[..may as usize]).is_err() || may < count {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
