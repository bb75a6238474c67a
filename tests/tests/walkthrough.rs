//! The main job, whole, on the real programs: what a newcomer sees with `make walkthrough`.

use std::path::{Path, PathBuf};
use std::process::Command;
use tests::walkthrough::Report;

/// The folder of the programs that were built: `target/debug`, wherever that is.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_motcua-walkthrough")).parent().unwrap().to_owned()
}

#[test]
fn the_main_job_runs_online_offline_and_online_again() {
    let out = programs().parent().unwrap().join("walkthrough-test");
    let mut walkthrough = Command::new(env!("CARGO_BIN_EXE_motcua-walkthrough"));
    walkthrough.arg("--out").arg(&out).arg("--bin-dir").arg(programs());
    let ran = walkthrough.output().unwrap();
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    let report: Report = serde_json::from_str(&report).unwrap();
    assert_eq!(report.failure, None, "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success());

    assert_eq!((report.lost, report.doubled), (Some(0), Some(0)), "{:?}", report.findings);
    assert_eq!(report.events_station, report.events_central);
    assert_eq!(report.citizens.len(), 6);
    assert!((1..=20).contains(&report.keys_of_an_intake), "{} keys", report.keys_of_an_intake);
    assert_eq!(report.citizens.iter().filter(|citizen| citizen.offline).count(), 3);
    assert_eq!(report.kills, 1);
    assert!(report.offline_minutes > 0.0);
    for file in ["ticket.bin", "ticket.png", "receipt.pdf"] {
        assert!(out.join(file).metadata().unwrap().len() > 0, "{file}");
    }
    assert!(std::fs::read(out.join("receipt.pdf")).unwrap().starts_with(b"%PDF"));
    let screens = std::fs::read_dir(out.join("screens")).unwrap().count();
    assert!(screens >= 20, "only {screens} screens");
}

#[test]
fn without_the_programs_it_fails_and_says_so_in_the_report() {
    let (out, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut walkthrough = Command::new(env!("CARGO_BIN_EXE_motcua-walkthrough"));
    walkthrough.arg("--out").arg(out.path()).arg("--bin-dir").arg(empty.path());
    assert_eq!(walkthrough.output().unwrap().status.code(), Some(1));
    let report: Report = serde_json::from_slice(&std::fs::read(out.path().join("report.json")).unwrap()).unwrap();
    assert!(report.failure.unwrap().contains("motcua"));
    assert_eq!((report.lost, report.doubled), (None, None));
}
