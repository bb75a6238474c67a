//! An emulated identity card on the command line, in the reader of vpcd.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use hardware::emulator::card::profile::{CardProfile, Forgery};
use hardware::emulator::card::{ActiveForgery, BasicAccess, CardContents, CardFaults, EmulatedCard};
use serde_json::json;

use crate::answer;
use crate::emulate::each_line;

/// How the card is.
#[derive(Args)]
pub struct EmulateCard {
    /// Where vpcd waits for a card; it is a driver of pcscd, from the package vsmartcard-vpcd.
    #[arg(long, default_value = "127.0.0.1:35963")]
    vpcd: String,
    /// Who is on it: a TOML file. What it leaves out is that of an invented person.
    #[arg(long)]
    profile: Option<PathBuf>,
    /// Milliseconds that each answer takes.
    #[arg(long, default_value_t = 0)]
    slow_ms: u64,
    /// Take the card away at this command, counted from 1 anew with each insertion.
    #[arg(long)]
    withdraw_at: Option<u32>,
    /// Answer nonsense from this command on.
    #[arg(long)]
    garbage_at: Option<u32>,
    /// What is false about it.
    #[arg(long, value_enum)]
    forge: Option<Forge>,
    /// It has no EF.CardAccess, and opens by BAC alone.
    #[arg(long)]
    no_pace: bool,
    /// It does not know BAC.
    #[arg(long)]
    no_bac: bool,
    /// It writes EF.CardAccess in no order, as some real cards do.
    #[arg(long)]
    unordered: bool,
    /// Put the certificate of the authority that signed it into this folder, as csca.der.
    #[arg(long)]
    csca_out: Option<PathBuf>,
}

/// What is false about a card.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Forge {
    /// DG13 was changed after it was signed.
    Dg13,
    /// EF.SOD was signed by somebody else.
    Sod,
    /// The chip was copied, without its secret key.
    Aa,
}

impl EmulateCard {
    /// Is the card until it is ended from outside, which takes it out of the reader.
    pub fn run(self) -> io::Result<Infallible> {
        let mut profile: CardProfile = match &self.profile {
            Some(path) => toml::from_str(&std::fs::read_to_string(path)?).map_err(io::Error::other)?,
            None => CardProfile::default(),
        };
        match self.forge {
            Some(Forge::Dg13) => profile.forgery = Some(Forgery::Group { group: 13 }),
            Some(Forge::Sod) => profile.forgery = Some(Forgery::Signature),
            Some(Forge::Aa) | None => {}
        }
        let copied = if self.forge == Some(Forge::Aa) { ActiveForgery::WrongKey } else { ActiveForgery::None };
        let (contents, authority) = CardContents::of_profile(&profile, copied).map_err(io::Error::other)?;
        if let Some(folder) = &self.csca_out {
            keep(folder, &authority)?;
        }
        let card = EmulatedCard::new(self.opening(contents));
        card.set_faults(self.faults());
        card.lie_in_vpcd(&self.vpcd)?;
        // The people on emulated cards are invented, and whoever tries a reader needs what opens the card.
        let zone = profile.mrz().map_err(io::Error::other)?;
        let number = profile.number.as_str();
        answer(&json!({
            "vpcd": self.vpcd, "can": number.get(6..), "number": number, "birth": zone.birth, "expiry": zone.expiry,
        }));
        each_line(|text| hand(&card, text))
    }

    fn opening(&self, contents: CardContents) -> CardContents {
        let contents = if self.no_pace { contents.with_pace(&[]) } else { contents };
        let contents = if self.unordered { contents.with_unordered_card_access() } else { contents };
        if self.no_bac { contents.with_bac(BasicAccess::Unknown) } else { contents }
    }

    fn faults(&self) -> CardFaults {
        CardFaults {
            slow: Duration::from_millis(self.slow_ms),
            withdraw_at: self.withdraw_at,
            garbage_at: self.garbage_at,
        }
    }
}

fn keep(folder: &Path, authority: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("csca.der"), authority)
}

fn hand(card: &EmulatedCard, text: &str) {
    match text.trim() {
        "insert" => card.insert(),
        "withdraw" => card.withdraw(),
        "" => return,
        other => return answer(&json!({ "error": format!("`{other}` is not insert or withdraw") })),
    }
    answer(
        &json!({ "present": card.is_present(), "keys_shown": card.keys_shown(), "keys_refused": card.keys_refused() }),
    );
}
