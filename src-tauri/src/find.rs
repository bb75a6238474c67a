//! "What do you need?": questions on standard input, a line each; answers on standard output, each as soon as it is known.

use station::finder::Guide;
use std::io::{self, BufRead, Write};
use std::path::Path;

/// More bytes of a line than this are read and put away.
const LONGEST_LINE_BYTES: usize = 64 * 1024;

/// Answers every line, as JSON or in an officer's words.
pub fn answer(data: Option<&Path>, json: bool) -> Result<(), String> {
    let guide = Guide::open(data).map_err(|fault| fault.to_string())?;
    match answer_all(&guide, json, &mut io::stdin().lock(), &mut io::stdout().lock()) {
        // Whoever asked has heard enough.
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.map_err(|fault| fault.to_string()),
    }
}

/// Prints how well a file of questions is answered.
pub fn check(data: Option<&Path>, questions: &Path) -> Result<(), String> {
    let guide = Guide::open(data).map_err(|fault| fault.to_string())?;
    print!("{}", guide.check(questions).map_err(|fault| fault.to_string())?);
    Ok(())
}

fn answer_all(guide: &Guide, json: bool, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    while let Some(line) = next_line(from)? {
        let answer = if json { guide.answer_json(&line) } else { guide.answer_in_words(&line) };
        writeln!(to, "{answer}")?;
        to.flush()?;
    }
    Ok(())
}

/// A line without its end, cut where it is too long; none at the end.
fn next_line(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut begun = false;
    loop {
        let read = from.fill_buf()?;
        if read.is_empty() {
            return Ok(begun.then_some(line));
        }
        begun = true;
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(read.len());
        let room = LONGEST_LINE_BYTES - line.len();
        line.extend_from_slice(&read[..taken.min(room)]);
        let used = taken + usize::from(end.is_some());
        from.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_LINE_BYTES, answer_all, next_line};
    use station::finder::Guide;

    #[test]
    fn every_line_has_its_answer() {
        let guide = Guide::open(None).unwrap();
        let mut answers = Vec::new();
        let asked = "làm giấy khai sinh\n\n\u{fffd}\nsổ đỏ".as_bytes();
        answer_all(&guide, true, &mut &asked[..], &mut answers).unwrap();
        let answers = String::from_utf8(answers).unwrap();
        let begin: Vec<&str> = answers.lines().map(|line| &line[..14]).collect();
        assert_eq!(begin, [r#"{"answer":"one"#, r#"{"answer":"unk"#, r#"{"answer":"unk"#, r#"{"answer":"ask"#]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let long = vec![b'a'; 3 * LONGEST_LINE_BYTES];
        let mut input = std::io::BufReader::with_capacity(1000, long.as_slice());
        assert_eq!(next_line(&mut input).unwrap().map(|line| line.len()), Some(LONGEST_LINE_BYTES));
        assert_eq!(next_line(&mut input).unwrap(), None);
    }
}
