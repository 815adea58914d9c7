//! Recordings as people have them: broken, unusual, of other programs. Each is made here of speech, and what `ser` makes of it is compared, to the
//! bit, with what it makes of the same samples in a plain file. Lists and tables of that kind are in tests/field_lists.rs.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

const SPEECH: &str = "assets/speech/03a02Wc.flac";
const RATE: u32 = 16_000;

/// Sixteen-bit speech.
fn speech() -> Vec<i16> {
    let mut recording = ser_audio::Recording::open(Path::new(SPEECH), &Default::default()).unwrap();
    assert_eq!(recording.rate(), RATE);
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().unwrap() {
        samples.extend(block.iter().map(|x| (x * 32767.0).round() as i16));
    }
    samples
}

fn little(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn floats(samples: &[i16]) -> Vec<u8> {
    let scaled = samples.iter().map(|&n| f32::from(n) / 32768.0);
    scaled.flat_map(f32::to_le_bytes).collect()
}

fn fmt(rate: u32, tag: u16, bits: u16) -> Vec<u8> {
    let bytes = u32::from(bits / 8);
    let mut fmt = [tag.to_le_bytes(), 1_u16.to_le_bytes()].concat();
    fmt.extend(rate.to_le_bytes());
    fmt.extend((rate * bytes).to_le_bytes());
    fmt.extend((bytes as u16).to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    fmt
}

/// A chunk, with its padding byte where `padded` says so.
fn chunk(name: &[u8; 4], content: &[u8], padded: bool) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend((content.len() as u32).to_le_bytes());
    chunk.extend(content);
    if padded && content.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = chunks.concat();
    let length = (content.len() as u32 + 4).to_le_bytes();
    [b"RIFF", &length[..], b"WAVE", &content].concat()
}

fn plain(rate: u32, samples: &[i16]) -> Vec<u8> {
    riff(&[
        chunk(b"fmt ", &fmt(rate, 1, 16), true),
        chunk(b"data", &little(samples), true),
    ])
}

/// What the program makes of a file: its exit code, the values of its row if it has one, and what it says of it.
struct Found {
    code: Option<i32>,
    values: Option<String>,
    said: String,
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn extract(path: &Path, flags: &[&str]) -> Found {
    let output = Command::cargo_bin("ser")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("extract")
        .arg(path)
        .args(flags)
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    // All after the name.
    let row = table.lines().nth(1);
    let values = row.map(|row| row[row.find(',').unwrap()..].to_owned());
    let name = path.display().to_string();
    let said = String::from_utf8(output.stderr).unwrap();
    let said = said.replace(&name, "x");
    Found {
        code: output.status.code(),
        values,
        said,
    }
}

fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The file has the features of `like`, and `said` is the one line about it ("" for none).
#[track_caller]
fn gives(bytes: &[u8], like: &[u8], said: &str) {
    let folder = folder();
    let expected = extract(&written(&folder, "like.wav", like), &["--quiet"]);
    assert_eq!((expected.code, expected.said.as_str()), (Some(0), ""));
    let found = extract(&written(&folder, "x.wav", bytes), &["--quiet"]);
    let line = match said {
        "" => String::new(),
        said => format!("ser: x: {said}\n"),
    };
    assert_eq!((found.code, found.said), (Some(0), line));
    assert!(found.values.is_some() && found.values == expected.values);
}

/// The file has no features, and the line about it has this in it.
#[track_caller]
fn is_refused(bytes: &[u8], reason: &str) {
    let folder = folder();
    let found = extract(&written(&folder, "x.wav", bytes), &["--quiet"]);
    assert_eq!((found.code, &found.values), (Some(1), &None));
    assert_eq!(found.said.lines().count(), 1, "{}", found.said);
    assert!(found.said.contains(reason), "{}", found.said);
}

#[test]
fn two_data_chunks() {
    let (samples, bytes) = (speech(), little(&speech()));
    let file = riff(&[
        chunk(b"fmt ", &fmt(RATE, 1, 16), true),
        chunk(b"data", &bytes[..20_000], true),
        chunk(b"data", &bytes[20_000..], true),
    ]);
    let said = "has more than one \"data\" chunk; all were read, one after the other";
    gives(&file, &plain(RATE, &samples), said);
}

#[test]
fn odd_chunk_without_pad() {
    let file = riff(&[
        chunk(b"fmt ", &fmt(RATE, 1, 16), true),
        chunk(b"LIST", b"INFOx", false),
        chunk(b"data", &little(&speech()), true),
    ]);
    gives(&file, &plain(RATE, &speech()), "");
}

#[test]
fn extensible_without_extension() {
    let file = riff(&[
        chunk(b"fmt ", &fmt(RATE, 0xfffe, 16), true),
        chunk(b"data", &little(&speech()), true),
    ]);
    let said =
        "says that its header is extended, but the extension is missing; read as 16-bit integers";
    gives(&file, &plain(RATE, &speech()), said);
}

#[test]
fn float_tagged_as_pcm32() {
    let with_tag = |tag: u16| {
        riff(&[
            chunk(b"fmt ", &fmt(RATE, tag, 32), true),
            chunk(b"data", &floats(&speech()), true),
        ])
    };
    let said =
        "holds floating-point samples, though its header says integers; read as floating point";
    gives(&with_tag(1), &with_tag(3), said);
}

#[test]
fn sphere_under_the_name_of_wav() {
    let samples = speech();
    let head = |coding: &str, bytes: u32| {
        let text = format!(
            "NIST_1A\n   1024\nsample_count -i {}\nsample_rate -i {RATE}\nchannel_count -i 1\n\
             sample_n_bytes -i {bytes}\nsample_byte_format -s2 01\nsample_coding -s{} {coding}\nend_head\n",
            samples.len(),
            coding.len()
        );
        let mut head = text.into_bytes();
        head.resize(1024, b' ');
        head
    };
    let pcm = [head("pcm", 2), little(&samples)].concat();
    gives(&pcm, &plain(RATE, &samples), "");
    let shortened = [head("pcm,embedded-shorten-v2.00", 2), vec![0; 4000]].concat();
    is_refused(&shortened, "shorten");
}

#[test]
fn lfs_pointer() {
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 60788\n",
        "0".repeat(64)
    );
    is_refused(
        pointer.as_bytes(),
        "is a Git LFS pointer, not the recording; fetch it with git lfs pull",
    );
}

#[test]
fn truncated() {
    let whole = plain(RATE, &speech());
    let like = plain(RATE, &speech()[..(15_001 - 44) / 2]);
    let said = "ends before its header says; what there is was analysed";
    gives(&whole[..15_001], &like, said);
}

#[test]
fn stream_length_zero() {
    let samples: Vec<i16> = speech().into_iter().step_by(2).collect();
    let mut file = plain(8_000, &samples);
    file[4..8].fill(0);
    file[40..44].fill(0);
    gives(&file, &plain(8_000, &samples), "");
}

#[test]
fn big_endian() {
    let samples = speech();
    let mut file = b"RIFX".to_vec();
    let bytes = 2 * samples.len() as u32;
    file.extend((36 + bytes).to_be_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_be_bytes());
    file.extend([0, 1, 0, 1]);
    file.extend(RATE.to_be_bytes());
    file.extend((2 * RATE).to_be_bytes());
    file.extend([0, 2, 0, 16]);
    file.extend(b"data");
    file.extend(bytes.to_be_bytes());
    file.extend(samples.iter().flat_map(|n| n.to_be_bytes()));
    gives(&file, &plain(RATE, &samples), "");
}

#[test]
fn siblings_of_known_defects() {
    let (samples, bytes) = (speech(), little(&speech()));
    let like = plain(RATE, &samples);
    let description = chunk(b"fmt ", &fmt(RATE, 1, 16), true);
    let data = chunk(b"data", &bytes, true);
    // Tags before and behind.
    let id3 = [&b"ID3\x03\0\0\0\0\x02\x10"[..], &[0; 272]].concat();
    let list = chunk(b"LIST", b"INFOISFT\x05\0\0\0Lavf\0\0", true);
    gives(&[&id3[..], &like].concat(), &like, "");
    gives(
        &riff(&[list.clone(), description.clone(), data.clone()]),
        &like,
        "",
    );
    let flac = std::fs::read(SPEECH).unwrap();
    let old_tag = [&b"TAG"[..], &[0; 125]].concat();
    gives(&[&flac[..], &old_tag].concat(), &flac, "");
    // A frame of other size than the samples make.
    let mut odd = fmt(RATE, 1, 16);
    odd[12] = 4;
    gives(
        &riff(&[chunk(b"fmt ", &odd, true), data.clone()]),
        &like,
        "says that a frame has 4 bytes, but also 1 × 16 bits; read by channels and bits",
    );
    // 24 bits in words of 32.
    let wide: Vec<u8> = samples
        .iter()
        .flat_map(|&n| (i32::from(n) << 16).to_le_bytes())
        .collect();
    let mut narrow = fmt(RATE, 1, 24);
    narrow[12] = 4;
    gives(
        &riff(&[chunk(b"fmt ", &narrow, true), chunk(b"data", &wide, true)]),
        &like,
        "",
    );
    // Two descriptions that differ: neither is believed.
    let other = chunk(b"fmt ", &fmt(8000, 1, 16), true);
    is_refused(
        &riff(&[description, other, data]),
        "two \"fmt \" chunks that differ",
    );
    let signal = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signal");
        std::fs::read(path.join(name)).unwrap()
    };
    gives(
        &signal("two-tracks.mka"),
        &signal("sweep.flac"),
        "has 2 audio tracks; the first was read, the others were left out",
    );
    for (bytes, what) in [
        (&b"Rar!\x1a\x07\x01\0"[..], "is a RAR archive"),
        (b"BZh91AY&SY\x0b\x8c", "is a bzip2 archive"),
        (b"SQLite format 3\0\x10", "is an SQLite database"),
        (&[0xff; 4000], "is in no audio format known here"),
        (
            &b"\x47\x40\x11\x10".repeat(47).repeat(8),
            "holds MPEG transport stream audio",
        ),
    ] {
        is_refused(bytes, what);
    }
}

