//! The figures as a table that a person reads.

use super::Report;
use super::figures::Figure;
use std::fmt::Write;

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "`{}`, {}; {} cores ({}), kernel {}, {} MiB; load {} before, {} after; build: {}\n\n",
        report.command,
        report.began_at,
        machine.cores,
        machine.processor,
        machine.kernel,
        machine.memory_mib,
        machine.load_before,
        machine.load_after,
        machine.build
    );
    text.push_str("| figure | value | goal | met | p50 | p99 | min | max | n | beside, in the same run |\n");
    text.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    for figure in &report.figures {
        row(&mut text, figure);
    }
    text
}

fn row(text: &mut String, figure: &Figure) {
    let goal = match (figure.goal, &figure.goal_is) {
        (None, _) => String::new(),
        (Some(goal), None) => format!("≤ {goal}"),
        (Some(goal), Some(how)) => format!("≤ {goal}: {how}"),
    };
    let met = match figure.met {
        None => "",
        Some(true) => "yes",
        Some(false) => "**no**",
    };
    let beside: Vec<String> =
        figure.beside.iter().map(|other| format!("{}: {} ({} times)", other.what, other.value, other.ratio)).collect();
    let spread = &figure.spread;
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "| {}: {} | {} {} ({}) | {goal} | {met} | {} | {} | {} | {} | {} | {} |",
        figure.name,
        figure.what,
        figure.value,
        figure.unit,
        figure.judged,
        spread.p50,
        spread.p99,
        spread.min,
        spread.max,
        spread.n,
        beside.join("; ")
    );
}
