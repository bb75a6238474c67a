//! Our own time for a whole read of a chip, all but waiting for the card: PACE by the access number, every group, passive, active and
//! chip authentication, against an emulated card in this process.

use ::tests::fault::{Doing, Fault, Outcome};
use hardware::Evidence;
use hardware::chip::cipher::Cipher;
use hardware::chip::curve::Curve;
use hardware::chip::key::{Can, ChipKey};
use hardware::chip::lds::trust::{Provenance, TrustList};
use hardware::chip::read::{Believed, PartSize, ReadOptions, read};
use hardware::chip::today_in_vietnam;
use hardware::emulator::card::issuer::IssuerKeys;
use hardware::emulator::card::profile::CardProfile;
use hardware::emulator::card::{ActiveForgery, CardContents, EmulatedCard};

use super::super::figures::Figure;

const ROUNDS: usize = 200;
const WARM_UP: usize = 5;
const GOAL_MS: f64 = 15.0;

struct Kind {
    name: &'static str,
    what: &'static str,
    cipher: Cipher,
    curve: Curve,
    issuer: IssuerKeys,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "chip_p256",
        what: "PACE by P-256 and AES-128, signed by P-256",
        cipher: Cipher::Aes128,
        curve: Curve::P256,
        issuer: IssuerKeys::P256,
    },
    Kind {
        name: "chip_brainpool",
        what: "PACE by brainpoolP256r1 and AES-256, signed by brainpool",
        cipher: Cipher::Aes256,
        curve: Curve::BrainpoolP256r1,
        issuer: IssuerKeys::Brainpool,
    },
    Kind {
        name: "chip_p521",
        what: "PACE by P-521 and AES-256, signed by RSA-PSS",
        cipher: Cipher::Aes256,
        curve: Curve::P521,
        issuer: IssuerKeys::RsaPss,
    },
];

/// Reads each kind of card again and again.
///
/// # Errors
/// When a card cannot be made, or a read does not prove all that it should.
pub fn measure() -> Outcome<Vec<Figure>> {
    KINDS.iter().map(times).collect::<Outcome<Vec<_>>>().map(|figures| figures.concat())
}

fn times(kind: &Kind) -> Outcome<Vec<Figure>> {
    let profile = CardProfile { issuer: kind.issuer, ..CardProfile::default() };
    let (contents, authority) = CardContents::of_profile(&profile, ActiveForgery::None).doing("making a card")?;
    let card = EmulatedCard::new(contents.with_pace(&[(kind.cipher, kind.curve)]));
    let mut trust = TrustList::default();
    trust.add("csca.der", &authority, &Provenance::default());
    let believed = Believed { trust: &trust, on: today_in_vietnam() };
    let options = ReadOptions { parts: PartSize::Short, ..ReadOptions::default() };
    let key = ChipKey::Can(Can::new("000123").doing("the card's access number")?);
    let (mut host_ms, mut commands) = (Vec::new(), 0);
    for round in 0..ROUNDS + WARM_UP {
        let mut line = card.connect().map_err(|fault| Fault::new("connecting to the card", fault.fault().code()))?;
        let report = read(&mut line, &key, &options, &believed, &mut |_| {});
        if report.evidence != Some(Evidence::ChipAuthenticated) {
            return Err(Fault::new("reading a card", format_args!("{:?} {:?}", report.fault, report.detail)));
        }
        commands = report.commands;
        if round >= WARM_UP {
            host_ms.push(report.host_ms);
        }
    }
    let what = format!("a whole read of a chip, our own time: {}; {commands} commands", kind.what);
    Ok(vec![
        Figure::median(format!("{}_p50", kind.name), "ms", what, &host_ms).at_most(GOAL_MS),
        Figure::tail(format!("{}_p99", kind.name), "ms", "the same", &host_ms).at_most(GOAL_MS),
    ])
}