#[test]
fn what_changes_inside_and_what_changes_meanwhile_have_kinds_of_their_own() {
    let folder = folder();
    let signal = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signal");
    let read = |name: &str| std::fs::read(signal.join(name)).unwrap();
    let path = written(
        &folder,
        "x.ogg",
        &[read("sweep.ogg"), read("tone-8k.ogg")].concat(),
    );
    let list = folder.path().join("f.csv");
    let found = extract(&path, &["--quiet", "--failures", list.to_str().unwrap()]);
    assert_eq!(found.code, Some(1));
    let list = std::fs::read_to_string(list).unwrap();
    assert!(list.contains("x.ogg,,,format-changes,"), "{list}");
    let meanwhile = ser_audio::Warning::Changed.kind();
    assert_eq!(meanwhile, "changed-while-read");
}

/// Made by sox, which says in the `fact` chunk where the recording ends within the last block.
#[test]
fn adpcm_is_as_long_as_its_fact_chunk_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signal/sweep-ima.wav");
    let found = extract(&path, &[]);
    assert_eq!((found.code, found.said.as_str()), (Some(0), ""));
    assert!(found.values.unwrap().starts_with(",0,0.3,"));
}

/// A recording that is cut off is called that by whatever reads it, and on its pages.
#[cfg(feature = "models")]
#[test]
fn every_command_says_that_a_recording_is_cut_off() {
    let folder = folder();
    let whole = plain(RATE, &speech());
    let path = written(&folder, "cut.wav", &whole[..whole.len() - 8000]);
    let page = folder.path().join("page.html");
    let turns = folder.path().join("turns.json");
    let own = folder.path().join("own.json");
    let (path, page, turns, own) = (
        path.to_str().unwrap(),
        page.to_str().unwrap(),
        turns.to_str().unwrap(),
        own.to_str().unwrap(),
    );
    for arguments in [
        &["extract", path][..],
        &["segment", path],
        &["classify", path],
        &["classify", path, "-o", turns],
        &["embed", path],
        &["enrol", path, "-o", own],
        &["report", path, "-o", page],
        &["report", path, "-o", page, "--speakers-by-channel"],
    ] {
        let output = Command::cargo_bin("ser")
            .unwrap()
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let times = said.matches("cut.wav: ends before its header says").count();
        assert_eq!(
            (output.status.code(), times),
            (Some(0), 1),
            "{arguments:?}: {said}"
        );
        if arguments[0] == "report" {
            let page = std::fs::read_to_string(page).unwrap();
            assert!(page.contains("This recording ends before its header says"));
        }
    }
}

