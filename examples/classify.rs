//! What the bundled model predicts for one recording: `cargo run --release --example classify -- FILE`.

use std::path::Path;

use ser::classify::answer::Model;
use ser::classify::front_end::Sound;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| "assets/speech/03a02Wc.flac".into());
    let model = Model::built_in()?;
    let sound = Sound::open(Path::new(&file))?;
    let measured = model.measure()?.measure(&sound)?;
    let answer = model.answer(&measured);
    let label = if answer.abstained.is_none() {
        answer.label.as_str()
    } else {
        "abstained"
    };
    println!("{label}");
    let probabilities = answer.probabilities.unwrap_or_default();
    for (class, probability) in model.classes().iter().zip(probabilities) {
        println!("{class:<10} {probability:.2}");
    }
    Ok(())
}
