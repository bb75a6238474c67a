//! Whom a station believes on the wire.

use crate::world::{Station, World, guest, now, ticket};
use central::clock::Clock;
use central::http::Limits;
use central::tls::TlsFrom;
use central::{Handle, Options, serve};
use intake::moment::Moment;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use sync::http::HttpCentre;
use sync::protocol::{Centre, StationRole};
use sync::store::{EnrolKeys, NewStation, Store};
use sync::tls::{Fingerprint, meet, split_token};
use sync::{CentreFault, Untrusted};

const DAY_MS: i64 = 24 * 3600 * 1000;

fn over_tls() -> Options {
    let limits = Limits { stranger_burst: 1_000, ..Limits::default() };
    Options { tls: Some(TlsFrom::Own { names: vec![] }), limits, ..Options::default() }
}

fn clock_off_by(days: i64) -> Clock {
    Arc::new(move || now().plus_ms(days * DAY_MS))
}

fn invite(world: &World) -> String {
    world.handle.service().invite(&guest(StationRole::Kiosk)).unwrap()
}

fn fingerprint(world: &World) -> Fingerprint {
    split_token(&invite(world)).unwrap().1.unwrap()
}

/// A station's whole first start, with the token as it was typed.
fn enrol(url: &str, dir: &Path, typed: &str) -> Result<Station, CentreFault> {
    let (centre, token, authority) = HttpCentre::first_met(url, typed, Box::new(now))?;
    let keys = EnrolKeys::load_or_new(dir).unwrap();
    let enrolment = centre.enrol(&keys.ask(&token, "", StationRole::Kiosk).unwrap())?;
    let new = NewStation::from_enrolment(keys, enrolment).unwrap().trusting(authority);
    let store = Store::create(dir.to_owned(), new).unwrap();
    let centre = pinned(url, &store);
    Ok(Station { dir: dir.to_owned(), store: store.into(), centre })
}

/// The centre as a station that starts again sees it.
fn pinned(url: &str, store: &Store) -> HttpCentre {
    let authority = store.centre_authority().unwrap();
    HttpCentre::new(url, Box::new(now)).trusting(authority.as_deref()).signed(store.signer())
}

#[test]
fn a_station_enrols_and_syncs_over_tls_and_knows_the_centre_again() {
    let world = World::run(over_tls());
    assert!(world.handle.url().starts_with("https://"));
    let mut kiosk = enrol(&world.handle.url(), &world.dir.path().join("kiosk"), &invite(&world)).unwrap();
    kiosk.write(vec![ticket(1)]);
    kiosk.sync();
    assert_eq!(world.handle.service().counts().unwrap().events, 1);
    // Started again, the centre shows another certificate of the same authority.
    let World { dir, handle } = world;
    handle.stop();
    let handle = reopen(dir.path(), over_tls());
    kiosk.centre = pinned(&handle.url(), &kiosk.store.lock().unwrap());
    kiosk.write(vec![ticket(2)]);
    kiosk.sync();
    assert_eq!(handle.service().counts().unwrap().events, 2);
}

fn reopen(dir: &Path, options: Options) -> Handle {
    serve(TcpListener::bind("127.0.0.1:0").unwrap(), &crate::place::store(dir), options).unwrap()
}

#[test]
fn a_token_of_another_centre_is_not_shown_to_this_one() {
    let (world, other) = (World::run(over_tls()), World::run(over_tls()));
    let token = invite(&world);
    let dir = world.dir.path().join("kiosk");
    // Somebody else answers at the address: the token stays unsaid, and is good afterwards.
    let fault = enrol(&other.handle.url(), &dir, &token).err().unwrap();
    assert_eq!(fault, CentreFault::Untrusted(Untrusted::Foreign));
    let bare = split_token(&token).unwrap().0;
    let fault = enrol(&world.handle.url(), &dir, bare).err().unwrap();
    assert_eq!(fault, CentreFault::Untrusted(Untrusted::NoFingerprint));
    assert_eq!(fault.code(), "CENTRE-NO-FINGERPRINT");
    enrol(&world.handle.url(), &dir, &token).unwrap();
}

#[test]
fn a_station_that_knows_its_centre_believes_no_other() {
    let (world, other) = (World::run(over_tls()), World::run(over_tls()));
    let kiosk = enrol(&world.handle.url(), &world.dir.path().join("kiosk"), &invite(&world)).unwrap();
    let elsewhere = pinned(&other.handle.url(), &kiosk.store.lock().unwrap());
    let fault = elsewhere.heads(&kiosk.scopes()).unwrap_err();
    assert_eq!((fault.clone(), fault.code()), (CentreFault::Untrusted(Untrusted::Foreign), "CENTRE-FOREIGN"));
    // Nor does one that was told of no authority.
    let nobody = HttpCentre::new(&world.handle.url(), Box::new(now));
    assert_eq!(nobody.public_state("x").unwrap_err(), CentreFault::Untrusted(Untrusted::Foreign));
}