/// Each warning stands in the list of `--failures`, directly, by way of a journal, and after a kill, and it is printed with `--quiet` too.
#[test]
fn warnings_reach_the_list_by_every_way() {
    let folder = folder();
    let bytes = little(&speech());
    let file = riff(&[
        chunk(b"fmt ", &fmt(RATE, 1, 16), true),
        chunk(b"data", &bytes[..20_000], true),
        chunk(b"data", &bytes[20_000..], true),
    ]);
    let path = written(&folder, "x.wav", &file);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (list, table, shard) = (at("f.csv"), at("t.csv"), at("s.ser"));
    let message = "\"has more than one \"\"data\"\" chunk; all were read, one after the other\"";
    let expected = format!(
        "file,start,end,kind,message\n{},,,joined,{message}\n",
        path.display()
    );
    let line = "ser: x: has more than one \"data\" chunk; all were read, one after the other\n";
    for flags in [
        &["--quiet", "--failures", &list][..],
        &["--quiet", "--failures", &list, "-o", &table],
    ] {
        let found = extract(&path, flags);
        assert_eq!((found.code, found.said.as_str()), (Some(0), line));
        assert_eq!(std::fs::read_to_string(&list).unwrap(), expected);
        std::fs::remove_file(&list).unwrap();
    }
    // A finished journal is what a run leaves that was killed before it wrote its table.
    extract(&path, &["--quiet", "-o", &shard, "--shard", "1/1"]);
    let other = at("u.csv");
    std::fs::rename(&shard, format!("{other}.ser-journal")).unwrap();
    let found = extract(
        &path,
        &["--quiet", "--failures", &list, "-o", &other, "--resume"],
    );
    assert_eq!(found.code, Some(0), "{}", found.said);
    assert_eq!(std::fs::read_to_string(&list).unwrap(), expected);
}

