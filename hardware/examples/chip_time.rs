//! Our own time for a whole read of a chip, all but waiting for the card: PACE by the access number, every group, passive, active and chip
//! authentication, against an emulated card in this process. One JSON object. `cargo run --release -p hardware --example chip_time`

use hardware::chip::curve::Curve;
use hardware::chip::key::{Can, ChipKey};
use hardware::chip::lds::trust::{Provenance, TrustList};
use hardware::chip::read::{Believed, PartSize, ReadOptions, read};
use hardware::chip::{cipher::Cipher, today_in_vietnam};
use hardware::emulator::card::issuer::IssuerKeys;
use hardware::emulator::card::profile::CardProfile;
use hardware::emulator::card::{ActiveForgery, CardContents, EmulatedCard};
use serde_json::{Value, json};

const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cases = [
        ("p256_aes128", Cipher::Aes128, Curve::P256, IssuerKeys::P256),
        ("brainpool256_aes256", Cipher::Aes256, Curve::BrainpoolP256r1, IssuerKeys::Brainpool),
        ("p521_aes256", Cipher::Aes256, Curve::P521, IssuerKeys::RsaPss),
    ];
    let mut figures = serde_json::Map::new();
    for (name, cipher, curve, issuer) in cases {
        figures.insert(name.to_owned(), measure(cipher, curve, issuer)?);
    }
    println!("{}", Value::Object(figures));
    Ok(())
}

fn measure(cipher: Cipher, curve: Curve, issuer: IssuerKeys) -> Result<Value, Box<dyn std::error::Error>> {
    let profile = CardProfile { issuer, ..CardProfile::default() };
    let (contents, authority) = CardContents::of_profile(&profile, ActiveForgery::None)?;
    let card = EmulatedCard::new(contents.with_pace(&[(cipher, curve)]));
    let mut trust = TrustList::default();
    trust.add("csca.der", &authority, &Provenance::default());
    let believed = Believed { trust: &trust, on: today_in_vietnam() };
    let options = ReadOptions { parts: PartSize::Short, ..ReadOptions::default() };
    let key = ChipKey::Can(Can::new("000123")?);
    let mut times = Vec::new();
    let mut commands = 0;
    while times.len() < ROUNDS {
        let report = read(&mut card.connect()?, &key, &options, &believed, &mut |_| {});
        if let Some(fault) = report.fault {
            return Err(format!("{fault}: {:?}", report.detail).into());
        }
        commands = report.commands;
        times.push(report.host_ms);
    }
    times.sort_by(f64::total_cmp);
    Ok(
        json!({ "host_ms_p50": times[ROUNDS / 2], "host_ms_p99": times[ROUNDS * 99 / 100], "n": ROUNDS, "commands": commands }),
    )
}
