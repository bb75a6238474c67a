//! Writes the files of an invented card's chip as the seeds of the chip's fuzz targets: `cargo run -p hardware --example fuzz_seeds`.

use std::path::Path;

use hardware::chip::lds::LdsFile;
use hardware::emulator::card::profile::CardProfile;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let card = CardProfile::default().personalise(None)?;
    for (file, bytes) in &card.files {
        match file {
            LdsFile::Group(group) => {
                // The target reads from the first byte which file it is.
                let seed = [&[group.number()], &bytes[..]].concat();
                std::fs::write(seeds.join(format!("data_groups/dg{}", group.number())), seed)?;
            }
            LdsFile::Com => std::fs::write(seeds.join("data_groups/com"), [&[0], &bytes[..]].concat())?,
            LdsFile::Sod => std::fs::write(seeds.join("sod/sod"), bytes)?,
        }
    }
    std::fs::write(seeds.join("sod/authority"), &card.authority)?;
    std::fs::write(seeds.join("sod/signer"), &card.signer)?;
    std::fs::write(seeds.join("mrz/td1"), card.mrz.print())?;
    Ok(())
}
