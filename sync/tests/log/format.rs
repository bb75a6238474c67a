//! The vectors of docs/format.md, derived again from the values that it names.

use ed25519_dalek::SigningKey;
use intake::event::{Hlc, Scope, Subject};
use intake::ids::{EventId, Incarnation, OfficerId, StationId, VisitId};
use intake::moment::Moment;
use sync::carried;
use sync::checkpoint::Checkpoint;
use sync::grant::{Grant, KeyId};
use sync::protocol::{GroupCard, WrappedKey};
use sync::record::Record;
use sync::seal::{Binding, Sealed};
use sync::segment::{self, Segment};
use sync::sign::{self, tagged};
use sync::stream::StreamId;
use sync::wire::{Bytes, Fixed, hex, to_cbor, unhex};
use sync::wrap::{Secret, wrap_public};
use uuid::Uuid;
use zeroize::Zeroizing;

const FORMAT: &str = include_str!("../../../docs/format.md");

fn uuid(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

fn secret(byte: u8) -> Secret {
    Zeroizing::new([byte; 32])
}

fn stream() -> StreamId {
    StreamId { station: StationId(uuid(1)), incarnation: Incarnation(uuid(2)), scope: Scope("site:00004".into()) }
}

fn record(dictionary: u8) -> Record {
    let stream = stream();
    let (station, incarnation, home) = (stream.station, stream.incarnation, stream.scope);
    let mut record = Record {
        id: EventId(uuid(3)),
        at: Hlc::tick(Hlc::default(), Moment(1_795_410_000_000)),
        station,
        incarnation,
        officer: Some(OfficerId::new("demo")),
        subject: Subject::Visit(VisitId(uuid(4))),
        scopes: vec![home],
        kind: "TicketAdmitted".into(),
        body: to_cbor(&std::collections::BTreeMap::from([("desk", "3")])),
        sealed: None,
    };
    let binding = Binding { event: record.id, station, incarnation, home: &record.scopes[0], kind: &record.kind };
    let plain = to_cbor(&std::collections::BTreeMap::from([("note", "Nguyễn Thị Mẫu")]));
    let sealed = Sealed::seal_with(KeyId(uuid(5)), &secret(6), &[7; 24], dictionary, &binding, &plain).unwrap();
    record.sealed = Some(sealed);
    record
}

fn value(name: &str) -> Option<String> {
    let start = format!("    {name} = ");
    FORMAT.split("## Vectors").nth(1)?.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
}

#[test]
fn the_vectors_of_the_format_are_what_this_program_makes() {
    let key = SigningKey::from_bytes(&[9; 32]);
    let event = record(0).encode();
    let first = stream().start().extended(&event);
    let segment = segment::make(&stream(), 0, stream().start(), &[&event], &key).unwrap();
    let parsed = Segment::parse(&segment).unwrap();
    parsed.check(&Fixed(key.verifying_key().to_bytes())).unwrap();
    assert_eq!(parsed.events().unwrap()[0].1, record(0));
    let (zero, at) = (Fixed([0; 32]), Moment(1_795_410_000_000));
    let checkpoint = Checkpoint::new(stream(), 1, first.hash, zero, at, &key);
    let request = tagged(
        "motcua/request/1",
        &to_cbor(&("POST", "/v2/push", uuid(1), at, Fixed([8; 16]), Fixed(*blake3::hash(b"body").as_bytes()))),
    );
    let made = [
        ("dictionary_1", blake3::hash(include_bytes!("../../src/records-1.dict")).to_string()),
        ("dictionary_2", blake3::hash(include_bytes!("../../src/records-2.dict")).to_string()),
        ("segments_dictionary", blake3::hash(include_bytes!("../../src/segments-1.dict")).to_string()),
        ("group_public", wrap_public(&secret(10)).unwrap().to_string()),
        ("sign_public", hex(key.verifying_key().as_bytes())),
        ("event", hex(&event)),
        ("event_dictionary_1", hex(&record(1).encode())),
        ("h_0", stream().origin().to_string()),
        ("h_1", first.hash.to_string()),
        ("segment_header", hex(&segment[7..7 + usize::from(u16::from_be_bytes([segment[5], segment[6]]))])),
        ("checkpoint_signature", checkpoint.signature.to_string()),
        ("countersignature", checkpoint.countersigned(&key).countersignature.unwrap().to_string()),
        ("request_signature", sign::sign(&key, &request).to_string()),
    ];
    let wrong: Vec<String> = made
        .iter()
        .filter(|(name, made)| value(name).as_ref() != Some(made))
        .map(|(name, made)| format!("    {name} = {made}"))
        .collect();
    assert!(wrong.is_empty(), "docs/format.md differs; this program makes\n{}", wrong.join("\n"));
}

#[test]
fn the_grant_of_the_format_opens() {
    let group = secret(10);
    let Some((enc, wrapped)) = value("grant_enc").zip(value("grant_wrapped")) else {
        let public = wrap_public(&group).unwrap();
        let card = GroupCard { name: "site:00004".into(), epoch: 1, public, signature: Fixed([0; 64]) };
        let grant = Grant::new(KeyId(uuid(5)), &record(0).subject.to_string(), &card, &secret(6)).unwrap();
        let WrappedKey { enc, wrapped } = grant.wrapped;
        panic!("    grant_enc = {enc}\n    grant_wrapped = {}", hex(&wrapped.0));
    };
    let wrapped =
        WrappedKey { enc: Fixed::from_slice(&unhex(&enc).unwrap()).unwrap(), wrapped: Bytes(unhex(&wrapped).unwrap()) };
    let subject = record(0).subject.to_string();
    let grant = Grant { key: KeyId(uuid(5)), subject, group: "site:00004".into(), epoch: 1, wrapped };
    assert_eq!(grant.open(&group), Some(secret(6)));
    for other in [
        Grant { key: KeyId(uuid(6)), ..grant.clone() },
        Grant { subject: "visit:x".into(), ..grant.clone() },
        Grant { group: "recovery".into(), ..grant.clone() },
        Grant { epoch: 2, ..grant.clone() },
    ] {
        assert_eq!(other.open(&group), None, "a grant is for what it was made for");
    }
}

/// Compressed bytes may differ from one zstd to the next: what was written once must stay readable.
#[test]
fn the_packed_specimens_of_the_format_stay_readable() {
    let key = SigningKey::from_bytes(&[9; 32]);
    let public = Fixed(key.verifying_key().to_bytes());
    let event = record(1).encode();
    let Some((with_dictionary, paper)) = value("segment_2").zip(value("carried")) else {
        let segment = segment::make(&stream(), 0, stream().start(), &[&event], &key).unwrap();
        let paper = carried::make(&event, None, 0, &key).unwrap();
        panic!("    segment_2 = {}\n    carried = {}", hex(&segment), hex(&paper));
    };
    for (codec, segment) in [(1, value("segment").unwrap()), (2, with_dictionary)] {
        let segment = unhex(&segment).unwrap();
        let segment = Segment::parse(&segment).unwrap();
        segment.check(&public).unwrap();
        assert_eq!(segment.header.codec, codec);
        assert_eq!(segment.events().unwrap()[0].0, event);
    }
    let paper = carried::Carried::parse(&unhex(&paper).unwrap()).unwrap();
    paper.check(&public).unwrap();
    assert_eq!(paper.event_bytes, event);
    let record = paper.record;
    let binding = Binding {
        event: record.id,
        station: record.station,
        incarnation: record.incarnation,
        home: &record.scopes[0],
        kind: &record.kind,
    };
    let plain = record.sealed.as_ref().unwrap().open(&secret(6), &binding).unwrap();
    assert_eq!(sync::wire::from_cbor::<intake::person::Personal>(&plain).unwrap().note.unwrap(), "Nguyễn Thị Mẫu");
}
