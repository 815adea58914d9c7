//! Made-up trees with the layout of every corpus, each with what a wrong reader would fall for.

mod tree;

use std::collections::BTreeMap;

use ser::corpus::{AsideKind, Catalogue, Check, Entry, LabelMap, Scan, scan};
use tree::{Tree, wav};

fn read(name: &str, tree: &Tree) -> Scan {
    let catalogue = Catalogue::built_in();
    scan(catalogue.corpus(name).unwrap(), tree.root()).unwrap()
}

fn entry<'a>(scan: &'a Scan, path: &str) -> &'a Entry {
    scan.entries
        .iter()
        .find(|entry| entry.path == path)
        .unwrap_or_else(|| panic!("{path} is no recording: {:?}", scan.aside))
}

/// `path code speaker gender` of every recording, one per line.
fn lines(scan: &Scan) -> String {
    let line = |entry: &Entry| {
        let speaker = entry.speaker.as_deref().unwrap_or("-");
        let gender = entry.gender.map_or("-", |gender| gender.letter());
        format!(
            "{} {} {speaker} {gender}",
            entry.path,
            entry.common.as_deref().unwrap_or("-")
        )
    };
    scan.entries.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `kind path` of every other file but documents.
fn aside(scan: &Scan) -> String {
    let told = scan
        .aside
        .iter()
        .filter(|aside| aside.kind != AsideKind::Document);
    told.map(|aside| format!("{}: {}: {}", aside.kind.word(), aside.path, aside.why))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn emodb_has_versions_doubled_x_s_latin_1_and_the_right_genders() {
    let mut tree = Tree::new();
    for name in [
        "03a01Fa",
        "09a02Wb",
        "10a04Lc",
        "11a05Ed",
        "12a07Ae",
        "13b01Tf",
        "14b10Nxx",
        "16b09Naxx",
    ] {
        tree.wav(&format!("wav/{name}.wav"));
    }
    tree.traps("wav", "15b02Wa", "08b03Na");
    tree.file("wav/09a01Fa.wav", "");
    tree.file("lablaut/03a01Faxx.lablaut", "x");
    tree.file("erkennung.txt", b"Nr.\tSatz\terkannt\tnatuerlich\n1\xa0\xa0\t03a01Fa.wav\t97,50\xa0\xa0\xa0\t35,00\xa0\n2\xa0\t03a01Xx.wav\t5,00\xa0\t5,00\n");
    let scan = read("emodb", &tree);
    insta::assert_snapshot!(lines(&scan), @r"
    wav/03a01Fa.wav happiness 03 m
    wav/08b03Na.wav neutral 08 f
    wav/09a02Wb.wav anger 09 f
    wav/10a04Lc.wav boredom 10 m
    wav/11a05Ed.wav disgust 11 m
    wav/12a07Ae.wav fear 12 m
    wav/13b01Tf.wav sadness 13 f
    wav/14b10Nxx.wav neutral 14 f
    wav/15b02Wa.WAV anger 15 m
    wav/16b09Naxx.wav neutral 16 f
    ");
    insta::assert_snapshot!(aside(&scan), @r"
    unexplained: wav/foreign name.wav: its name does not fit the corpus
    empty: wav/09a01Fa.wav: 0 bytes
    left out: lablaut/03a01Faxx.lablaut: phonetic labels
    ");
    let first = entry(&scan, "wav/03a01Fa.wav");
    assert_eq!(first.extra["agreement"], "97.5");
    assert_eq!(
        (first.text.as_deref(), first.take.as_deref(), first.age),
        (Some("a01"), Some("a"), Some(31))
    );
    assert_eq!(
        first.transcript.as_deref(),
        Some("Der Lappen liegt auf dem Eisschrank.")
    );
}

#[test]
fn savee_comes_in_two_layouts_and_equal_names_are_not_copies() {
    let mut folders = Tree::new();
    for name in ["DC/a01", "JE/a01", "KL/sa15", "KL/su01", "JK/n16", "JK/n30"] {
        folders.wav(&format!("AudioData/{name}.wav"));
    }
    folders.traps("AudioData/DC", "d02", "f03");
    folders.wav("AudioData/s01.wav");
    folders.wav("AudioData/h01.wav");
    folders.file("AudioData/Info.txt", "15 for each of the 7");
    let scan = read("savee", &folders);
    insta::assert_snapshot!(lines(&scan), @r"
    AudioData/DC/a01.wav anger DC m
    AudioData/DC/d02.WAV disgust DC m
    AudioData/DC/f03.wav fear DC m
    AudioData/JE/a01.wav anger JE m
    AudioData/JK/n16.wav neutral JK m
    AudioData/JK/n30.wav neutral JK m
    AudioData/KL/sa15.wav sadness KL m
    AudioData/KL/su01.wav surprise KL m
    ");
    insta::assert_snapshot!(aside(&scan), @r"
    unexplained: AudioData/DC/foreign name.wav: its name does not fit the corpus
    unexplained: AudioData/h01.wav: neither its name nor its folder says who speaks
    unexplained: AudioData/s01.wav: its name does not fit the corpus
    other: AudioData/Info.txt:
    ");
    let mut flat = Tree::new();
    for name in ["DC_a01", "JEa01", "KL_sa15", "KL_su01"] {
        flat.wav(&format!("ALL/{name}.wav"));
    }
    insta::assert_snapshot!(lines(&read("savee", &flat)), @r"
    ALL/DC_a01.wav anger DC m
    ALL/JEa01.wav anger JE m
    ALL/KL_sa15.wav sadness KL m
    ALL/KL_su01.wav surprise KL m
    ");
}

#[test]
fn cafe_is_the_same_whatever_became_of_its_accents() {
    let composed = ["Colère", "Dégoût"];
    let decomposed = ["Cole\u{300}re", "De\u{301}gou\u{302}t"];
    let garbled = ["ColŠre", "D‚go–t"];
    for [anger, disgust] in [composed, decomposed, garbled] {
        let mut tree = Tree::new();
        tree.wav(&format!("CaFE/{anger}/Faible/01-C-1-1.wav"));
        tree.wav(&format!("CaFE/{disgust}/Fort/02-D-2-6.aiff"));
        tree.wav("CaFE/Neutre/03-N-1-2.wav");
        tree.file("CaFE/Neutre/._03-N-1-2.wav", "x");
        let scan = read("cafe", &tree);
        let found: Vec<_> = scan
            .entries
            .iter()
            .map(|e| {
                (
                    e.native.as_str(),
                    e.intensity.as_deref(),
                    e.gender.unwrap().letter(),
                    e.age,
                )
            })
            .collect();
        let mut expected = [
            ("colère", Some("weak"), "m", Some(46)),
            ("dégoût", Some("strong"), "f", Some(64)),
            ("neutre", Some("weak"), "m", Some(18)),
        ];
        let mut found = found;
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(aside(&scan), "");
    }
}

#[test]
fn ravdess_leaves_song_and_video_out_and_tells_gender_by_number() {
    let mut tree = Tree::new();
    let first = tree.wav("Actor_01/03-01-05-02-01-01-01.wav");
    tree.wav("Actor_02/03-01-08-01-02-02-02.wav");
    tree.wav("Actor_02/03-02-05-01-02-02-02.wav");
    tree.file("Actor_02/01-01-05-01-02-02-02.mp4", "x");
    tree.wav("Actor_02/03-01-09-01-02-02-02.wav");
    // A second copy of the tree, as re-packed archives have it.
    let content = std::fs::read(first).unwrap();
    tree.file("audio_speech/Actor_01/03-01-05-02-01-01-01.wav", content);
    let scan = read("ravdess", &tree);
    insta::assert_snapshot!(lines(&scan), @r"
    Actor_01/03-01-05-02-01-01-01.wav anger 01 m
    Actor_02/03-01-08-01-02-02-02.wav surprise 02 f
    ");
    insta::assert_snapshot!(aside(&scan), @r"
    unexplained: Actor_02/03-01-09-01-02-02-02.wav: its name does not fit the corpus
    copy: audio_speech/Actor_01/03-01-05-02-01-01-01.wav: of Actor_01/03-01-05-02-01-01-01.wav
    left out: Actor_02/01-01-05-01-02-02-02.mp4: video
    left out: Actor_02/03-02-05-01-02-02-02.wav: song
    ");
    let strong = entry(&scan, "Actor_01/03-01-05-02-01-01-01.wav");
    assert_eq!(strong.intensity.as_deref(), Some("strong"));
    assert_eq!(
        strong.transcript.as_deref(),
        Some("Kids are talking by the door")
    );
}

#[test]
fn crema_d_tells_stubs_known_faults_and_levels() {
    let mut tree = Tree::new();
    for name in [
        "1001_IEO_ANG_LO",
        "1001_IEO_ANG_HI",
        "1002_DFA_NEU_XX",
        "1076_MTI_SAD_XX",
    ] {
        tree.wav(&format!("AudioWAV/{name}.wav"));
    }
    tree.wav("AudioWAV/1040_ITH_SAD_X.wav");
    tree.file(
        "AudioWAV/1003_DFA_SAD_XX.wav",
        "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 68000\n",
    );
    tree.file("AudioMP3/1001_IEO_ANG_LO.mp3", "x");
    tree.file("VideoDemographics.csv", "\"ActorID\",\"Age\",\"Sex\",\"Race\",\"Ethnicity\"\n1001,51,\"Male\",\"Caucasian\",\"Not Hispanic\"\n1002,22,\"Female\",\"Caucasian\",\"Not Hispanic\"\n");
    tree.file("processedResults/summaryTable.csv", "\"\",\"FileName\",\"VoiceVote\",\"VoiceLevel\"\n\"1\",\"1001_IEO_ANG_LO\",\"A:N\",\"47.33\"\n\"2\",\"1001_IEO_ANG_HI\",\"A\",\"75.25\"\n\"3\",\"1002_DFA_NEU_XX\",\"S\",\"64\"\n");
    let scan = read("crema-d", &tree);
    insta::assert_snapshot!(lines(&scan), @r"
    AudioWAV/1001_IEO_ANG_HI.wav anger 1001 m
    AudioWAV/1001_IEO_ANG_LO.wav anger 1001 m
    AudioWAV/1002_DFA_NEU_XX.wav neutral 1002 f
    AudioWAV/1040_ITH_SAD_X.wav sadness 1040 m
    ");
    insta::assert_snapshot!(aside(&scan), @r"
    stub: AudioWAV/1003_DFA_SAD_XX.wav: a pointer of Git LFS, not the recording
    bad: AudioWAV/1076_MTI_SAD_XX.wav: no sound
    left out: AudioMP3/1001_IEO_ANG_LO.mp3: the same recordings as the wav files, compressed
    ");
    assert_eq!(
        entry(&scan, "AudioWAV/1001_IEO_ANG_LO.wav")
            .intensity
            .as_deref(),
        Some("low")
    );
    // What listeners voted for, in percent for the label; of the one that is not in the document nothing is known.
    let agreement = |name: &str| {
        let entry = entry(&scan, &format!("AudioWAV/{name}.wav"));
        entry.extra.get("agreement").cloned().unwrap_or_default()
    };
    let names = [
        "1001_IEO_ANG_LO",
        "1001_IEO_ANG_HI",
        "1002_DFA_NEU_XX",
        "1040_ITH_SAD_X",
    ];
    assert_eq!(names.map(agreement), ["50", "100", "0", ""]);
    assert_eq!(
        scan.misnamed,
        [(
            "AudioWAV/1040_ITH_SAD_X.wav".into(),
            "1040_ITH_SAD_XX".into()
        )]
    );
    // The document says 22, the description 21: told, and the document counts.
    assert_eq!(
        scan.notes,
        [
            "AudioWAV/1002_DFA_NEU_XX.wav: age is \"22\" in name or document and \"21\" by the description; the former counts"
        ]
    );
}

#[test]
fn tess_subesco_aesdd_mesd_urdu_emovo_have_odd_names() {
    let mut tess = Tree::new();
    tess.wav("OAF_Pleasant_surprise/OAF_back_ps.wav");
    tess.wav("YAF_pleasant_surprised/YAF_back_ps.wav");
    tess.file("OAF_Fear/OAF_food_fear.wav", wav(96_000, 1, 9600, 300.0));
    insta::assert_snapshot!(lines(&read("tess", &tess)), @r"
    OAF_Fear/OAF_food_fear.wav fear OAF f
    OAF_Pleasant_surprise/OAF_back_ps.wav surprise OAF f
    YAF_pleasant_surprised/YAF_back_ps.wav surprise YAF f
    ");
    let mut subesco = Tree::new();
    subesco.wav("F_02_MONIKA_S_2_SURPRISE_3].wav");
    subesco.wav("M_02_RASEL_S_10_ANGRY_5.wav");
    subesco.wav("M_03_RASEL_S_10_ANGRY_5].wav");
    let scan = read("subesco", &subesco);
    insta::assert_snapshot!(lines(&scan), @r"
    F_02_MONIKA_S_2_SURPRISE_3].wav surprise F_02 f
    M_02_RASEL_S_10_ANGRY_5.wav anger M_02 m
    ");
    assert_eq!(scan.aside(AsideKind::Unexplained).count(), 1);
    let mut aesdd = Tree::new();
    for name in [
        "anger/a01 (01)",
        "anger/a02 (1)",
        "sadness/s05 (5)b",
        "sadness/s05 (3)",
    ] {
        aesdd.wav(&format!("{name}.wav"));
    }
    let scan = read("aesdd", &aesdd);
    insta::assert_snapshot!(lines(&scan), @r"
    anger/a01 (01).wav anger 1 -
    anger/a02 (1).wav anger 1 -
    sadness/s05 (5)b.wav sadness 5 -
    ");
    assert_eq!(scan.aside(AsideKind::Bad).count(), 1);
    let mut mesd = Tree::new();
    mesd.wav("Anger_C_A_basta_ya.wav");
    mesd.wav("Neutral_F_B_fuego.wav");
    let scan = read("mesd", &mesd);
    insta::assert_snapshot!(lines(&scan), @r"
    Anger_C_A_basta_ya.wav anger - -
    Neutral_F_B_fuego.wav neutral - f
    ");
    assert_eq!(
        entry(&scan, "Anger_C_A_basta_ya.wav").text.as_deref(),
        Some("basta_ya")
    );
    let mut urdu = Tree::new();
    urdu.wav("Angry/SM1_F10_A010.wav");
    urdu.wav("Sad/SF11_F3_S12.wav");
    insta::assert_snapshot!(lines(&read("urdu", &urdu)), @r"
    Angry/SM1_F10_A010.wav anger SM1 m
    Sad/SF11_F3_S12.wav sadness SF11 f
    ");
    let mut emovo = Tree::new();
    emovo.wav("f1/gio-f1-b1.wav");
    emovo.wav("m3/tri-m3-d2.wav");
    insta::assert_snapshot!(lines(&read("emovo", &emovo)), @r"
    f1/gio-f1-b1.wav happiness f1 f
    m3/tri-m3-d2.wav sadness m3 m
    ");
}

#[test]
fn esd_takes_the_emotion_from_the_text_file_or_the_folder_in_any_encoding() {
    let mut tree = Tree::new();
    tree.wav("0001/中立/0001_000001.wav");
    tree.wav("0002/Angry/0002_000351.wav");
    tree.wav("0011/Sad/train/0011_001051.wav");
    tree.wav("0012/Happy/test/0012_000701.wav");
    tree.wav("0013/0013_000701.wav");
    let utf16: Vec<u8> = "\u{feff}0001_000001\t打远一看。\t中立\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    tree.file("0001/0001.txt", utf16);
    let (gb, _, _) =
        encoding_rs::GB18030.encode("0002_000351\t打远一看，它们的确很是美丽。\t生气\n");
    tree.file("0002/0002.txt", gb);
    tree.file(
        "0011/0011.txt",
        b"0011_001051\tThe caf\xe9 of the Rev.\tSad\r\n",
    );
    let scan = read("esd", &tree);
    insta::assert_snapshot!(lines(&scan), @r"
    0001/中立/0001_000001.wav neutral 0001 -
    0002/Angry/0002_000351.wav anger 0002 -
    0011/Sad/train/0011_001051.wav sadness 0011 -
    0012/Happy/test/0012_000701.wav happiness 0012 -
    ");
    insta::assert_snapshot!(aside(&scan), @"unexplained: 0013/0013_000701.wav: no document has a label for it");
    assert_eq!(
        entry(&scan, "0011/Sad/train/0011_001051.wav")
            .transcript
            .as_deref(),
        Some("The café of the Rev.")
    );
    assert_eq!(
        entry(&scan, "0012/Happy/test/0012_000701.wav")
            .split
            .as_deref(),
        Some("test")
    );
    assert_eq!(scan.notes, [""; 0]);
}

#[test]
fn jl_and_shemo_have_transcripts_beside_or_elsewhere() {
    let mut jl = Tree::new();
    jl.wav("JL(wav+txt)/female1_angry_10a_1.wav");
    jl.file(
        "JL(wav+txt)/female1_angry_10a_1.txt",
        "Carl leaps into a jeep.\r\n",
    );
    let scan = read("jl", &jl);
    insta::assert_snapshot!(lines(&scan), @"JL(wav+txt)/female1_angry_10a_1.wav anger female1 f");
    assert_eq!(
        scan.entries[0].transcript.as_deref(),
        Some("Carl leaps into a jeep.")
    );

    let mut shemo = Tree::new();
    shemo.wav("female/F02F01.wav");
    shemo.wav("male/M01W05.wav");
    shemo.file(
        "transcript/final text/F02F01.ort",
        "\u{feff}\u{202b}سلام\u{202c}\n",
    );
    shemo.file("transcript/final text/M09A01.ort", "x");
    let scan = read("shemo", &shemo);
    insta::assert_snapshot!(lines(&scan), @r"
    female/F02F01.wav fear F02 f
    male/M01W05.wav surprise M01 m
    ");
    assert_eq!(scan.entries[0].transcript.as_deref(), Some("سلام"));
    assert_eq!(
        scan.notes,
        [
            "1 .ort without a recording, the first is M09A01",
            "1 recording without a .ort beside it"
        ]
    );
}

#[test]
fn table_corpora_join_their_rows() {
    let mut nemo = Tree::new();
    nemo.wav("samples/SK0_anger_1.wav");
    nemo.wav("samples/KS0_surprised_12.wav");
    nemo.file("data.tsv", "file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage\nKS0_surprised_12\tsurprised\tTekst, taki.\ttekst taki\tKS0        \tmale\t23\n");
    let scan = read("nemo", &nemo);
    insta::assert_snapshot!(lines(&scan), @r"
    samples/KS0_surprised_12.wav surprise KS0 m
    samples/SK0_anger_1.wav anger SK0 -
    ");
    assert_eq!(scan.entries[0].transcript.as_deref(), Some("Tekst, taki."));
    assert_eq!(scan.notes, [""; 0]);

    let mut emotale = Tree::new();
    emotale.wav("wav/DK_003_A_1.wav");
    emotale.file("speaker_info.csv", "speaker,gender,age\n003,female,24\n");
    emotale.file("annotations.csv", "file,a1_A,a1_V,a1_D,a1_cat,a2_A,a2_V,a2_D,a2_cat,a3_A,a3_V,a3_D,a3_cat,gt_emotion\nDK_003_A_1.wav,4,2,3,N,4.5,1.5,3,H,5,1,3,S,A\n");
    let scan = read("emotale", &emotale);
    let first = &scan.entries[0];
    assert_eq!(
        (first.common.as_deref(), first.activation, first.valence),
        (Some("anger"), Some(4.5), Some(1.5))
    );
    assert_eq!(
        (
            first.age,
            first.language.as_deref(),
            first.extra["heard_1"].as_str()
        ),
        (Some(24), Some("dan"), "N")
    );

    let mut msp = Tree::new();
    for name in [
        "MSP-PODCAST_0001_0008",
        "MSP-PODCAST_0001_0009",
        "MSP-PODCAST_0002_0001",
        "MSP-PODCAST_0003_0001",
    ] {
        msp.wav(&format!("Audios/{name}.wav"));
    }
    msp.file("Labels/labels_concensus.csv", "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set\nMSP-PODCAST_0001_0008.wav,N,2.2,4.0,2.6,30,Male,Test1\nMSP-PODCAST_0001_0009.wav,X,2,4,2,Unknown,Unknown,Train\nMSP-PODCAST_0002_0001.wav,O,2,4,2,31,Female,Validation\nMSP-PODCAST_0009_0001.wav,A,1,1,1,1,Male,Train\n");
    let scan = read("msp-podcast", &msp);
    insta::assert_snapshot!(lines(&scan), @r"
    Audios/MSP-PODCAST_0001_0008.wav neutral 30 m
    Audios/MSP-PODCAST_0001_0009.wav - - -
    Audios/MSP-PODCAST_0002_0001.wav - 31 f
    ");
    insta::assert_snapshot!(aside(&scan), @"unexplained: Audios/MSP-PODCAST_0003_0001.wav: no document has a label for it");
    assert_eq!(scan.missing, ["MSP-PODCAST_0009_0001"]);
    let splits: Vec<_> = scan
        .entries
        .iter()
        .map(|entry| entry.split.as_deref().unwrap())
        .collect();
    assert_eq!(splits, ["test", "train", "dev"]);
}

#[test]
fn meld_tells_equal_clip_names_apart_by_their_split() {
    let mut tree = Tree::new();
    for path in [
        "train_splits/dia0_utt1",
        "dev_splits_complete/dia0_utt1",
        "output_repeated_splits_test/dia0_utt1",
        "output_repeated_splits_test/final_videos_testdia0_utt2",
        "train_splits/dia125_utt3",
    ] {
        tree.wav(&format!("MELD.Raw/{path}.mp4"));
    }
    let header = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\r\n";
    for (split, emotion) in [("train", "joy"), ("dev", "fear"), ("test", "neutral")] {
        let row = format!(
            "1,\"Oh, no!\",Ross,{emotion},x,0,1,8,21,\"00:16:16,059\",\"00:16:21,731\"\r\n"
        );
        tree.file(
            &format!("MELD.Raw/{split}_sent_emo.csv"),
            format!("{header}{row}"),
        );
    }
    let scan = read("meld", &tree);
    insta::assert_snapshot!(lines(&scan), @r"
    MELD.Raw/dev_splits_complete/dia0_utt1.mp4 fear Ross -
    MELD.Raw/output_repeated_splits_test/dia0_utt1.mp4 neutral Ross -
    MELD.Raw/train_splits/dia0_utt1.mp4 happiness Ross -
    ");
    insta::assert_snapshot!(aside(&scan), @r"
    bad: MELD.Raw/train_splits/dia125_utt3.mp4: no usable clip
    left out: MELD.Raw/output_repeated_splits_test/final_videos_testdia0_utt2.mp4: clips extracted a second time; the sources disagree whether to use them
    ");
    assert_eq!(scan.entries[0].transcript.as_deref(), Some("Oh, no!"));
}

/// One block of a label file.
fn block(turn: &str, label: &str) -> String {
    format!(
        "[6.2901 - 8.2357]\t{turn}\t{label}\t[2.5000, 3.0000, 2.0000]\nC-E2:\tNeutral;\t()\nC-E3:\tNeutral; Anger;\t(calm, then not)\nC-E4:\tAnger;\t()\nC-F1:\tSadness;\t()\nA-E3:\tval 3; act 3; dom  2;\t()\nA-E4:\tval 2; act 3; dom  ;\t(guarded, tense)\nA-F1:\tval 5; act 5; dom  5;\t()\n\n"
    )
}

const HEADER: &str = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n";

#[test]
fn iemocap_with_all_its_oddities() {
    let mut tree = Tree::new();
    let dialogs: &[(&str, &[(&str, &str)])] = &[
        (
            "Ses01F_impro01",
            &[("F000", "neu"), ("M000", "ang"), ("M001", "xxx")],
        ),
        ("Ses01M_script01_1", &[("F000", "sad"), ("M000", "hap")]),
        ("Ses03M_impro05a", &[("F000", "exc"), ("M000", "fru")]),
        ("Ses05M_script01_1", &[("F000", "fea"), ("M000", "sur")]),
        ("Ses05M_script01_1b", &[("F000", "dis"), ("M000", "oth")]),
    ];
    for (dialog, turns) in dialogs {
        let session = &dialog[4..5];
        let base = format!("IEMOCAP_full_release/Session{session}");
        let mut labels = HEADER.to_string();
        for (turn, label) in *turns {
            labels += &block(&format!("{dialog}_{turn}"), label);
            tree.wav(&format!(
                "{base}/sentences/wav/{dialog}/{dialog}_{turn}.wav"
            ));
        }
        tree.file(&format!("{base}/dialog/EmoEvaluation/{dialog}.txt"), labels);
        tree.file(
            &format!("{base}/dialog/EmoEvaluation/._{dialog}.txt"),
            b"\x00\x05\x16\x07",
        );
        tree.file(
            &format!("{base}/dialog/EmoEvaluation/Categorical/{dialog}_e1_cat.txt"),
            format!("{dialog}_F000 :Fear state; ()\n"),
        );
        tree.file(
            &format!("{base}/dialog/EmoEvaluation/Attribute/{dialog}_e1_atr.txt"),
            format!("{dialog}_F000 :act  5; :val 5; :dom  5; ()\n"),
        );
        tree.file(&format!("{base}/dialog/transcriptions/{dialog}.txt"), format!("{dialog}_F000 [006.2901-008.2357]: Excuse me.\nM: [LAUGHTER]\n{dialog}_MXX0 [008.0000-009.0000]: Hm.\n").as_bytes());
        tree.wav(&format!("{base}/dialog/wav/{dialog}.wav"));
    }
    let base = "IEMOCAP_full_release/Session1/sentences/wav/Ses01F_impro01";
    tree.file(&format!("{base}/._Ses01F_impro01_F000.wav"), "x");
    tree.wav(&format!("{base}/Ses01F_impro01_M009.wav"));
    tree.wav(&format!("{base}/foreign.wav"));
    let scan = read("iemocap", &tree);
    let told: Vec<String> = scan
        .entries
        .iter()
        .map(|e| {
            format!(
                "{} {} {} {}",
                e.path.rsplit('/').next().unwrap(),
                e.code,
                e.speaker.as_deref().unwrap(),
                e.session.as_deref().unwrap()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    Ses01F_impro01_F000.wav neu Ses01_F 1
    Ses01F_impro01_M000.wav ang Ses01_M 1
    Ses01F_impro01_M001.wav xxx Ses01_M 1
    Ses01M_script01_1_F000.wav sad Ses01_F 1
    Ses01M_script01_1_M000.wav hap Ses01_M 1
    Ses03M_impro05a_F000.wav exc Ses03_F 3
    Ses03M_impro05a_M000.wav fru Ses03_M 3
    Ses05M_script01_1_F000.wav fea Ses05_F 5
    Ses05M_script01_1_M000.wav sur Ses05_M 5
    Ses05M_script01_1b_F000.wav dis Ses05_F 5
    Ses05M_script01_1b_M000.wav oth Ses05_M 5
    ");
    let unexplained: Vec<&str> = scan
        .aside(AsideKind::Unexplained)
        .map(|aside| aside.why.as_str())
        .collect();
    assert_eq!(
        unexplained,
        [
            "no document has a label for it",
            "its name does not fit the corpus"
        ]
    );
    let first = &scan.entries[0];
    assert_eq!(
        (first.valence, first.activation, first.dominance),
        (Some(2.5), Some(3.0), Some(2.0))
    );
    assert_eq!(first.transcript.as_deref(), Some("Excuse me."));
    assert_eq!(first.extra["kind"], "improvised");
    assert_eq!(
        first.extra["raters"],
        "E2:neutral E3:neutral+anger E4:anger"
    );
    assert_eq!(first.extra["self_report"], "F1:sadness");
    assert_eq!(first.extra["dialog_start"], "6.2901");
    assert_eq!(first.part, None);
    assert_eq!(scan.notes, [""; 0]);
    assert_eq!(scan.missing, [""; 0]);
}

#[test]
fn the_report_of_a_partial_copy_reads_well() {
    let mut tree = Tree::new();
    for name in ["DC/a01", "JE/a01", "JE/n30"] {
        tree.wav(&format!("{name}.wav"));
    }
    tree.wav("DC/copy/x/strange.wav");
    let catalogue = Catalogue::built_in();
    let corpus = catalogue.corpus("savee").unwrap();
    let scan = scan(corpus, tree.root()).unwrap();
    let check = Check::new(corpus, &scan);
    assert!(!check.is_clean());
    let text = check
        .render()
        .replace(&tree.root().display().to_string(), "ROOT");
    insta::assert_snapshot!(text, @r"
    savee: SAVEE: Surrey Audio-Visual Expressed Emotion
    ROOT: 3 of 480 recordings

      label  native     common          found  expected
      a      anger      anger               2        60  part
      d      disgust    disgust             0        60  none
      f      fear       fear                0        60  none
      h      happiness  happiness           0        60  none
      n      neutral    neutral             1       120  part
      sa     sadness    sadness             0        60  none
      su     surprise   surprise            0        60  none

      speaker  gender  age  found  expected
      DC       m         -      1       120  part
      JE       m         -      2       120  part
      JK       m         -      0       120  none
      KL       m         -      0       120  none

    1 unexplained: not used; rename them, or describe them in a file for --corpora
      DC/copy/x/strange.wav: its name does not fit the corpus
    ");
}

#[test]
fn a_table_with_start_and_end_gives_the_parts_of_its_files() {
    let mut tree = Tree::new();
    tree.wav("talk.wav");
    tree.file(
        "parts.csv",
        "path;from;to;what\ntalk.wav;0,01;0,05;a\ntalk.wav;0,05;;b\n",
    );
    let mut catalogue = Catalogue::built_in();
    catalogue
        .add("[corpus.talks]\ntitle = 'Talks'\nlabels = { a = 'anger', b = 'fear' }\ntables = [{ file = '^parts.csv$', key = { file = 'path' }, facts = { emotion = 'what', start = 'from', end = 'to' } }]", "t")
        .unwrap();
    let scan = scan(catalogue.corpus("talks").unwrap(), tree.root()).unwrap();
    let parts: Vec<_> = scan
        .entries
        .iter()
        .map(|entry| (entry.code.as_str(), entry.part))
        .collect();
    assert_eq!(
        parts,
        [("a", Some((0.01, Some(0.05)))), ("b", Some((0.05, None)))]
    );
}

#[test]
fn every_class_of_a_named_map_comes_from_a_label_of_some_corpus() {
    let catalogue = Catalogue::built_in();
    let map = LabelMap::named("four-excited", &catalogue).unwrap();
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for corpus in catalogue.corpora() {
        for code in corpus.labels.keys() {
            if let Some(class) = map.class_of(corpus, code) {
                *classes.entry(class.to_string()).or_default() += 1;
            }
        }
    }
    assert_eq!(
        classes.into_keys().collect::<Vec<_>>(),
        ["angry", "happy", "neutral", "sad"]
    );
}
