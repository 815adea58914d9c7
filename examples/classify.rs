//! What the bundled model predicts for one recording: `cargo run --release --example classify -- FILE`.

use std::path::Path;

use ser::classify::Ground;
use ser::classify::Model;
use ser::classify::front_end::Sound;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| "assets/speech/03a02Wc.flac".into());
    let model = Model::built_in()?;
    let sound = Sound::open(Path::new(&file))?;
    let measured = model.measure()?.measure(&sound)?;
    let answer = model.answer(&measured, &Ground::Alone)?;
    let label = if answer.abstained.is_none() {
        answer.label.as_str()
    } else {
        "abstained"
    };
    println!("{label}{}", if answer.guess { ", a guess" } else { "" });
    let support = answer.support.unwrap_or_default();
    for (class, share) in model.classes().iter().zip(support) {
        println!("{class:<10} {share:.2}");
    }
    Ok(())
}
