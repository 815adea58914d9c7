//! Label maps: which classes a study has, and which of them a recording belongs to.
//!
//! `native` keeps every corpus's own words, `common` the common emotions; both keep recordings without such a label, for their valence and
//! activation. The named maps of `corpora.toml` choose: what they do not list is left out.

use std::collections::BTreeMap;

use super::catalogue::Catalogue;
use super::corpus::Corpus;
use super::entry::Entry;
use super::error::Error;

/// A way to make classes of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelMap {
    /// The corpora's own words.
    Native,
    /// The common emotions.
    Common,
    /// Those of a map of `corpora.toml`.
    Named {
        /// Its name.
        name: String,
        /// Class by common emotion.
        classes: BTreeMap<String, String>,
    },
}

impl LabelMap {
    /// The map called `name`.
    ///
    /// # Errors
    /// [`Error::UnknownMap`] with those there are.
    pub fn named(name: &str, catalogue: &Catalogue) -> Result<LabelMap, Error> {
        match name {
            "native" => return Ok(LabelMap::Native),
            "common" => return Ok(LabelMap::Common),
            _ => {}
        }
        let own = || catalogue.corpora().flat_map(|corpus| corpus.maps.keys());
        match catalogue.maps.get(name) {
            Some(classes) => Ok(LabelMap::Named {
                name: name.into(),
                classes: classes.clone(),
            }),
            None if own().any(|known| known == name) => Ok(LabelMap::Named {
                name: name.into(),
                classes: BTreeMap::new(),
            }),
            None => {
                let mut known: Vec<&str> = catalogue
                    .maps
                    .keys()
                    .chain(own())
                    .map(String::as_str)
                    .collect();
                known.extend(["common", "native"]);
                known.sort_unstable();
                known.dedup();
                Err(Error::UnknownMap {
                    name: name.into(),
                    known: known.join(", "),
                })
            }
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            LabelMap::Native => "native",
            LabelMap::Common => "common",
            LabelMap::Named { name, .. } => name,
        }
    }

    /// The class of a recording, if it has one.
    pub fn class<'a>(&'a self, corpus: &'a Corpus, entry: &'a Entry) -> Option<&'a str> {
        self.class_of(corpus, &entry.code)
    }

    /// The class of a label's code, if it has one.
    pub fn class_of<'a>(&'a self, corpus: &'a Corpus, code: &str) -> Option<&'a str> {
        let label = corpus.labels.get(code)?;
        match self {
            LabelMap::Native => Some(&label.native),
            LabelMap::Common => label.common.as_deref(),
            LabelMap::Named { name, classes } => match corpus.maps.get(name) {
                Some(own) => own.get(code).map(String::as_str),
                None => classes.get(label.common.as_ref()?).map(String::as_str),
            },
        }
    }

    /// Whether a recording without a class stays in the table.
    pub fn keeps_unlabelled(&self) -> bool {
        !matches!(self, LabelMap::Named { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excitement_is_happy_only_where_the_map_says_so() {
        let catalogue = Catalogue::built_in();
        let iemocap = catalogue.corpus("iemocap").unwrap();
        let class = |map: &str, code: &str| {
            let map = LabelMap::named(map, &catalogue).unwrap();
            map.class_of(iemocap, code).map(String::from)
        };
        assert_eq!(class("four", "exc"), None);
        assert_eq!(class("four-excited", "exc").as_deref(), Some("happy"));
        assert_eq!(class("four", "hap").as_deref(), Some("happy"));
        assert_eq!(class("common", "xxx"), None);
        assert_eq!(class("native", "xxx").as_deref(), Some("no agreement"));
    }

    #[test]
    fn the_maps_give_the_published_numbers_of_iemocap() {
        let catalogue = Catalogue::built_in();
        let iemocap = catalogue.corpus("iemocap").unwrap();
        let total = |map: &str| -> usize {
            let map = LabelMap::named(map, &catalogue).unwrap();
            let counts = iemocap.expected.labels.iter();
            counts
                .filter(|(code, _)| map.class_of(iemocap, code).is_some())
                .map(|(_, n)| n)
                .sum()
        };
        assert_eq!((total("four"), total("four-excited")), (4490, 5531));
    }

    #[test]
    fn an_unknown_map_is_answered_with_those_there_are() {
        let error = LabelMap::named("five", &Catalogue::built_in())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "no label map is called \"five\"; there are common, four, four-excited, native"
        );
    }

    #[test]
    fn a_corpus_may_have_classes_of_its_own() {
        let mut catalogue = Catalogue::built_in();
        let text = "[corpus.x]\ntitle = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger', b = 'fear' }\nmaps.arousal = { a = 'high' }";
        catalogue.add(text, "test").unwrap();
        let map = LabelMap::named("arousal", &catalogue).unwrap();
        let corpus = catalogue.corpus("x").unwrap();
        assert_eq!(map.class_of(corpus, "a"), Some("high"));
        assert_eq!(map.class_of(corpus, "b"), None);
    }
}
