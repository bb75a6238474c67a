//! The technician's tool at a desk: papers, clips, display and pad.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use hardware::announcer::Wav;
use serde_json::Value;

use crate::cli::{Emulator, TOOL, run};
use crate::documents::sane_configuration;

/// Runs the tool with SANE's test scanner; its exit code and its answers.
fn scan(configuration: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let mut command = Command::new(TOOL);
    let output = command.arg("scan-pages").args(arguments).env("SANE_CONFIG_DIR", configuration).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn papers_are_scanned_a_line_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let etc = sane_configuration(folder.path());
    let out = folder.path().join("pages");
    let out = out.to_str().unwrap();
    let usual = ["sane:test:0", "--out", out, "--resolution", "75", "--mode", "grey"];
    let (code, answers) = scan(&etc, &[&usual[..], &["--source", "feeder", "--max-pages", "3"]].concat());
    assert_eq!((code, answers.len()), (0, 4), "{answers:?}");
    assert_eq!((&answers[0]["event"], &answers[2]["no"]), (&"page".into(), &3.into()));
    assert!(fs::metadata(answers[2]["path"].as_str().unwrap()).unwrap().len() == answers[2]["bytes"].as_u64().unwrap());
    assert_eq!(answers[3], serde_json::json!({ "event": "finished", "pages": 3 }));
    let (code, answers) = scan(&etc, &[&usual[..], &["--option", "read-return-value=SANE_STATUS_JAMMED"]].concat());
    assert_eq!((code, &answers[0]["fault"]), (3, &"DOC-SCAN-JAM".into()));
    assert_eq!(scan(&etc, &[&usual[..], &["--source", "sky"]].concat()).0, 2);
    assert_eq!(scan(&etc, &["tcp:127.0.0.1:1", "--out", out]).0, 3);
}

/// A scanner program that writes down its process before it becomes the real one.
fn noted_scanimage(folder: &Path) -> String {
    let program = folder.join("bin/scanimage");
    fs::create_dir(folder.join("bin")).unwrap();
    fs::write(&program, "#!/bin/sh\necho $$ > \"$SANE_CONFIG_DIR/pid.$$\"\nPATH=${PATH#*:}\nexec scanimage \"$@\"\n")
        .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap())
}

#[test]
fn a_scan_ends_with_the_tool_that_asked_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let etc = sane_configuration(folder.path());
    let mut command = Command::new(TOOL);
    command.args(["scan-pages", "sane:test:0", "--out"]).arg(folder.path().join("pages"));
    command.args(["--resolution", "75", "--option", "read-delay=yes", "--option", "read-delay-duration=200000"]);
    command.args(["--option", "read-limit=yes", "--option", "read-limit-size=64"]);
    let slow = command.env("SANE_CONFIG_DIR", &etc).env("PATH", noted_scanimage(folder.path()));
    let mut tool = slow.stdout(Stdio::null()).spawn().unwrap();
    let scanning = || {
        let pids = fs::read_dir(&etc).unwrap().filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok());
        let pids = pids.filter_map(|text| text.trim().parse::<u32>().ok());
        let line = |pid: u32| fs::read_to_string(format!("/proc/{pid}/cmdline")).ok();
        pids.filter_map(line).find(|line| line.contains("--batch"))
    };
    crate::eventually("the scan runs", scanning);
    // As if the tool had crashed: it has no moment to clean up.
    tool.kill().unwrap();
    tool.wait().unwrap();
    crate::eventually("the scan is over", || scanning().is_none().then_some(()));
}

#[test]
fn a_first_set_of_clips_is_made_checked_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let clips = folder.path().join("clips");
    let clips = clips.to_str().unwrap();
    assert_eq!(run(&["clips", "--make", clips]).0, 0);
    assert_eq!(run(&["clips", "--check", clips]), (0, serde_json::json!({ "missing": [] })));
    let out = folder.path().to_str().unwrap();
    let call = "Mời số A một không năm đến quầy số ba";
    assert_eq!(run(&["clips", "--check", clips, "--say", call, "--wav", out]).0, 0);
    let call = Wav::parse(&fs::read(folder.path().join("call-0001.wav")).unwrap()).unwrap();
    // With the silence that espeak-ng leaves after each word it would be seven.
    assert!((2.0..5.0).contains(&call.duration().as_secs_f64()), "{:?}", call.duration());
    fs::write(folder.path().join("clips/mot.wav"), "recorded by a person").unwrap();
    assert_eq!(run(&["clips", "--check", clips]).0, 3);
    assert_eq!(run(&["clips", "--make", clips]), (0, serde_json::json!({ "made": [], "missing": 1 })));
}

#[test]
fn a_display_is_written_and_read() {
    let mut far = Emulator::start(&["display", "--listen", "tcp:127.0.0.1:0"]);
    let address = far.address.clone();
    let (code, answer) = run(&["show", &address, "--call", "A105", "--desk", "3"]);
    assert_eq!((code, &answer["shown"]["rows"][0]), (5, &"   A105 -> QUAY 3   ".into()), "{answer}");
    crate::eventually("the call is read", || {
        (far.next()["display"]["rows"][0] == "   A105 -> QUAY 3   ").then_some(())
    });
    assert_eq!(run(&["show", &address, "--text", "Mời ông 001199000123"]).0, 3);
    assert_eq!(run(&["show", &address]).0, 2);
}

#[test]
fn a_press_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("ttyPAD");
    let mut far = Emulator::start(&["pad", "--pty", link.to_str().unwrap(), "--profile", "line-5-lamp"]);
    let address = far.address.clone();
    assert_eq!(run(&["rate", &address, "--profile", "line-5-lamp", "--timeout-ms", "1"]).0, 6);
    let asking = std::thread::spawn(move || run(&["rate", &address, "--profile", "line-5-lamp"]));
    crate::eventually("the lamp is lit", || {
        far.tell("0");
        (far.next()["pad"]["lit"] == true).then_some(())
    });
    far.tell("4");
    assert_eq!(asking.join().unwrap(), (0, serde_json::json!({ "rated": 4, "of": 5 })));
}
