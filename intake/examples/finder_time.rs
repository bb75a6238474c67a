//! How long the finder takes: `cargo run --release -p intake --example finder_time < questions.jsonl`.

use intake::catalogue::Catalogue;
use intake::finder::{Finder, check};
use std::error::Error;
use std::io::Read;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let questions = check::questions(&text)?;
    let begun = Instant::now();
    let finder = Finder::embedded(&Catalogue::embedded()?)?;
    println!("made in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let mut times_ms: Vec<f64> = Vec::new();
    for question in &questions {
        let begun = Instant::now();
        std::hint::black_box(finder.find(&question.question));
        times_ms.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times_ms.sort_by(f64::total_cmp);
    let at = |share: f64| times_ms.get((times_ms.len() as f64 * share) as usize).copied().unwrap_or_default();
    println!("{} questions: median {:.2} ms, 99 of 100 under {:.2} ms", times_ms.len(), at(0.5), at(0.99));
    let long = "giấy khai sinh ".repeat(1_000);
    let begun = Instant::now();
    std::hint::black_box(finder.find(&long));
    println!("a question of {} characters: {:.2} ms", long.chars().count(), begun.elapsed().as_secs_f64() * 1e3);
    Ok(())
}