#[test]
fn a_certificate_that_is_not_good_now_is_named() {
    let world = World::run(over_tls());
    let kiosk = enrol(&world.handle.url(), &world.dir.path().join("kiosk"), &invite(&world)).unwrap();
    let expected = fingerprint(&world);
    let World { dir, handle } = world;
    handle.stop();
    for days in [-200, 200] {
        let handle = reopen(dir.path(), Options { clock: clock_off_by(days), ..over_tls() });
        let centre = pinned(&handle.url(), &kiosk.store.lock().unwrap());
        let fault = centre.heads(&kiosk.scopes()).unwrap_err();
        assert_eq!(fault, CentreFault::Untrusted(Untrusted::Expired), "{days}");
        assert_eq!(fault.code(), "CENTRE-CERT-EXPIRED");
        let met = meet(&handle.url(), expected, now(), Duration::from_secs(5));
        assert_eq!(met.unwrap_err(), CentreFault::Untrusted(Untrusted::Expired), "{days}");
    }
}

#[test]
fn a_certificate_for_another_name_is_named() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let handle = serve(listener, &crate::place::store(dir.path()), over_tls()).unwrap();
    let typed = handle.service().invite(&guest(StationRole::Kiosk)).unwrap();
    let expected = split_token(&typed).unwrap().1.unwrap();
    let at = |host: &str| {
        let url = format!("https://{host}:{}", handle.address().port());
        meet(&url, expected, now(), Duration::from_secs(5))
    };
    let authority = at("127.0.0.1").unwrap();
    assert_eq!(Fingerprint::of(&authority), expected);
    let fault = at("127.0.0.2").unwrap_err();
    assert_eq!((fault.clone(), fault.code()), (CentreFault::Untrusted(Untrusted::WrongName), "CENTRE-CERT-NAME"));
}

#[test]
fn the_certificate_is_renewed_while_the_service_runs() {
    let days = Arc::new(AtomicI64::new(0));
    let clock: Clock = {
        let days = Arc::clone(&days);
        Arc::new(move || now().plus_ms(days.load(Ordering::SeqCst) * DAY_MS))
    };
    let world = World::run(Options { clock, ..over_tls() });
    let expected = fingerprint(&world);
    let met = |at: Moment| meet(&world.handle.url(), expected, at, Duration::from_secs(5));
    met(now()).unwrap();
    let later = now().plus_ms(100 * DAY_MS);
    assert_eq!(met(later).unwrap_err(), CentreFault::Untrusted(Untrusted::Expired), "the first certificate has ended");
    days.store(100, Ordering::SeqCst);
    met(later).unwrap();
}

#[test]
fn only_tls_1_3_is_spoken_and_the_key_is_for_this_user_alone() {
    let world = World::run(over_tls());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let mut hands = rustls::ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().unwrap()).unwrap();
    let mut line = TcpStream::connect(world.handle.address()).unwrap();
    let fault = loop {
        if let Err(fault) = hands.complete_io(&mut line) {
            break fault;
        }
        assert!(hands.is_handshaking(), "TLS 1.2 was spoken");
    };
    assert!(fault.to_string().contains("ProtocolVersion"), "{fault}");
    // And what is not TLS at all is no answer.
    let plain = HttpCentre::new(&world.handle.url().replace("https", "http"), Box::new(now));
    assert!(matches!(plain.public_state("x"), Err(CentreFault::Unreachable(_))));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let kept = std::fs::read_dir(world.dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let key = kept.into_iter().find(|file| file.to_string_lossy().ends_with(".ca-key.pem")).unwrap();
        assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_given_certificate_is_shown_and_its_authority_is_trusted() {
    let first = World::run(over_tls());
    let dir = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(params, key);
    let own_key = rcgen::KeyPair::generate().unwrap();
    let own =
        rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&own_key, &issuer).unwrap();
    let (chain_file, key_file) = (dir.path().join("chain.pem"), dir.path().join("key.pem"));
    std::fs::write(&chain_file, [own.pem(), authority.pem()].concat()).unwrap();
    std::fs::write(&key_file, own_key.serialize_pem()).unwrap();
    let files = TlsFrom::Files { chain: chain_file, key: key_file };
    let World { dir, handle } = first;
    handle.stop();
    let handle = reopen(dir.path(), Options { tls: Some(files), ..over_tls() });
    let typed = handle.service().invite(&guest(StationRole::Kiosk)).unwrap();
    assert_eq!(split_token(&typed).unwrap().1, Some(Fingerprint::of(authority.der())));
    let kiosk = enrol(&handle.url(), &dir.path().join("kiosk"), &typed).unwrap();
    assert_eq!(kiosk.store.lock().unwrap().centre_authority().unwrap().unwrap(), authority.der().to_vec());
    kiosk.sync();
    // A certificate without its key is told at the start.
    let wrong = dir.path().join("wrong.pem");
    std::fs::write(&wrong, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    handle.stop();
    let files = TlsFrom::Files { chain: wrong.with_file_name("none.pem"), key: wrong };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(serve(listener, &crate::place::store(dir.path()), Options { tls: Some(files), ..over_tls() }).is_err());
}
