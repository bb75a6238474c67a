//! The technician's tool, as a person runs it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

const TOOL: &str = env!("CARGO_BIN_EXE_motcua-hw");

/// Runs the tool; its exit code and its answer.
fn run(arguments: &[&str]) -> (i32, Value) {
    let output = Command::new(TOOL).args(arguments).output().unwrap();
    let answer =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| String::from_utf8_lossy(&output.stdout).into());
    (output.status.code().unwrap(), answer)
}

/// A tool that is an emulated device; ended when dropped.
struct Emulator {
    child: Child,
    stdin: ChildStdin,
    answers: BufReader<ChildStdout>,
    address: String,
}

impl Emulator {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(TOOL);
        command.arg("emulate").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut emulator = Self { child, stdin, answers: BufReader::new(stdout), address: String::new() };
        emulator.address = emulator.next()["address"].as_str().unwrap().to_owned();
        emulator
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn tell(&mut self, text: &str) {
        writeln!(self.stdin, "{text}").unwrap();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ticket(folder: &std::path::Path) -> String {
    let path = folder.join("ticket.json");
    let text = r#"{"number":"A105","service":"Chứng thực","ahead":4,"issued_at":"08:15 23/11/2026","qr":"A105"}"#;
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_ticket_is_printed_and_every_exit_code_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (ticket, out) = (ticket(folder.path()), folder.path().join("slips"));
    let mut far = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0", "--out", out.to_str().unwrap()]);
    let address = far.address.clone();
    let (code, report) = run(&["print", &address, "--ticket", &ticket, "--job", "42"]);
    assert_eq!((code, &report["outcome"]["is"], &report["job"]), (0, &"confirmed".into(), &42.into()), "{report}");
    assert_eq!(far.next()["slip"]["number"], 1);
    assert!(std::fs::metadata(out.join("slip-1.png")).unwrap().len() > 500);
    assert_eq!(run(&["status", &address]).0, 0);
    far.tell("cover open");
    crate::eventually("the cover is open", || (run(&["status", &address]).0 == 3).then_some(()));
    let (code, report) = run(&["print", &address, "--ticket", &ticket]);
    assert_eq!((code, &report["fault"]), (3, &"PRINT-COVER-OPEN".into()));
    assert_eq!(
        run(&["status", "tcp:127.0.0.1:1"]),
        (3, serde_json::json!({"fault": "PRINT-ABSENT", "remedy": "reconnect"}))
    );
    let file = format!("file:{}", folder.path().join("lp0").display());
    assert_eq!(run(&["print", &file, "--profile", "write-only-80mm", "--ticket", &ticket]).0, 5);
    assert_eq!(run(&["print", &address, "--ticket", "/nowhere"]).0, 1);
    assert_eq!(run(&["print", "lpt:1", "--ticket", &ticket]).0, 2);
}

#[test]
fn a_line_that_fails_on_demand_leaves_the_outcome_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("ttyTICKET");
    let far = Emulator::start(&["printer", "--pty", link.to_str().unwrap(), "--fail-at", "400"]);
    let (code, report) = run(&["print", &far.address, "--ticket", &ticket(folder.path())]);
    assert_eq!((code, &report["outcome"]["is"]), (4, &"unknown".into()), "{report}");
}

#[test]
fn a_card_is_scanned_and_shown_whole_or_masked() {
    const CARD: &str = "001199000123|012345678|Nguyễn Thị Mẫu|15021999|Nữ|Số 1 Phố Mẫu, Hà Nội|10052021";
    let mut far = Emulator::start(&["scanner", "--listen", "tcp:127.0.0.1:0"]);
    assert_eq!(run(&["scan", &far.address, "--timeout-ms", "1"]).0, 6);
    far.tell(CARD);
    let (code, answer) = run(&["scan", &far.address, "--timeout-ms", "10000"]);
    assert_eq!(code, 0, "{answer}");
    let shown = ["number", "name", "birth", "sex", "issued", "evidence"].map(|field| answer[field].as_str().unwrap());
    assert_eq!(shown, ["001199000123", "Nguyễn Thị Mẫu", "1999-02-15", "female", "2021-05-10", "qr_only"]);
    far.tell(CARD);
    let (code, answer) = run(&["scan", &far.address, "--timeout-ms", "10000", "--masked"]);
    assert_eq!((code, &answer["number"]), (0, &"001•••••0123".into()), "{answer}");
    assert!(!answer.to_string().contains("Mẫu"));
    far.tell("HELLO");
    let (_, answer) = run(&["scan", &far.address, "--timeout-ms", "10000"]);
    assert_eq!(answer["card_error"], "CARD-QR-NOT-ID");
}

#[test]
fn a_station_is_ready_when_what_it_requires_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("station.toml");
    let mut far = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0"]);
    let board = Emulator::start(&["board", "--listen", "tcp:127.0.0.1:0"]);
    let (printer, board_at) = (far.address.clone(), board.address.clone());
    let write = |scanner_required: bool| {
        let text = format!(
            "[[device]]\nid = \"printer\"\nkind = \"ticket_printer\"\naddress = \"{}\"\nrequired = true\n\
             [[device]]\nid = \"board\"\nkind = \"board\"\naddress = \"{}\"\nrequired = true\n\
             [[device]]\nid = \"qr\"\nkind = \"card_scanner\"\naddress = \"tcp:127.0.0.1:1\"\nrequired = {scanner_required}\n",
            printer, board_at
        );
        std::fs::write(&file, text).unwrap();
    };
    let selftest = ["selftest", "--json", "--station", file.to_str().unwrap()];
    write(false);
    let (code, report) = run(&selftest);
    assert_eq!((code, &report["ready"]), (0, &true.into()), "{report}");
    assert_eq!(far.next()["slip"]["number"], 1, "the test slip came out");
    let ready: Vec<_> = report["devices"].as_array().unwrap().iter().map(|device| device["ready"] == true).collect();
    assert_eq!(ready, [true, true, false]);
    assert_eq!(report["devices"][2]["status"]["causes"][0]["code"], "SCAN-ABSENT");
    assert!(report["devices"][2]["next"]["vi"].as_str().unwrap().contains("máy quét"));
    write(true);
    let (code, report) = run(&[&selftest[..], &["--no-print"]].concat());
    assert_eq!((code, &report["lacking"]), (3, &serde_json::json!(["qr"])));
    std::fs::write(&file, "[[device]]\nid = \"printer\"\nkind = \"ticket_printer\"\n").unwrap();
    let (code, report) = run(&selftest);
    assert_eq!(code, 1);
    assert!(report["error"].as_str().unwrap().contains("line 1: ticket_printer `printer` has no address"), "{report}");
    let text = Command::new(TOOL).args(["selftest", "--no-print", &far.address]).output().unwrap();
    assert!(String::from_utf8(text.stdout).unwrap().ends_with("READY\n"));
}