#[test]
fn different_rates_in_one_table_are_said_once() {
    let folder = folder();
    written(&folder, "a.wav", &plain(16_000, &speech()));
    written(&folder, "b.wav", &plain(16_000, &speech()));
    written(&folder, "c.wav", &plain(44_100, &speech()));
    let found = extract(folder.path(), &["--quiet"]);
    assert_eq!(found.code, Some(0));
    let line = "ser: the recordings have different sample rates (2 at 16000 Hz, 1 at 44100 Hz); most features depend on the rate";
    assert!(found.said.starts_with(line), "{}", found.said);
    assert_eq!(found.said.lines().count(), 1);
    for flags in [&["--rate", "16000"][..], &["--set", "eGeMAPS-ser"]] {
        assert_eq!(extract(folder.path(), flags).said, "", "{flags:?}");
    }
}

#[test]
fn implausible_levels_are_said() {
    let loud: Vec<u8> = speech()
        .iter()
        .flat_map(|&n| f32::from(n).to_le_bytes())
        .collect();
    let file = riff(&[
        chunk(b"fmt ", &fmt(RATE, 3, 32), true),
        chunk(b"data", &loud, true),
    ]);
    let folder = folder();
    let found = extract(&written(&folder, "x.wav", &file), &["--quiet"]);
    assert_eq!(found.code, Some(0));
    assert!(
        found.said.contains("where full scale is 1"),
        "{}",
        found.said
    );
}

/// A row per row of the table, directly, from a journal, and per window; speech, its pauses and its band are found.
#[test]
fn quality_is_listed_for_every_row() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (list, table) = (at("q.csv"), at("t.csv"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SPEECH);
    let mut texts = Vec::new();
    for flags in [
        &["--quality", &list][..],
        &["--quality", &list, "-o", &table],
    ] {
        assert_eq!(extract(&path, flags).code, Some(0));
        texts.push(std::fs::read_to_string(&list).unwrap());
    }
    assert_eq!(texts[0], texts[1]);
    let row: Vec<&str> = texts[0].lines().nth(1).unwrap().split(',').collect();
    let number = |i: usize| row[i].parse::<f64>().unwrap();
    let length_s = speech().len() as f64 / f64::from(RATE);
    assert_eq!((number(1), number(2)), (0.0, length_s));
    assert!((0.5 * length_s..length_s).contains(&number(3)), "{row:?}");
    assert!((0.3..0.9).contains(&number(4)), "{row:?}");
    assert_eq!(number(7), 8000.0);
    let windows = ["--window", "500ms", "--quality", &list];
    let rows = extract(&path, &windows);
    assert_eq!(rows.code, Some(0));
    let listed = std::fs::read_to_string(&list).unwrap();
    let windows = ((length_s - 0.5) / 0.25) as usize + 1;
    assert_eq!(listed.lines().count(), 1 + windows);
    assert!(listed.lines().nth(2).unwrap().contains(",0.25,0.75,"));
    // A journal that measured nothing cannot be gone on with.
    let found = extract(&path, &["--level", "lld", "--quality", &list]);
    assert_eq!(found.code, Some(2), "{}", found.said);
}