#[test]
fn help_teaches_and_list_lists() {
    let output = Command::new(TOOL).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["Examples:", "motcua-hw print", "Exit codes:", "emulate"] {
        assert!(help.contains(word), "{word}");
    }
    let (code, answer) = run(&["list", "--json"]);
    assert_eq!(code, 0);
    assert!(answer["printer_profiles"].as_array().unwrap().contains(&"generic-80mm".into()));
}

#[test]
fn an_emulated_printer_is_as_its_options_say() {
    let mut options = vec!["printer", "--listen", "tcp:127.0.0.1:0", "--paper", "200mm", "--width", "384"];
    options.extend(["--near-end", "--no-asb", "--no-process-id", "--split"]);
    let mut far = Emulator::start(&options);
    let folder = tempfile::tempdir().unwrap();
    let ticket = ticket(folder.path());
    let (code, report) = run(&["print", &far.address, "--ticket", &ticket]);
    assert_eq!((code, &report["fault"]), (5, &"PRINT-PAPER-NEAR-END".into()), "{report}");
    assert!(far.next()["slip"]["height_dots"].as_u64().unwrap() > 100);
    far.tell("paper 0");
    crate::eventually("the paper is out", || {
        (run(&["status", &far.address]).1["causes"][0]["code"] == "PRINT-PAPER-OUT").then_some(())
    });
    far.tell("dance");
    assert_eq!(far.next()["error"], "not understood: dance");
    let deaf = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0", "--no-status"]);
    assert_eq!(run(&["status", &deaf.address]).1["fault"], "PRINT-NO-ANSWER");
    let refused = ["emulate", "printer", "--listen", "tcp:127.0.0.1:0", "--paper", "long"];
    assert_eq!(run(&refused).0, 2);
}

#[test]
fn a_scanner_and_a_board_fail_on_demand_too() {
    let mut scanner = Emulator::start(&["scanner", "--listen", "tcp:127.0.0.1:0", "--terminator", "lf", "--split"]);
    scanner.tell("A105");
    assert_eq!(run(&["scan", &scanner.address]).1["scanned_bytes"], 4);
    let refusing = Emulator::start(&["board", "--listen", "tcp:127.0.0.1:0", "--refuse-after", "0"]);
    let port = refusing.address.strip_prefix("tcp:").unwrap().to_owned();
    crate::eventually("connections are refused", || std::net::TcpStream::connect(&port).is_err().then_some(()));
}

#[test]
fn the_conformance_kit_writes_a_report_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report.json");
    let far = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0"]);
    let (code, report) = run(&["conformance", &far.address, "--class", "printer", "--out", out.to_str().unwrap()]);
    assert_eq!((code, &report["conformant"]), (0, &true.into()), "{report}");
    let kept: hardware::conformance::Report = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    assert!(kept.is_unchanged());
    assert_eq!(report["sha256"], kept.sha256.as_str());
    let deaf = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0", "--no-asb"]);
    let (code, report) = run(&["conformance", &deaf.address, "--class", "printer"]);
    assert_eq!((code, &report["conformant"]), (3, &false.into()), "{report}");
    assert_eq!(run(&["conformance", &far.address, "--class", "toaster"]).0, 2);
}
